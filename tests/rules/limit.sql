-- LIMIT travels only when every predicate was pushed exactly and nothing stands between.

-- case: a limit travels
SELECT id FROM charges LIMIT 10
-- request: GET /v1/charges
-- limit: 10

-- case: an offset is added to it
SELECT id FROM charges LIMIT 10 OFFSET 5
-- request: GET /v1/charges
-- limit: 15

-- case: OFFSET before LIMIT
SELECT id FROM charges OFFSET 5 LIMIT 10
-- request: GET /v1/charges
-- limit: 15

-- case: FETCH FIRST is a limit
SELECT id FROM charges FETCH FIRST 4 ROWS ONLY
-- request: GET /v1/charges
-- limit: 4

-- case: an exact predicate lets it pass
SELECT id FROM charges WHERE customer = 'cus_1' AND created >= '2024-05-01' LIMIT 10
-- request: GET /v1/charges?customer=cus_1&created[gte]={2024-05-01T00:00:00Z}
-- limit: 10

-- case: a residual predicate stops it
SELECT id FROM charges WHERE amount > 5 LIMIT 10
-- request: GET /v1/charges
-- residual: amount > 5

-- case: a predicate beside the exact one stops it
SELECT id FROM charges WHERE customer = 'cus_1' AND paid LIMIT 10
-- request: GET /v1/charges?customer=cus_1
-- residual: paid

-- case: a widened predicate stops it
SELECT id FROM charges WHERE created >= '2024-05-01 00:00:00.5' LIMIT 10
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}
-- residual: created >= '2024-05-01 00:00:00.5'

-- case: half of BETWEEN pushed stops it
SELECT id FROM topups WHERE amount BETWEEN 5 AND 10.5 LIMIT 10
-- request: GET /v1/topups?amount[gte]=5
-- residual: amount BETWEEN 5 AND 10.5

-- case: a predicate that names no column of the table stops it
SELECT id FROM charges WHERE random() < 0.5 LIMIT 10
-- request: GET /v1/charges
-- residual: RANDOM() < 0.5

-- case: a predicate over an alias of the select list stops it
SELECT amount * 2 AS twice FROM charges WHERE twice > 5 LIMIT 10
-- request: GET /v1/charges
-- residual: twice > 5

-- case: ORDER BY stops it
SELECT id FROM charges ORDER BY amount LIMIT 10
-- request: GET /v1/charges

-- case: DISTINCT stops it
SELECT DISTINCT currency FROM charges LIMIT 10
-- request: GET /v1/charges

-- case: DISTINCT ON stops it
SELECT DISTINCT ON (currency) id FROM charges LIMIT 10
-- request: GET /v1/charges

-- case: an aggregate stops it
SELECT count(*) FROM charges LIMIT 10
-- request: GET /v1/charges

-- case: an aggregate inside an expression stops it
SELECT 1 + max(amount) FROM charges LIMIT 10
-- request: GET /v1/charges

-- case: GROUP BY stops it
SELECT currency FROM charges GROUP BY currency LIMIT 10
-- request: GET /v1/charges

-- case: HAVING stops it
SELECT 1 FROM charges HAVING count(*) > 5 LIMIT 10
-- request: GET /v1/charges

-- case: a window stops it
SELECT id, row_number() OVER () FROM charges LIMIT 10
-- request: GET /v1/charges

-- case: QUALIFY stops it
SELECT id FROM charges QUALIFY row_number() OVER (ORDER BY id) = 1 LIMIT 10
-- request: GET /v1/charges

-- case: UNNEST stops it, it may give no row
SELECT unnest([1, 2]), id FROM charges LIMIT 10
-- request: GET /v1/charges

-- case: a function that the parser does not know stops it
SELECT mystery(id) FROM charges LIMIT 10
-- request: GET /v1/charges

-- case: plain expressions let it pass
SELECT upper(currency), amount / 100.0, created + INTERVAL 1 DAY, CASE WHEN paid THEN 1 ELSE 0 END FROM charges LIMIT 10
-- request: GET /v1/charges
-- limit: 10

-- case: a join stops it
SELECT c.id FROM charges c JOIN customers u ON u.currency = c.currency LIMIT 10
-- request: GET /v1/charges
-- request: GET /v1/customers

-- case: a comma join stops it
SELECT c.id FROM charges c, customers u LIMIT 10
-- request: GET /v1/charges
-- request: GET /v1/customers

-- case: a set operation stops it
SELECT id FROM charges UNION ALL SELECT id FROM customers LIMIT 10
-- request: GET /v1/charges
-- request: GET /v1/customers

-- case: a limit inside parentheses belongs to its own arm
(SELECT id FROM charges LIMIT 3) UNION ALL SELECT id FROM customers
-- request: GET /v1/charges
-- request: GET /v1/customers
-- limit: 3

-- case: a limit in a subquery travels to its table
SELECT count(*) FROM (SELECT id FROM charges LIMIT 10)
-- request: GET /v1/charges
-- limit: 10

-- case: a limit around a plain subquery travels
SELECT * FROM (SELECT id FROM charges) LIMIT 10
-- request: GET /v1/charges
-- limit: 10

-- case: a limit in a CTE travels to its table
WITH c AS (SELECT id FROM charges LIMIT 10) SELECT * FROM c
-- request: GET /v1/charges
-- limit: 10

-- case: a percentage is not a number of rows
SELECT id FROM charges LIMIT 10%
-- request: GET /v1/charges

-- case: a computed limit does not travel
SELECT id FROM charges LIMIT (SELECT 10)
-- request: GET /v1/charges

-- case: a computed offset does not travel
SELECT id FROM charges LIMIT 10 OFFSET (SELECT 5)
-- request: GET /v1/charges

-- case: an offset alone is no limit
SELECT id FROM charges OFFSET 5
-- request: GET /v1/charges

-- case: a sample stops it
SELECT id FROM charges TABLESAMPLE 10% LIMIT 10
-- request: GET /v1/charges

-- case: a sample of the whole query stops it
SELECT id FROM charges LIMIT 10 USING SAMPLE 10%
-- request: GET /v1/charges

-- case: a correlated predicate stops it
SELECT id, (SELECT id FROM charges c WHERE c.customer = u.id LIMIT 1) FROM customers u
-- request: GET /v1/charges
-- request: GET /v1/customers
-- residual: c.customer = u.id

-- case: EXISTS of another table stops it
SELECT id FROM charges WHERE EXISTS (SELECT 1 FROM customers) LIMIT 10
-- request: GET /v1/charges
-- request: GET /v1/customers
-- residual: EXISTS(SELECT 1 FROM customers)

-- case: a limit on each of two lists is a limit on both together
SELECT id FROM charges WHERE customer IN ('cus_1', 'cus_2') LIMIT 10
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/charges?customer=cus_2
-- limit: 10

-- case: FROM first takes a limit
FROM charges LIMIT 10
-- request: GET /v1/charges
-- limit: 10
