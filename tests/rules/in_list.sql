-- A parameter that takes several values at once.

-- case: several event types are one request
SELECT id FROM events WHERE type IN ('charge.succeeded', 'charge.failed')
-- request: GET /v1/events?types[]=charge.succeeded&types[]=charge.failed

-- case: one event type takes the plain parameter, which excludes the other
SELECT id FROM events WHERE type = 'charge.succeeded'
-- request: GET /v1/events?type=charge.succeeded

-- case: a list of values may carry a limit
SELECT id FROM events WHERE type IN ('charge.succeeded', 'charge.failed') LIMIT 7
-- request: GET /v1/events?types[]=charge.succeeded&types[]=charge.failed
-- limit: 7

-- case: more values than one request takes are several requests
SELECT id FROM prices WHERE active AND lookup_key IN ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k')
-- request: GET /v1/prices?active=true&lookup_keys[]=a&lookup_keys[]=b&lookup_keys[]=c&lookup_keys[]=d&lookup_keys[]=e&lookup_keys[]=f&lookup_keys[]=g&lookup_keys[]=h&lookup_keys[]=i&lookup_keys[]=j
-- request: GET /v1/prices?active=true&lookup_keys[]=k

-- case: one value of a list-only parameter is a list of one
SELECT id FROM prices WHERE active AND lookup_key = 'a'
-- request: GET /v1/prices?active=true&lookup_keys[]=a

-- case: the empty string keeps a list back
SELECT id FROM prices WHERE active AND lookup_key IN ('a', '')
-- request: GET /v1/prices?active=true
-- residual: lookup_key IN ('a', '')

-- case: a list beside a prefix keeps the values that have it
SELECT id FROM events WHERE type IN ('charge.succeeded', 'invoice.paid') AND type LIKE 'invoice.%' LIMIT 5
-- request: GET /v1/events?type=invoice.paid
-- limit: 5

-- case: a list whose values all lack the prefix needs no request
SELECT id FROM events WHERE type IN ('charge.succeeded', 'charge.failed') AND type LIKE 'invoice.%'

-- case: a wildcard that is meant as text is not sent as a value
SELECT id FROM events WHERE type = 'charge.*'
-- request: GET /v1/events
-- residual: type = 'charge.*'

-- case: a subquery is no list of values
SELECT id FROM events WHERE type IN (SELECT 'charge.succeeded')
-- request: GET /v1/events
-- residual: type IN (SELECT 'charge.succeeded')

-- case: a list that holds a column is no list of values
SELECT id FROM charges WHERE customer IN ('cus_1', payment_intent)
-- request: GET /v1/charges
-- residual: customer IN ('cus_1', payment_intent)

-- case: values of v2 lists
SELECT id FROM v2_money_management_outbound_payments WHERE status IN ('failed', 'posted')
-- request: GET /v2/money_management/outbound_payments?status[]=failed&status[]=posted
