-- Rows that a plain list hides are asked for.

-- case: subscriptions of every status
SELECT id FROM subscriptions
-- request: GET /v1/subscriptions?status=all

-- case: a status that is asked for takes the place of all
SELECT id FROM subscriptions WHERE status = 'active'
-- request: GET /v1/subscriptions?status=active

-- case: two statuses are two lists
SELECT id FROM subscriptions WHERE status IN ('active', 'canceled')
-- request: GET /v1/subscriptions?status=active
-- request: GET /v1/subscriptions?status=canceled

-- case: a status that must not be equal keeps all
SELECT id FROM subscriptions WHERE status <> 'canceled'
-- request: GET /v1/subscriptions?status=all
-- residual: status <> 'canceled'

-- case: another filter goes with all
SELECT id FROM subscriptions WHERE customer = 'cus_1'
-- request: GET /v1/subscriptions?status=all&customer=cus_1

-- case: active and inactive prices are two lists
SELECT id FROM prices
-- request: GET /v1/prices?active=true
-- request: GET /v1/prices?active=false

-- case: one of the two when it is asked for
SELECT id FROM prices WHERE NOT active
-- request: GET /v1/prices?active=false

-- case: both when both are asked for
SELECT id FROM prices WHERE active IN (TRUE, FALSE)
-- request: GET /v1/prices?active=true
-- request: GET /v1/prices?active=false

-- case: a filter goes with both
SELECT id FROM prices WHERE product = 'prod_1'
-- request: GET /v1/prices?active=true&product=prod_1
-- request: GET /v1/prices?active=false&product=prod_1

-- case: a limit covers both
SELECT id FROM prices LIMIT 5
-- request: GET /v1/prices?active=true
-- request: GET /v1/prices?active=false
-- limit: 5

-- case: tax registrations of every status
SELECT id FROM tax_registrations
-- request: GET /v1/tax/registrations?status=all

-- case: the word for all is not a status of a registration
SELECT id FROM tax_registrations WHERE status = 'all'
-- request: GET /v1/tax/registrations?status=all
-- residual: status = 'all'

-- case: closed accounts of v2 as well
SELECT id FROM v2_core_accounts
-- request: GET /v2/core/accounts?closed=false
-- request: GET /v2/core/accounts?closed=true
