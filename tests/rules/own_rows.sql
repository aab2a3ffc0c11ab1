-- Relations of the connection's own: their keys are known before anything is asked. The frame has one row: id 'cus_1', n 1.

-- case: IN with a frame gives its keys
SELECT id FROM charges WHERE customer IN (SELECT id FROM frame)
-- request: GET /v1/charges?customer=cus_1
-- residual: customer IN (SELECT id FROM frame)

-- case: a condition on the frame leaves its keys
SELECT id FROM charges WHERE customer IN (SELECT id FROM frame WHERE n > 5)
-- request: GET /v1/charges?customer=cus_1
-- residual: customer IN (SELECT id FROM frame WHERE n > 5)

-- case: a join with a frame gives its keys
SELECT c.id, f.n FROM charges c JOIN frame f ON f.id = c.customer
-- request: GET /v1/charges?customer=cus_1

-- case: a join with a frame reads objects by id
SELECT c.email, f.n FROM frame f JOIN customers c ON f.ID = c.id
-- request: GET /v1/customers/cus_1

-- case: a frame on the kept side of an outer join gives its keys
SELECT c.email, f.n FROM frame f LEFT JOIN customers c ON f.id = c.id
-- request: GET /v1/customers/cus_1

-- case: a frame on the other side gives none
SELECT c.email, f.n FROM customers c LEFT JOIN frame f ON f.id = c.id
-- request: GET /v1/customers

-- case: EXISTS with a frame gives its keys
SELECT id FROM charges c WHERE EXISTS (SELECT 1 FROM frame f WHERE f.id = c.customer)
-- request: GET /v1/charges?customer=cus_1
-- residual: EXISTS(SELECT 1 FROM frame AS f WHERE f.id = c.customer)

-- case: NOT IN with a frame gives none
SELECT id FROM charges WHERE customer NOT IN (SELECT id FROM frame)
-- request: GET /v1/charges
-- residual: NOT customer IN (SELECT id FROM frame)

-- case: an anti-join with a frame gives none
SELECT c.id FROM charges c ANTI JOIN frame f ON f.id = c.customer
-- request: GET /v1/charges

-- case: keys of another type are not keys
SELECT c.id FROM charges c JOIN frame f ON f.n = c.customer
-- request: GET /v1/charges

-- case: numbers of a frame are values of a number
SELECT t.id FROM topups t JOIN frame f ON f.n = t.amount
-- request: GET /v1/topups?amount[gte]=1&amount[lte]=1

-- case: a frame with renamed columns gives none
SELECT c.id FROM charges c JOIN frame AS f(a, b) ON f.a = c.customer
-- request: GET /v1/charges

-- case: a LIMIT does not travel beside a frame
SELECT id FROM charges WHERE customer IN (SELECT id FROM frame WHERE n > 5) LIMIT 3
-- request: GET /v1/charges?customer=cus_1
-- residual: customer IN (SELECT id FROM frame WHERE n > 5)

-- case: a table and a frame give keys together
SELECT id FROM charges WHERE customer IN (SELECT id FROM customers WHERE email = 'a@example.com' UNION SELECT id FROM frame)
-- request: GET /v1/customers?email=a@example.com
-- request: GET /v1/charges?customer={key}
-- residual: customer IN (SELECT id FROM customers WHERE email = 'a@example.com' UNION SELECT id FROM frame)

-- case: two tables give keys together
SELECT id FROM charges WHERE customer IN (SELECT id FROM customers WHERE email = 'a@example.com' UNION ALL SELECT customer FROM invoices WHERE id = 'in_1')
-- request: GET /v1/customers?email=a@example.com
-- request: GET /v1/invoices/in_1
-- request: GET /v1/charges?customer={key}
-- residual: customer IN (SELECT id FROM customers WHERE email = 'a@example.com' UNION ALL SELECT customer FROM invoices WHERE id = 'in_1')

-- case: what one side of a union is asked says nothing of the other's keys
SELECT id FROM charges WHERE customer IN (SELECT id FROM customers WHERE id = 'cus_5' UNION SELECT customer FROM invoices WHERE id = 'in_1')
-- request: GET /v1/customers/cus_5
-- request: GET /v1/invoices/in_1
-- request: GET /v1/charges?customer={key}
-- residual: customer IN (SELECT id FROM customers WHERE id = 'cus_5' UNION SELECT customer FROM invoices WHERE id = 'in_1')

-- case: a side of a union that is no plain column gives no keys
SELECT id FROM charges WHERE customer IN (SELECT id FROM customers WHERE email = 'a@example.com' UNION SELECT lower(id) FROM frame)
-- request: GET /v1/charges?expand[]=data.customer
-- residual: customer IN (SELECT id FROM customers WHERE email = 'a@example.com' UNION SELECT LOWER(id) FROM frame)

-- case: the first side of EXCEPT has every key
SELECT id FROM charges WHERE customer IN (SELECT id FROM frame EXCEPT SELECT id FROM customers WHERE email = 'a@example.com')
-- request: GET /v1/customers?email=a@example.com
-- request: GET /v1/charges?customer=cus_1
-- residual: customer IN (SELECT id FROM frame EXCEPT SELECT id FROM customers WHERE email = 'a@example.com')

-- case: constants and keys of a table are alternatives
SELECT id FROM charges WHERE customer = 'cus_9' OR customer IN (SELECT id FROM customers WHERE email = 'a@example.com')
-- request: GET /v1/customers?email=a@example.com
-- request: GET /v1/charges?customer={key}
-- residual: customer = 'cus_9' OR customer IN (SELECT id FROM customers WHERE email = 'a@example.com')

-- case: alternatives on two columns give no keys
SELECT id FROM charges WHERE payment_intent = 'pi_9' OR customer IN (SELECT id FROM customers WHERE email = 'a@example.com')
-- request: GET /v1/customers?email=a@example.com
-- request: GET /v1/charges
-- residual: payment_intent = 'pi_9' OR customer IN (SELECT id FROM customers WHERE email = 'a@example.com')

-- case: an alternative that is no text gives no keys
SELECT id FROM charges WHERE customer IS NULL OR customer IN (SELECT id FROM customers WHERE email = 'a@example.com')
-- request: GET /v1/customers?email=a@example.com
-- request: GET /v1/charges
-- residual: customer IS NULL OR customer IN (SELECT id FROM customers WHERE email = 'a@example.com')
