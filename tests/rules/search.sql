-- Stripe's Search, where allow_stale_search is on: what is searched for, and where a row may be missed.

-- case: a metadata value is searched for
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata['order_id'] = '6735'
-- request: GET /v1/customers/search?query=metadata["order_id"]:"6735"
-- residual: metadata['order_id'] = '6735'

-- case: a dotted metadata key is the same
-- set: allow_stale_search
SELECT id FROM customers c WHERE c.metadata.order_id = '6735'
-- request: GET /v1/customers/search?query=metadata["order_id"]:"6735"
-- residual: c.metadata.order_id = '6735'

-- case: a key taken by an arrow is the same
-- set: allow_stale_search
SELECT id FROM customers WHERE '6735' = metadata->>'/order_id'
-- request: GET /v1/customers/search?query=metadata["order_id"]:"6735"
-- residual: '6735' = (metadata ->> '/order_id')

-- case: nothing is searched for without the setting
SELECT id FROM customers WHERE metadata['order_id'] = '6735'
-- request: GET /v1/customers
-- residual: metadata['order_id'] = '6735'

-- case: a quote and a backslash are escaped
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata.k = 'a"b\c'
-- request: GET /v1/customers/search?query=metadata["k"]:"a\"b\\c"
-- residual: metadata.k = 'a"b\c'

-- case: a key with a quote is not written
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata['a"b'] = 'x'
-- request: GET /v1/customers
-- residual: metadata['a"b'] = 'x'

-- case: a value with a line break is not searched for
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata.k = 'a' || chr(10) || 'b'
-- request: GET /v1/customers
-- residual: metadata.k = 'a' || CHR(10) || 'b'

-- case: a number compared with metadata is no text
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata.k = 5
-- request: GET /v1/customers
-- residual: metadata.k = 5

-- case: a metadata key deeper than one is not searched for
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata['a']['b'] = 'x'
-- request: GET /v1/customers
-- residual: metadata['a']['b'] = 'x'

-- case: a metadata value is not negated
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata.k <> 'x'
-- request: GET /v1/customers
-- residual: metadata.k <> 'x'

-- case: several metadata values are joined by OR
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata.k IN ('x', 'y', NULL)
-- request: GET /v1/customers
-- residual: metadata.k IN ('x', 'y', NULL)

-- case: several texts of a metadata key are one search
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata.k IN ('x', 'y')
-- request: GET /v1/customers/search?query=metadata["k"]:"x" OR metadata["k"]:"y"
-- residual: metadata.k IN ('x', 'y')

-- case: terms are joined by AND, the narrowest first
-- set: allow_stale_search
SELECT id FROM charges WHERE amount >= 5000 AND currency = 'eur' AND metadata.k = 'x'
-- request: GET /v1/charges/search?query=metadata["k"]:"x" AND currency:"eur" AND amount>=5000
-- residual: amount >= 5000
-- residual: currency = 'eur'
-- residual: metadata.k = 'x'

-- case: a time is searched for in whole seconds, widened
-- set: allow_stale_search
SELECT id FROM charges WHERE metadata.k = 'x' AND created > TIMESTAMPTZ '2024-05-01 00:00:00.5+00' AND created < TIMESTAMPTZ '2024-05-02 00:00:00+00'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00+00:00}&created[lt]={2024-05-02T00:00:00+00:00}
-- residual: created < CAST('2024-05-02 00:00:00+00' AS TIMESTAMPTZ)
-- residual: created > CAST('2024-05-01 00:00:00.5+00' AS TIMESTAMPTZ)
-- residual: metadata.k = 'x'

-- case: what a time and a value leave together is one search
-- set: allow_stale_search
SELECT id FROM charges WHERE metadata.k = 'x' AND created > TIMESTAMPTZ '2021-05-01 00:00:00.5+00' AND created <= TIMESTAMPTZ '2024-04-02 00:00:00.5+00'
-- request: GET /v1/charges/search?query=metadata["k"]:"x" AND created>=1619827200 AND created<=1712016001
-- residual: created <= CAST('2024-04-02 00:00:00.5+00' AS TIMESTAMPTZ)
-- residual: created > CAST('2021-05-01 00:00:00.5+00' AS TIMESTAMPTZ)
-- residual: metadata.k = 'x'

-- case: a part of a text is searched for
-- set: allow_stale_search
SELECT id FROM customers WHERE email LIKE '%@example.com'
-- request: GET /v1/customers/search?query=email~"@example.com"
-- residual: email LIKE '%@example.com'

-- case: the longest part of a pattern is searched for
-- set: allow_stale_search
SELECT id FROM customers WHERE name ILIKE '%ltd%_gmbh%a'
-- request: GET /v1/customers/search?query=name~"gmbh"
-- residual: name ILIKE '%ltd%_gmbh%a'

-- case: a prefix of a text is a part of it
-- set: allow_stale_search
SELECT id FROM customers WHERE starts_with(name, 'Acme')
-- request: GET /v1/customers/search?query=name~"Acme"
-- residual: STARTS_WITH(name, 'Acme')

-- case: contains is a part of a text
-- set: allow_stale_search
SELECT id FROM customers WHERE contains(phone, '+4930')
-- request: GET /v1/customers/search?query=phone~"+4930"
-- residual: CONTAINS(phone, '+4930')

-- case: two letters are too few for a part
-- set: allow_stale_search
SELECT id FROM customers WHERE name LIKE '%ab%'
-- request: GET /v1/customers
-- residual: name LIKE '%ab%'

-- case: another case of letters beyond ASCII is not searched for
-- set: allow_stale_search
SELECT id FROM customers WHERE name ILIKE '%straße%'
-- request: GET /v1/customers
-- residual: name ILIKE '%straße%'

-- case: a pattern with an escape is not read
-- set: allow_stale_search
SELECT id FROM customers WHERE name LIKE '%abc!%%' ESCAPE '!'
-- request: GET /v1/customers
-- residual: name LIKE '%abc!%%' ESCAPE '!'

-- case: lower of a text is searched for in any case
-- set: allow_stale_search
SELECT id FROM customers WHERE lower(name) = 'acme ltd'
-- request: GET /v1/customers/search?query=name~"acme ltd"
-- residual: LOWER(name) = 'acme ltd'

-- case: a list that is as short is read instead
-- set: allow_stale_search
SELECT id FROM customers WHERE email = 'a@example.com' AND name = 'Ada'
-- request: GET /v1/customers?email=a@example.com
-- residual: name = 'Ada'

-- case: a field that cannot be searched is not
-- set: allow_stale_search
SELECT id FROM customers WHERE description LIKE '%abc%'
-- request: GET /v1/customers
-- residual: description LIKE '%abc%'

-- case: OR is one search where each side can be searched for
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata.k = 'x' OR name LIKE '%acme%'
-- request: GET /v1/customers/search?query=metadata["k"]:"x" OR name~"acme"
-- residual: metadata.k = 'x' OR name LIKE '%acme%'

-- case: OR with a side that cannot be searched for is a list
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata.k = 'x' OR balance = 5
-- request: GET /v1/customers
-- residual: metadata.k = 'x' OR balance = 5

-- case: AND within OR leaves the narrowest clause of each side
-- set: allow_stale_search
SELECT id FROM customers WHERE (metadata.k = 'x' AND name LIKE '%acme%') OR (phone = '+49301234567' AND balance = 5)
-- request: GET /v1/customers/search?query=metadata["k"]:"x" OR phone:"+49301234567"
-- residual: (metadata.k = 'x' AND name LIKE '%acme%') OR (phone = '+49301234567' AND balance = 5)

-- case: a union of a list and a search
-- set: allow_stale_search
SELECT id FROM subscriptions WHERE metadata.k = 'x' OR customer = 'cus_1'
-- request: GET /v1/subscriptions/search?query=metadata["k"]:"x"
-- request: GET /v1/subscriptions?status=all&customer=cus_1
-- residual: metadata.k = 'x' OR customer = 'cus_1'

-- case: flags and words are tokens
-- set: allow_stale_search
SELECT id FROM charges WHERE disputed AND status = 'failed'
-- request: GET /v1/charges/search?query=status:"failed" AND disputed:"true"
-- residual: disputed
-- residual: status = 'failed'

-- case: a negative number is not searched for
-- set: allow_stale_search
SELECT id FROM charges WHERE amount > -5 AND metadata.k = 'x'
-- request: GET /v1/charges/search?query=metadata["k"]:"x"
-- residual: amount > -5
-- residual: metadata.k = 'x'

-- case: a count is never searched
-- set: allow_stale_search
SELECT count(*) FROM customers WHERE metadata.k = 'x'
-- request: GET /v1/customers
-- residual: metadata.k = 'x'

-- case: groups are never searched
-- set: allow_stale_search
SELECT email FROM customers WHERE metadata.k = 'x' GROUP BY email
-- request: GET /v1/customers
-- residual: metadata.k = 'x'

-- case: DISTINCT may be searched
-- set: allow_stale_search
SELECT DISTINCT email FROM customers WHERE metadata.k = 'x'
-- request: GET /v1/customers/search?query=metadata["k"]:"x"
-- residual: metadata.k = 'x'

-- case: a row that is missed lets no other one into the first ten
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata.k = 'x' ORDER BY created DESC LIMIT 10
-- request: GET /v1/customers
-- residual: metadata.k = 'x'

-- case: any ten rows may be searched
-- set: allow_stale_search
SELECT id FROM customers WHERE metadata.k = 'x' LIMIT 10
-- request: GET /v1/customers/search?query=metadata["k"]:"x"
-- residual: metadata.k = 'x'

-- case: a window sees other rows
-- set: allow_stale_search
SELECT id, row_number() OVER (ORDER BY id) FROM customers WHERE metadata.k = 'x'
-- request: GET /v1/customers
-- residual: metadata.k = 'x'

-- case: an unknown function may be an aggregate
-- set: allow_stale_search
SELECT histogram(email) FROM customers WHERE metadata.k = 'x'
-- request: GET /v1/customers
-- residual: metadata.k = 'x'

-- case: a semi-join may be searched
-- set: allow_stale_search
SELECT id FROM events WHERE id IN (SELECT metadata.event FROM customers WHERE metadata.k = 'x')
-- request: GET /v1/events
-- request: GET /v1/customers/search?query=metadata["k"]:"x"
-- residual: id IN (SELECT metadata.event FROM customers WHERE metadata.k = 'x')
-- residual: metadata.k = 'x'

-- case: NOT IN is never searched
-- set: allow_stale_search
SELECT id FROM topups WHERE id NOT IN (SELECT metadata.topup FROM customers WHERE metadata.k = 'x')
-- request: GET /v1/topups
-- request: GET /v1/customers
-- residual: NOT id IN (SELECT metadata.topup FROM customers WHERE metadata.k = 'x')
-- residual: metadata.k = 'x'

-- case: EXISTS is searched, NOT EXISTS is not
-- set: allow_stale_search
SELECT t.id FROM topups t WHERE EXISTS (SELECT 1 FROM customers c WHERE c.metadata.k = 'x' AND c.name = t.description) AND NOT EXISTS (SELECT 1 FROM products p WHERE p.metadata.k = 'x' AND p.name = t.description)
-- request: GET /v1/topups
-- request: GET /v1/customers/search?query=metadata["k"]:"x"
-- request: GET /v1/products
-- residual: EXISTS(SELECT 1 FROM customers AS c WHERE c.metadata.k = 'x' AND c.name = t.description)
-- residual: NOT EXISTS(SELECT 1 FROM products AS p WHERE p.metadata.k = 'x' AND p.name = t.description)
-- residual: c.metadata.k = 'x'
-- residual: c.name = t.description
-- residual: p.metadata.k = 'x'
-- residual: p.name = t.description

-- case: the side that NULLs stand for is never searched
-- set: allow_stale_search
SELECT t.id, c.id FROM topups t LEFT JOIN customers c ON c.name = t.description AND c.metadata.k = 'x'
-- request: GET /v1/topups
-- request: GET /v1/customers
-- residual: c.metadata.k = 'x'

-- case: the side that an outer join keeps may be searched
-- set: allow_stale_search
SELECT t.id, c.id FROM customers c LEFT JOIN topups t ON c.name = t.description WHERE c.metadata.k = 'x'
-- request: GET /v1/topups
-- request: GET /v1/customers/search?query=metadata["k"]:"x"
-- residual: c.metadata.k = 'x'

-- case: the right side of an anti-join is never searched
-- set: allow_stale_search
SELECT t.id FROM topups t ANTI JOIN customers c ON c.name = t.description AND c.metadata.k = 'x'
-- request: GET /v1/topups
-- request: GET /v1/customers
-- residual: c.metadata.k = 'x'

-- case: the left side of EXCEPT may be searched, the right one not
-- set: allow_stale_search
SELECT name FROM customers WHERE metadata.k = 'x' EXCEPT SELECT name FROM products WHERE metadata.k = 'x'
-- request: GET /v1/customers/search?query=metadata["k"]:"x"
-- request: GET /v1/products
-- residual: metadata.k = 'x'

-- case: both sides of UNION may be searched
-- set: allow_stale_search
SELECT name FROM customers WHERE metadata.k = 'x' UNION SELECT name FROM products WHERE metadata.k = 'x'
-- request: GET /v1/customers/search?query=metadata["k"]:"x"
-- request: GET /v1/products/search?query=metadata["k"]:"x"
-- residual: metadata.k = 'x'

-- case: a subquery passes rows on to be counted
-- set: allow_stale_search
SELECT count(*) FROM (SELECT id FROM customers WHERE metadata.k = 'x') t
-- request: GET /v1/customers
-- residual: metadata.k = 'x'

-- case: a subquery passes rows on one by one
-- set: allow_stale_search
SELECT id FROM (SELECT * FROM customers) t WHERE name LIKE '%acme%'
-- request: GET /v1/customers/search?query=name~"acme"
-- residual: name LIKE '%acme%'

-- case: a CTE that is read once passes rows on
-- set: allow_stale_search
WITH t AS (SELECT id, name FROM customers WHERE metadata.k = 'x') SELECT name FROM t
-- request: GET /v1/customers/search?query=metadata["k"]:"x"
-- residual: metadata.k = 'x'

-- case: a CTE that is read twice is not searched
-- set: allow_stale_search
WITH t AS (SELECT id, name FROM customers WHERE metadata.k = 'x') SELECT a.name FROM t a JOIN t b ON a.name = b.name
-- request: GET /v1/customers
-- residual: metadata.k = 'x'

-- case: a scalar subquery is never searched
-- set: allow_stale_search
SELECT id FROM topups WHERE description = (SELECT name FROM customers WHERE metadata.k = 'x')
-- request: GET /v1/topups
-- request: GET /v1/customers
-- residual: description = (SELECT name FROM customers WHERE metadata.k = 'x')
-- residual: metadata.k = 'x'

-- case: a parameter without a column needs its list
-- set: allow_stale_search
SELECT id FROM subscriptions WHERE price = 'price_1' AND metadata.k = 'x'
-- request: GET /v1/subscriptions?status=all&price=price_1
-- residual: metadata.k = 'x'

-- case: a sample is not searched
-- set: allow_stale_search
SELECT id FROM customers TABLESAMPLE 10 ROWS WHERE metadata.k = 'x'
-- request: GET /v1/customers
-- residual: metadata.k = 'x'
