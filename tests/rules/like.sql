-- Only a literal prefix that ends at a dot, for a parameter that knows wildcards.

-- case: a prefix that ends at a dot becomes the wildcard
SELECT id FROM events WHERE type LIKE 'invoice.%'
-- request: GET /v1/events?type=invoice.*

-- case: a longer prefix that ends at a dot
SELECT id FROM events WHERE type LIKE 'customer.subscription.%'
-- request: GET /v1/events?type=customer.subscription.*

-- case: an underscore is a wildcard of one character
SELECT id FROM events WHERE type LIKE 'payment_intent.%'
-- request: GET /v1/events
-- residual: type LIKE 'payment_intent.%'

-- case: starts_with knows no wildcards
SELECT id FROM events WHERE starts_with(type, 'payment_intent.')
-- request: GET /v1/events?type=payment_intent.*

-- case: the operator of starts_with
SELECT id FROM events WHERE type ^@ 'payment_intent.'
-- request: GET /v1/events?type=payment_intent.*

-- case: a prefix inside a word is not pushed
SELECT id FROM events WHERE type LIKE 'inv%'
-- request: GET /v1/events
-- residual: type LIKE 'inv%'

-- case: LIKE without a wildcard is equality
SELECT id FROM events WHERE type LIKE 'invoice.paid'
-- request: GET /v1/events?type=invoice.paid

-- case: a wildcard in front stays
SELECT id FROM events WHERE type LIKE '%.paid'
-- request: GET /v1/events
-- residual: type LIKE '%.paid'

-- case: ILIKE stays
SELECT id FROM events WHERE type ILIKE 'invoice.%'
-- request: GET /v1/events
-- residual: type ILIKE 'invoice.%'

-- case: NOT LIKE stays
SELECT id FROM events WHERE type NOT LIKE 'invoice.%'
-- request: GET /v1/events
-- residual: NOT type LIKE 'invoice.%'

-- case: LIKE with an escape character stays
SELECT id FROM events WHERE type LIKE 'invoice.!%' ESCAPE '!'
-- request: GET /v1/events
-- residual: type LIKE 'invoice.!%' ESCAPE '!'

-- case: a star in the prefix stays
SELECT id FROM events WHERE type LIKE 'invoice*.%'
-- request: GET /v1/events
-- residual: type LIKE 'invoice*.%'

-- case: GLOB stays
SELECT id FROM events WHERE type GLOB 'invoice.*'
-- request: GET /v1/events
-- residual: type GLOB 'invoice.*'

-- case: a regular expression stays
SELECT id FROM events WHERE type SIMILAR TO 'invoice.*'
-- request: GET /v1/events
-- residual: type SIMILAR TO 'invoice.*'

-- case: of two prefixes the longer says both
SELECT id FROM events WHERE type LIKE 'invoice.%' AND type LIKE 'in%' LIMIT 5
-- request: GET /v1/events?type=invoice.*
-- limit: 5

-- case: two prefixes that exclude each other need no request
SELECT id FROM events WHERE type LIKE 'invoice.%' AND type LIKE 'charge.%'

-- case: a prefix carries a limit
SELECT id FROM events WHERE type LIKE 'invoice.%' LIMIT 5
-- request: GET /v1/events?type=invoice.*
-- limit: 5

-- case: a pattern for a column without wildcards stays
SELECT id FROM customers WHERE email LIKE 'a.%'
-- request: GET /v1/customers
-- residual: email LIKE 'a.%'

-- case: a pattern for a column that knows equality alone is equality without a wildcard
SELECT id FROM customers WHERE email LIKE 'a@example.com'
-- request: GET /v1/customers?email=a@example.com
