-- What no row can satisfy costs no request.

-- case: two values at once
SELECT id FROM charges WHERE id = 'ch_1' AND id = 'ch_2'

-- case: two values of a column that has no parameter
SELECT id FROM charges WHERE status = 'succeeded' AND status = 'failed'

-- case: an empty range
SELECT id FROM charges WHERE created > '2024-05-01' AND created < '2024-05-01'

-- case: a range that ends before it begins
SELECT id FROM charges WHERE created >= '2024-05-02' AND created <= '2024-05-01'

-- case: a range of one instant is not empty
SELECT id FROM charges WHERE created >= '2024-05-01' AND created <= '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}&created[lte]={2024-05-01T00:00:00Z}

-- case: BETWEEN with its ends exchanged
SELECT id FROM charges WHERE created BETWEEN '2024-05-02' AND '2024-05-01'

-- case: BETWEEN SYMMETRIC does not mind
SELECT id FROM charges WHERE created BETWEEN SYMMETRIC '2024-05-02' AND '2024-05-01'
-- request: GET /v1/charges
-- residual: (created BETWEEN '2024-05-02' AND '2024-05-01' OR created BETWEEN '2024-05-01' AND '2024-05-02')

-- case: a value outside a range of numbers
SELECT id FROM topups WHERE amount = 5 AND amount > 10

-- case: FALSE
SELECT id FROM charges WHERE FALSE

-- case: NULL is not TRUE
SELECT id FROM charges WHERE NULL

-- case: a constant that the engine finds false
SELECT id FROM charges WHERE 1 = 2 AND customer = 'cus_1'

-- case: a constant that the engine finds true says nothing
SELECT id FROM charges WHERE 1 + 1 = 2
-- request: GET /v1/charges

-- case: a boolean and its opposite
SELECT id FROM products WHERE active AND NOT active

-- case: a value and NULL
SELECT id FROM charges WHERE customer = 'cus_1' AND customer IS NULL

-- case: NULL and not NULL
SELECT id FROM charges WHERE customer IS NULL AND customer IS NOT NULL

-- case: all branches of OR are impossible
SELECT id FROM charges WHERE (id = 'ch_1' AND id = 'ch_2') OR 1 = 2

-- case: an impossible branch leaves the other
SELECT id FROM charges WHERE customer = 'cus_1' OR (id = 'ch_1' AND id = 'ch_2')
-- request: GET /v1/charges?customer=cus_1
-- residual: customer = 'cus_1' OR (id = 'ch_1' AND id = 'ch_2')

-- case: LIMIT 0
SELECT id FROM charges LIMIT 0

-- case: a contradiction on one side of an inner join stops that side
SELECT 1 FROM charges c JOIN customers u ON u.currency = c.currency WHERE u.balance = 1 AND u.balance = 2
-- request: GET /v1/charges

-- case: a contradiction in one arm of a UNION stops that arm
SELECT id FROM charges WHERE FALSE UNION ALL SELECT id FROM customers
-- request: GET /v1/customers

-- case: a contradiction inside NOT EXISTS is of the inner table alone
SELECT id FROM customers WHERE NOT EXISTS (SELECT 1 FROM charges WHERE FALSE)
-- request: GET /v1/customers
-- residual: NOT EXISTS(SELECT 1 FROM charges WHERE FALSE)

-- case: an aggregate over nothing still asks nothing
SELECT count(*) FROM charges WHERE FALSE
