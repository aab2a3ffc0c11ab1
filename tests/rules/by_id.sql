-- Rows are read by their ids, one request each; whatever else is asked is checked on the row.

-- case: one id is one retrieve
SELECT amount FROM charges WHERE id = 'ch_1'
-- request: GET /v1/charges/ch_1

-- case: the id may stand on either side
SELECT amount FROM charges WHERE 'ch_1' = id
-- request: GET /v1/charges/ch_1

-- case: an id in parentheses, a cast to its own type and an alias are the same id
SELECT c.amount FROM charges AS c WHERE ((CAST(c.id AS VARCHAR)) = ('ch_1'))
-- request: GET /v1/charges/ch_1

-- case: a list of ids is one retrieve each, equal ones once, in the order of the text
SELECT amount FROM charges WHERE id IN ('ch_2', 'ch_1', 'ch_2')
-- request: GET /v1/charges/ch_2
-- request: GET /v1/charges/ch_1

-- case: a disjunction of ids is a list of ids
SELECT amount FROM charges WHERE id = 'ch_1' OR id = 'ch_2' OR id IN ('ch_3')
-- request: GET /v1/charges/ch_1
-- request: GET /v1/charges/ch_2
-- request: GET /v1/charges/ch_3

-- case: NULL among the ids matches nothing
SELECT amount FROM charges WHERE id IN ('ch_1', NULL)
-- request: GET /v1/charges/ch_1

-- case: other terms are checked on the row that was retrieved
SELECT amount FROM charges WHERE id = 'ch_1' AND created >= '2024-05-01' AND amount > 5
-- request: GET /v1/charges/ch_1
-- residual: created >= '2024-05-01'
-- residual: amount > 5

-- case: ids of two terms meet
SELECT amount FROM charges WHERE id IN ('ch_1', 'ch_2') AND id IN ('ch_2', 'ch_3')
-- request: GET /v1/charges/ch_2

-- case: a prefix leaves out the ids that do not have it
SELECT amount FROM charges WHERE id IN ('ch_1', 'py_2') AND starts_with(id, 'py_')
-- request: GET /v1/charges/py_2

-- case: the empty string is no id
SELECT amount FROM charges WHERE id = ''

-- case: dots are no path segments
SELECT amount FROM charges WHERE id IN ('.', '..')

-- case: a literal segment of the API is no id
SELECT name FROM customers WHERE id = 'search'

-- case: the rest of the list is read when one of its ids cannot be one
SELECT name FROM customers WHERE id IN ('search', '', 'cus_1')
-- request: GET /v1/customers/cus_1

-- case: an id cannot leave its place in the path
SELECT name FROM customers WHERE id = '../charges?x=1#y%2F'
-- request: GET /v1/customers/..%2Fcharges%3Fx%3D1%23y%252F

-- case: ids are case-sensitive and are not trimmed
SELECT name FROM customers WHERE id = ' CUS_1 '
-- request: GET /v1/customers/%20CUS_1%20

-- case: an id with letters beyond ASCII is percent-encoded
SELECT name FROM customers WHERE id = 'cus_é'
-- request: GET /v1/customers/cus_%C3%A9

-- case: a NUL in an id belongs to no row
SELECT name FROM customers WHERE id = 'cus_1' || chr(0)

-- case: an id that the engine computes is retrieved
SELECT name FROM customers WHERE id = concat('cus', '_', 1)
-- request: GET /v1/customers/cus_1

-- case: a number is no id, the engine says so
SELECT name FROM customers WHERE id = 5
-- request: GET /v1/customers
-- residual: id = 5

-- case: a case-insensitive comparison is not an id
SELECT name FROM customers WHERE id = 'CUS_1' COLLATE NOCASE
-- request: GET /v1/customers
-- residual: id = 'CUS_1' COLLATE NOCASE

-- case: a function of the id is not an id
SELECT name FROM customers WHERE lower(id) = 'cus_1'
-- request: GET /v1/customers
-- residual: LOWER(id) = 'cus_1'

-- case: not the id reads everything
SELECT name FROM customers WHERE id <> 'cus_1'
-- request: GET /v1/customers
-- residual: id <> 'cus_1'

-- case: NOT IN reads everything
SELECT name FROM customers WHERE id NOT IN ('cus_1', 'cus_2')
-- request: GET /v1/customers
-- residual: NOT id IN ('cus_1', 'cus_2')

-- case: the id of a nested object needs the parent too
SELECT type FROM customer_tax_ids WHERE customer = 'cus_1' AND id = 'txi_1'
-- request: GET /v1/customers/cus_1/tax_ids/txi_1

-- case: parents and ids are multiplied
SELECT type FROM customer_tax_ids WHERE customer IN ('cus_1', 'cus_2') AND id IN ('txi_1', 'txi_2')
-- request: GET /v1/customers/cus_1/tax_ids/txi_1
-- request: GET /v1/customers/cus_1/tax_ids/txi_2
-- request: GET /v1/customers/cus_2/tax_ids/txi_1
-- request: GET /v1/customers/cus_2/tax_ids/txi_2

-- case: a table without a retrieve is listed and checked
SELECT amount FROM invoice_line_items WHERE invoice = 'in_1' AND id = 'il_1'
-- request: GET /v1/invoices/in_1/lines
-- residual: id = 'il_1'

-- case: a table without a list is read by id
SELECT status FROM mandates WHERE id = 'mandate_1'
-- request: GET /v1/mandates/mandate_1

-- case: a table without a list cannot be listed
SELECT status FROM mandates
-- error: ArgumentRequired mandates has no list: Stripe gives its rows by id alone; add WHERE id = '...'

-- case: a list that takes many ids at once is one request
SELECT name FROM products WHERE id IN ('prod_1', 'prod_2')
-- request: GET /v1/products?ids[]=prod_1&ids[]=prod_2

-- case: one id of such a list is a retrieve, which also sees what the list does not
SELECT name FROM products WHERE id = 'prod_1'
-- request: GET /v1/products/prod_1

-- case: ids do not carry a limit, the engine counts
SELECT name FROM customers WHERE id IN ('cus_1', 'cus_2') LIMIT 1
-- request: GET /v1/customers/cus_1
-- request: GET /v1/customers/cus_2

-- case: a column that only the list can fill is asked of the list, also when the id is known
SELECT amount FROM balance_transactions WHERE id = 'txn_1' AND payout = 'po_1'
-- request: GET /v1/balance_transactions?payout=po_1
-- residual: id = 'txn_1'

-- case: ids in one branch of OR alone restrict nothing
SELECT name FROM customers WHERE id = 'cus_1' OR balance > 5
-- request: GET /v1/customers
-- residual: id = 'cus_1' OR balance > 5

-- case: ids in every branch of OR are read, and the branches are checked
SELECT name FROM customers WHERE (id = 'cus_1' AND balance > 5) OR (id = 'cus_2' AND balance < 5)
-- request: GET /v1/customers/cus_1
-- request: GET /v1/customers/cus_2
-- residual: (id = 'cus_1' AND balance > 5) OR (id = 'cus_2' AND balance < 5)

-- case: an expanded column is asked of the retrieve as well
SELECT refunds FROM charges WHERE id = 'ch_1'
-- request: GET /v1/charges/ch_1?expand[]=refunds

-- case: one's own account is one object
SELECT id FROM account
-- request: GET /v1/account

-- case: the balance is one object, whatever is asked of it
SELECT amount FROM balance WHERE kind = 'available'
-- request: GET /v1/balance
-- residual: kind = 'available'
