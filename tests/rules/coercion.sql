-- A value is pushed only if, after the engine's own coercion, it has the column's type.

-- case: a text against a number is read as the number
SELECT id FROM topups WHERE amount > '5'
-- request: GET /v1/topups?amount[gt]=5

-- case: a text with a fraction is rounded as the engine rounds it
SELECT id FROM topups WHERE amount >= '5.5'
-- request: GET /v1/topups?amount[gte]=6

-- case: a text that is no number stays
SELECT id FROM topups WHERE amount > 'many'
-- request: GET /v1/topups
-- residual: amount > 'many'

-- case: a decimal against a number stays
SELECT id FROM topups WHERE amount > 5.5
-- request: GET /v1/topups
-- residual: amount > 5.5

-- case: a double against a number stays
SELECT id FROM topups WHERE amount > 5e0
-- request: GET /v1/topups
-- residual: amount > 5e0

-- case: a narrow integer is a number
SELECT id FROM topups WHERE amount > 5::TINYINT
-- request: GET /v1/topups?amount[gt]=5

-- case: a number beyond 64 bits is still compared
SELECT id FROM topups WHERE amount < 99999999999999999999
-- request: GET /v1/topups?amount[lt]=99999999999999999999

-- case: a boolean against a number stays
SELECT id FROM topups WHERE amount = TRUE
-- request: GET /v1/topups
-- residual: amount = TRUE

-- case: a text against a boolean is read as the boolean
SELECT id FROM products WHERE active = 'yes'
-- request: GET /v1/products?active=true

-- case: a letter against a boolean
SELECT id FROM products WHERE active = 'f'
-- request: GET /v1/products?active=false

-- case: a text that is no boolean stays
SELECT id FROM products WHERE active = 'maybe'
-- request: GET /v1/products
-- residual: active = 'maybe'

-- case: a number against a boolean stays
SELECT id FROM products WHERE active = 1
-- request: GET /v1/products
-- residual: active = 1

-- case: a text in the list of a boolean
SELECT id FROM products WHERE active IN ('true')
-- request: GET /v1/products?active=true

-- case: a number against a text stays
SELECT id FROM charges WHERE customer = 5
-- request: GET /v1/charges
-- residual: customer = 5

-- case: a number in a list of texts keeps the list
SELECT id FROM charges WHERE customer IN ('cus_1', 5)
-- request: GET /v1/charges
-- residual: customer IN ('cus_1', 5)

-- case: a text that the engine computes is a text
SELECT id FROM charges WHERE customer = concat('cus', '_1')
-- request: GET /v1/charges?customer=cus_1

-- case: a text cast to VARCHAR is a text
SELECT id FROM charges WHERE customer = CAST(5 AS VARCHAR)
-- request: GET /v1/charges?customer=5

-- case: a UUID is not a text
SELECT id FROM charges WHERE customer = UUID '00000000-0000-0000-0000-000000000000'
-- request: GET /v1/charges
-- residual: customer = CAST('00000000-0000-0000-0000-000000000000' AS UUID)

-- case: a column cast to a number is not the column
SELECT id FROM charges WHERE CAST(customer AS INTEGER) = 5
-- request: GET /v1/charges
-- residual: CAST(customer AS INT) = 5

-- case: a number column cast to text is not the column
SELECT id FROM topups WHERE CAST(amount AS VARCHAR) = '5'
-- request: GET /v1/topups
-- residual: CAST(amount AS TEXT) = '5'

-- case: TRY_CAST is not looked into
SELECT id FROM charges WHERE TRY_CAST(customer AS VARCHAR) = 'cus_1'
-- request: GET /v1/charges
-- residual: TRY_CAST(customer AS TEXT) = 'cus_1'

-- case: a collation of the column keeps it back
SELECT id FROM customers WHERE email COLLATE NOCASE = 'a@example.com'
-- request: GET /v1/customers
-- residual: email COLLATE NOCASE = 'a@example.com'

-- case: a collation inside a list keeps the list back
SELECT id FROM customers WHERE email IN ('a@example.com' COLLATE NOCASE)
-- request: GET /v1/customers
-- residual: email IN ('a@example.com' COLLATE NOCASE)

-- case: a text with a trailing space is that text
SELECT id FROM customers WHERE email = 'a@example.com '
-- request: GET /v1/customers?email=a@example.com 

-- case: JSON is never pushed
SELECT id FROM charges WHERE metadata = '{}'
-- request: GET /v1/charges
-- residual: metadata = '{}'

-- case: half of a mixed BETWEEN is pushed and all of it is checked
SELECT id FROM topups WHERE amount BETWEEN 2.5 AND 10
-- request: GET /v1/topups?amount[lte]=10
-- residual: amount BETWEEN 2.5 AND 10

-- case: a value that fails to compute stays
SELECT id FROM topups WHERE amount = CAST('x' AS INTEGER)
-- request: GET /v1/topups
-- residual: amount = CAST('x' AS INT)
