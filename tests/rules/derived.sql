-- Terms that speak of a subquery or a CTE enter the tables inside, where nothing in between counts or chooses rows.

-- case: a term enters a subquery
SELECT * FROM (SELECT id, customer FROM charges) WHERE customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: a term enters through a star
SELECT * FROM (SELECT * FROM charges) t WHERE t.customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: a term enters under the inner name
SELECT * FROM (SELECT customer AS who FROM charges) WHERE who = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: a term does not enter under a name that another expression took
SELECT * FROM (SELECT upper(customer) AS customer FROM charges) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term does not enter under a name that a star replaced
SELECT * FROM (SELECT * REPLACE (upper(customer) AS customer) FROM charges) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term does not enter under a name that the subquery's alias gave
SELECT * FROM (SELECT customer, id FROM charges) AS t(id, customer) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term does not enter under a name that the CTE's columns gave
WITH t(id, customer) AS (SELECT customer, id FROM charges) SELECT * FROM t WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term enters a CTE that is used once
WITH t AS (SELECT id, customer FROM charges WHERE payment_intent = 'pi_1') SELECT * FROM t WHERE customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1&payment_intent=pi_1

-- case: a term does not enter a CTE that is used twice
WITH t AS (SELECT id, customer FROM charges) SELECT * FROM t WHERE customer = 'cus_1' UNION ALL SELECT * FROM t
-- request: GET /v1/charges

-- case: a term does not enter past LIMIT
SELECT * FROM (SELECT customer FROM charges LIMIT 5) WHERE customer = 'cus_1'
-- request: GET /v1/charges
-- limit: 5

-- case: a term does not enter past OFFSET
SELECT * FROM (SELECT customer FROM charges OFFSET 5) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term does not enter past a window
SELECT * FROM (SELECT customer, row_number() OVER (ORDER BY id) AS n FROM charges) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term does not enter past QUALIFY
SELECT * FROM (SELECT customer FROM charges QUALIFY row_number() OVER (ORDER BY id) = 1) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term does not enter past DISTINCT ON
SELECT * FROM (SELECT DISTINCT ON (currency) customer FROM charges) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term enters past DISTINCT
SELECT * FROM (SELECT DISTINCT customer FROM charges) WHERE customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: a term does not enter a sampled subquery
SELECT * FROM (SELECT customer FROM charges) TABLESAMPLE 10% WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term on a key enters past GROUP BY
SELECT * FROM (SELECT customer, count(*) AS n FROM charges GROUP BY customer) WHERE customer = 'cus_1' AND n > 5
-- request: GET /v1/charges?customer=cus_1

-- case: a term does not enter past GROUPING SETS, which make NULLs
SELECT * FROM (SELECT customer, count(*) AS n FROM charges GROUP BY GROUPING SETS ((customer), ())) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term does not enter past ROLLUP
SELECT * FROM (SELECT customer, count(*) AS n FROM charges GROUP BY ROLLUP (customer)) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term does not enter past CUBE
SELECT * FROM (SELECT customer, count(*) AS n FROM charges GROUP BY CUBE (customer)) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term enters both sides of a UNION, by place
SELECT * FROM (SELECT customer FROM charges UNION ALL SELECT customer AS whoever FROM invoices) WHERE customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices?customer=cus_1

-- case: a term does not enter an EXCEPT
SELECT * FROM (SELECT customer FROM charges EXCEPT SELECT customer FROM invoices) WHERE customer = 'cus_1'
-- request: GET /v1/charges
-- request: GET /v1/invoices

-- case: a term does not enter a UNION BY NAME
SELECT * FROM (SELECT customer, id FROM charges UNION ALL BY NAME SELECT id, customer FROM invoices) WHERE customer = 'cus_1'
-- request: GET /v1/charges
-- request: GET /v1/invoices

-- case: a term does not enter a UNION with a limit
SELECT * FROM (SELECT customer FROM charges UNION ALL SELECT customer FROM invoices LIMIT 5) WHERE customer = 'cus_1'
-- request: GET /v1/charges
-- request: GET /v1/invoices

-- case: a term enters two levels
SELECT * FROM (SELECT * FROM (SELECT customer FROM charges)) WHERE customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: a term does not enter a null-extended subquery that it lets pass on NULL
SELECT 1 FROM payouts p LEFT JOIN (SELECT * FROM invoice_items) s ON s.currency = p.currency WHERE s.invoice IS NULL
-- request: GET /v1/payouts
-- request: GET /v1/invoiceitems
-- residual: s.invoice IS NULL

-- case: a term enters a null-extended subquery that it rejects on NULL
SELECT 1 FROM payouts p LEFT JOIN (SELECT * FROM invoice_items) s ON s.currency = p.currency WHERE s.invoice = 'in_1'
-- request: GET /v1/payouts
-- request: GET /v1/invoiceitems?invoice=in_1
-- residual: s.invoice = 'in_1'

-- case: a null-extended subquery inside a subquery is null-extended still
SELECT * FROM (SELECT s.invoice AS c FROM payouts p LEFT JOIN (SELECT * FROM invoice_items) s ON s.currency = p.currency) t WHERE t.c IS NULL
-- request: GET /v1/payouts
-- request: GET /v1/invoiceitems

-- case: a term does not enter an aggregate without groups
SELECT * FROM (SELECT max(customer) AS customer FROM charges) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term of HAVING stays
SELECT customer FROM (SELECT customer FROM charges) GROUP BY customer HAVING customer = 'cus_1'
-- request: GET /v1/charges

-- case: a term enters a pivot's subquery from inside alone
SELECT * FROM (SELECT currency, customer FROM charges) PIVOT (count(*) FOR currency IN ('usd')) WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a recursive CTE takes no terms from outside
WITH RECURSIVE t AS (SELECT id, customer FROM charges UNION ALL SELECT id, customer FROM t WHERE FALSE) SELECT * FROM t WHERE customer = 'cus_1'
-- request: GET /v1/charges

-- case: a limit around a filtered subquery does not travel
SELECT * FROM (SELECT id, amount FROM charges) WHERE amount > 5 LIMIT 10
-- request: GET /v1/charges
-- residual: amount > 5
