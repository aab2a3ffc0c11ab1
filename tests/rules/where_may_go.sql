-- Which scan a term of WHERE or ON may restrict. Joins are on currency, which no list filters and no table is keyed by.

-- case: WHERE enters both sides of an inner join
SELECT 1 FROM charges c JOIN invoices i ON c.currency = i.currency WHERE c.customer = 'cus_1' AND i.customer = 'cus_2'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices?customer=cus_2

-- case: the ON of an inner join enters both sides
SELECT 1 FROM charges c JOIN invoices i ON c.currency = i.currency AND c.customer = 'cus_1' AND i.customer = 'cus_2'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices?customer=cus_2

-- case: a comma is an inner join
SELECT 1 FROM charges c, invoices i WHERE c.customer = 'cus_1' AND i.customer = 'cus_2'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices?customer=cus_2

-- case: CROSS JOIN is an inner join
SELECT 1 FROM charges c CROSS JOIN invoices i WHERE i.customer = 'cus_2'
-- request: GET /v1/charges
-- request: GET /v1/invoices?customer=cus_2

-- case: the ON of a LEFT JOIN enters the right side alone
SELECT 1 FROM charges c LEFT JOIN invoices i ON c.currency = i.currency AND c.customer = 'cus_1' AND i.customer = 'cus_2'
-- request: GET /v1/charges
-- request: GET /v1/invoices?customer=cus_2

-- case: the ON of a RIGHT JOIN enters the left side alone
SELECT 1 FROM charges c RIGHT JOIN invoices i ON c.currency = i.currency AND c.customer = 'cus_1' AND i.customer = 'cus_2'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices

-- case: the ON of a FULL JOIN enters neither side
SELECT 1 FROM charges c FULL JOIN invoices i ON c.currency = i.currency AND c.customer = 'cus_1' AND i.customer = 'cus_2'
-- request: GET /v1/charges
-- request: GET /v1/invoices

-- case: WHERE on the left side of a LEFT JOIN enters it
SELECT 1 FROM charges c LEFT JOIN invoices i ON c.currency = i.currency WHERE c.customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices

-- case: WHERE on a null-extended side enters it where it rejects NULL
SELECT 1 FROM charges c LEFT JOIN invoices i ON c.currency = i.currency WHERE i.customer = 'cus_2'
-- request: GET /v1/charges
-- request: GET /v1/invoices?customer=cus_2

-- case: IS NULL on a null-extended side stays out
SELECT 1 FROM charges c LEFT JOIN invoice_items i ON c.currency = i.currency WHERE i.invoice IS NULL
-- request: GET /v1/charges
-- request: GET /v1/invoiceitems
-- residual: i.invoice IS NULL

-- case: IS NOT NULL on a null-extended side enters it
SELECT 1 FROM charges c LEFT JOIN invoice_items i ON c.currency = i.currency WHERE i.invoice IS NOT NULL
-- request: GET /v1/charges
-- request: GET /v1/invoiceitems?pending=false

-- case: NULL or a value on a null-extended side stays out
SELECT 1 FROM charges c LEFT JOIN invoices i ON c.currency = i.currency WHERE i.customer = 'cus_2' OR i.customer IS NULL
-- request: GET /v1/charges
-- request: GET /v1/invoices
-- residual: i.customer = 'cus_2' OR i.customer IS NULL

-- case: COALESCE on a null-extended side stays out
SELECT 1 FROM charges c LEFT JOIN invoices i ON c.currency = i.currency WHERE coalesce(i.customer, 'cus_2') = 'cus_2'
-- request: GET /v1/charges
-- request: GET /v1/invoices
-- residual: COALESCE(i.customer, 'cus_2') = 'cus_2'

-- case: IS NOT FALSE on a null-extended side stays out
SELECT 1 FROM charges c LEFT JOIN invoices i ON c.currency = i.currency WHERE (i.customer = 'cus_2') IS NOT FALSE
-- request: GET /v1/charges
-- request: GET /v1/invoices
-- residual: NOT (i.customer = 'cus_2') IS FALSE

-- case: WHERE on both sides of a FULL JOIN enters where it rejects NULL
SELECT 1 FROM charges c FULL JOIN invoices i ON c.currency = i.currency WHERE c.customer = 'cus_1' AND i.customer = 'cus_2'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices?customer=cus_2

-- case: OR over both sides enters neither
SELECT 1 FROM charges c JOIN invoices i ON c.currency = i.currency WHERE c.customer = 'cus_1' OR i.customer = 'cus_2'
-- request: GET /v1/charges
-- request: GET /v1/invoices
-- residual: c.customer = 'cus_1' OR i.customer = 'cus_2'

-- case: OR whose branches restrict both sides enters both, widened
SELECT 1 FROM charges c, invoices i WHERE (c.customer = 'cus_1' AND i.customer = 'cus_2') OR (c.customer = 'cus_3' AND i.customer = 'cus_4')
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/charges?customer=cus_3
-- request: GET /v1/invoices?customer=cus_2
-- request: GET /v1/invoices?customer=cus_4
-- residual: (c.customer = 'cus_1' AND i.customer = 'cus_2') OR (c.customer = 'cus_3' AND i.customer = 'cus_4')

-- case: an inner ON after a LEFT JOIN enters the extended table where it rejects NULL
SELECT 1 FROM charges c LEFT JOIN invoices i ON c.currency = i.currency JOIN payouts p ON p.currency = c.currency AND i.customer = 'cus_2'
-- request: GET /v1/charges
-- request: GET /v1/invoices?customer=cus_2
-- request: GET /v1/payouts

-- case: a RIGHT JOIN extends everything before it
SELECT 1 FROM charges c JOIN invoices i ON c.currency = i.currency RIGHT JOIN payouts p ON p.currency = c.currency WHERE c.customer IS NULL OR c.customer = 'cus_1'
-- request: GET /v1/charges
-- request: GET /v1/invoices
-- request: GET /v1/payouts
-- residual: c.customer IS NULL OR c.customer = 'cus_1'

-- case: FALSE in the ON of a LEFT JOIN stops the right side alone
SELECT 1 FROM charges c LEFT JOIN invoices i ON FALSE
-- request: GET /v1/charges

-- case: FALSE in the ON of a RIGHT JOIN stops the left side alone
SELECT 1 FROM charges c RIGHT JOIN invoices i ON FALSE
-- request: GET /v1/invoices

-- case: FALSE in the ON of a FULL JOIN stops neither
SELECT 1 FROM charges c FULL JOIN invoices i ON FALSE
-- request: GET /v1/charges
-- request: GET /v1/invoices

-- case: FALSE in WHERE stops everything
SELECT 1 FROM charges c FULL JOIN invoices i ON c.currency = i.currency WHERE FALSE

-- case: the ON of a SEMI JOIN enters its right side
SELECT 1 FROM charges c SEMI JOIN invoices i ON c.currency = i.currency AND i.customer = 'cus_2'
-- request: GET /v1/charges
-- request: GET /v1/invoices?customer=cus_2

-- case: the ON of an ANTI JOIN enters its right side alone
SELECT 1 FROM charges c ANTI JOIN invoices i ON c.currency = i.currency AND i.customer = 'cus_2' AND c.customer = 'cus_1'
-- request: GET /v1/charges
-- request: GET /v1/invoices?customer=cus_2

-- case: WHERE after an ANTI JOIN enters its left side
SELECT 1 FROM charges c ANTI JOIN invoices i ON c.currency = i.currency WHERE c.customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices

-- case: WHERE enters the left side of an ASOF JOIN
SELECT 1 FROM charges c ASOF JOIN invoices i ON c.currency = i.currency AND c.created >= i.created WHERE c.customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices

-- case: WHERE does not enter the right side of an ASOF JOIN, whose nearest row is chosen before
SELECT 1 FROM charges c ASOF JOIN invoices i ON c.currency = i.currency AND c.created >= i.created WHERE i.customer = 'cus_2'
-- request: GET /v1/charges
-- request: GET /v1/invoices
-- residual: i.customer = 'cus_2'

-- case: WHERE enters neither side of a POSITIONAL JOIN
SELECT 1 FROM charges c POSITIONAL JOIN invoices i WHERE c.customer = 'cus_1' AND i.customer = 'cus_2'
-- request: GET /v1/charges
-- request: GET /v1/invoices
-- residual: c.customer = 'cus_1'
-- residual: i.customer = 'cus_2'

-- case: a name that NATURAL JOIN merges belongs to no side
SELECT 1 FROM charges c NATURAL LEFT JOIN invoices i WHERE customer = 'cus_1'
-- request: GET /v1/charges
-- request: GET /v1/invoices
-- residual: customer = 'cus_1'

-- case: a qualified name under NATURAL JOIN belongs to its side
SELECT 1 FROM charges c NATURAL JOIN invoices i WHERE c.customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices

-- case: a name that USING merges belongs to no side
SELECT 1 FROM charges c JOIN invoices i USING (currency, customer) WHERE customer = 'cus_1'
-- request: GET /v1/charges
-- request: GET /v1/invoices
-- residual: customer = 'cus_1'

-- case: a qualified name under USING belongs to its side
SELECT 1 FROM charges c JOIN invoices i USING (currency) WHERE i.customer = 'cus_1'
-- request: GET /v1/charges
-- request: GET /v1/invoices?customer=cus_1

-- case: an ambiguous name belongs to no side, the engine says so
SELECT 1 FROM charges c, invoices i WHERE customer = 'cus_1'
-- request: GET /v1/charges
-- request: GET /v1/invoices
-- residual: customer = 'cus_1'

-- case: a name of one table alone needs no qualifier
SELECT 1 FROM charges c, invoices i WHERE payment_intent = 'pi_1' AND i.customer = 'cus_1'
-- request: GET /v1/charges?payment_intent=pi_1
-- request: GET /v1/invoices?customer=cus_1

-- case: a nested join takes WHERE
SELECT 1 FROM payouts p LEFT JOIN (charges c JOIN invoices i ON c.currency = i.currency) ON p.currency = c.currency WHERE c.customer = 'cus_1'
-- request: GET /v1/payouts
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/invoices

-- case: a nested join under LEFT JOIN is null-extended as a whole
SELECT 1 FROM payouts p LEFT JOIN (charges c JOIN invoice_items i ON c.currency = i.currency) ON p.currency = c.currency WHERE i.invoice IS NULL
-- request: GET /v1/payouts
-- request: GET /v1/charges
-- request: GET /v1/invoiceitems
-- residual: i.invoice IS NULL

-- case: a self-join is one scan when both sides ask the same
SELECT 1 FROM charges a, charges b WHERE a.customer = 'cus_1' AND b.customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: a self-join is two scans when they differ
SELECT 1 FROM charges a, charges b WHERE a.customer = 'cus_1' AND b.customer = 'cus_2'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/charges?customer=cus_2

-- case: WHERE inside a subquery enters its table
SELECT * FROM (SELECT id FROM charges WHERE customer = 'cus_1')
-- request: GET /v1/charges?customer=cus_1

-- case: a column of an outer query is no constant
SELECT (SELECT count(*) FROM charges c WHERE c.currency = u.currency AND c.payment_intent = 'pi_1') FROM payouts u WHERE u.status = 'paid'
-- request: GET /v1/charges?payment_intent=pi_1
-- request: GET /v1/payouts?status=paid
-- residual: c.currency = u.currency

-- case: an outer term inside a subquery does not restrict the outer table
SELECT id FROM charges c WHERE NOT EXISTS (SELECT 1 FROM payouts p WHERE c.customer = 'cus_1' AND p.status = 'paid')
-- request: GET /v1/charges
-- request: GET /v1/payouts?status=paid
-- residual: c.customer = 'cus_1'
-- residual: NOT EXISTS(SELECT 1 FROM payouts AS p WHERE c.customer = 'cus_1' AND p.status = 'paid')

-- case: a name of the inner table hides the outer one
SELECT id FROM charges WHERE EXISTS (SELECT 1 FROM invoices WHERE customer = 'cus_2')
-- request: GET /v1/charges
-- request: GET /v1/invoices?customer=cus_2
-- residual: EXISTS(SELECT 1 FROM invoices WHERE customer = 'cus_2')

-- case: a lateral join takes its own terms
SELECT 1 FROM payouts p, LATERAL (SELECT * FROM charges c WHERE c.currency = p.currency AND c.customer = 'cus_1') x
-- request: GET /v1/payouts
-- request: GET /v1/charges?customer=cus_1
-- residual: c.currency = p.currency

-- case: a CTE hides the table of its name
WITH charges AS (SELECT id FROM customers) SELECT * FROM charges
-- request: GET /v1/customers

-- case: a CTE of a table's name reads the table inside itself
WITH charges AS (SELECT id FROM charges WHERE customer = 'cus_1') SELECT * FROM charges
-- request: GET /v1/charges?customer=cus_1

-- case: a schema reaches past a CTE
WITH charges AS (SELECT id FROM customers) SELECT * FROM stripe.charges, charges
-- request: GET /v1/customers
-- request: GET /v1/charges

-- case: a CTE is seen by the ones after it
WITH a AS (SELECT id FROM charges WHERE customer = 'cus_1'), b AS (SELECT id FROM a) SELECT * FROM b
-- request: GET /v1/charges?customer=cus_1

-- case: a CTE inside a subquery hides the table there alone
SELECT id FROM charges WHERE currency IN (WITH charges AS (SELECT currency FROM payouts) SELECT currency FROM charges)
-- request: GET /v1/charges
-- request: GET /v1/payouts
-- residual: currency IN (WITH charges AS (SELECT currency FROM payouts) SELECT currency FROM charges)

-- case: each arm of a set operation has its own terms
SELECT id FROM charges WHERE customer = 'cus_1' EXCEPT SELECT id FROM charges WHERE customer = 'cus_2'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/charges?customer=cus_2

-- case: WHERE does not enter under a PIVOT
SELECT * FROM charges PIVOT (count(*) FOR currency IN ('usd') GROUP BY customer) WHERE customer = 'cus_1'
-- request: GET /v1/charges
-- residual: customer = 'cus_1'

-- case: WHERE inside a pivoted subquery enters it
SELECT * FROM (SELECT currency, amount FROM charges WHERE customer = 'cus_1') PIVOT (sum(amount) FOR currency IN ('usd'))
-- request: GET /v1/charges?customer=cus_1

-- case: a PIVOT statement reads everything
PIVOT charges ON currency USING count(*) GROUP BY customer
-- request: GET /v1/charges

-- case: WHERE does not enter a sampled table
SELECT id FROM charges TABLESAMPLE 10% WHERE customer = 'cus_1'
-- request: GET /v1/charges
-- residual: customer = 'cus_1'

-- case: WHERE does not enter under USING SAMPLE, which is drawn before
SELECT id FROM charges WHERE customer = 'cus_1' USING SAMPLE 10%
-- request: GET /v1/charges
-- residual: customer = 'cus_1'

-- case: a table with renamed columns takes no terms
SELECT * FROM charges AS t(customer, id) WHERE customer = 'ch_1'
-- request: GET /v1/charges
-- residual: customer = 'ch_1'

-- case: an alias of the select list does not hide a column in WHERE
SELECT currency AS customer FROM charges WHERE customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: HAVING and QUALIFY stay
SELECT customer, count(*) FROM charges GROUP BY customer HAVING customer = 'cus_1'
-- request: GET /v1/charges

-- case: a window sees what WHERE leaves
SELECT id, row_number() OVER (ORDER BY id) FROM charges WHERE customer = 'cus_1' QUALIFY row_number() OVER (ORDER BY id) = 1
-- request: GET /v1/charges?customer=cus_1

-- case: FILTER is no WHERE
SELECT count(*) FILTER (WHERE customer = 'cus_1') FROM charges
-- request: GET /v1/charges

-- case: FROM first takes WHERE
FROM charges WHERE customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: a registered frame costs no request
SELECT * FROM frame WHERE id = 'cus_1'

-- case: a table beside a frame keeps its own terms
SELECT 1 FROM frame f JOIN charges c ON c.currency = f.id WHERE c.customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: a frame's column inside a subquery is not the outer table's
SELECT id FROM charges c WHERE EXISTS (SELECT 1 FROM frame WHERE n = 1 AND id = 'cus_1')
-- request: GET /v1/charges
-- residual: EXISTS(SELECT 1 FROM frame WHERE n = 1 AND id = 'cus_1')

-- case: WHERE in a recursive CTE enters the table that it reads
WITH RECURSIVE t AS (SELECT id FROM charges WHERE customer = 'cus_1' UNION ALL SELECT id FROM t WHERE FALSE) SELECT * FROM t
-- request: GET /v1/charges?customer=cus_1
