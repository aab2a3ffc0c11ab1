-- Symbolic dates, where a string literal is compared with a time. The statement's time is Wednesday 2024-05-15 10:30 UTC.

-- case: today begins at midnight
SELECT id FROM charges WHERE created >= 'today'
-- request: GET /v1/charges?created[gte]={2024-05-15T00:00:00Z}

-- case: yesterday
SELECT id FROM charges WHERE created >= 'yesterday' AND created < 'today'
-- request: GET /v1/charges?created[gte]={2024-05-14T00:00:00Z}&created[lt]={2024-05-15T00:00:00Z}

-- case: tomorrow
SELECT id FROM charges WHERE created < 'tomorrow'
-- request: GET /v1/charges?created[lt]={2024-05-16T00:00:00Z}

-- case: a week starts on Monday
SELECT id FROM charges WHERE created >= 'weekstart'
-- request: GET /v1/charges?created[gte]={2024-05-13T00:00:00Z}

-- case: a week ends on Sunday
SELECT id FROM charges WHERE created < 'weekend'
-- request: GET /v1/charges?created[lt]={2024-05-19T00:00:00Z}

-- case: the first day of the month
SELECT id FROM charges WHERE created >= 'monthstart'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}

-- case: the last day of the month
SELECT id FROM charges WHERE created <= 'monthend'
-- request: GET /v1/charges?created[lte]={2024-05-31T00:00:00Z}

-- case: the whole last day of the month
SELECT id FROM charges WHERE created < 'monthend+1d'
-- request: GET /v1/charges?created[lt]={2024-06-01T00:00:00Z}

-- case: the first day of the year
SELECT id FROM charges WHERE created >= 'yearstart'
-- request: GET /v1/charges?created[gte]={2024-01-01T00:00:00Z}

-- case: the last day of the year
SELECT id FROM charges WHERE created < 'yearend'
-- request: GET /v1/charges?created[lt]={2024-12-31T00:00:00Z}

-- case: an offset of days
SELECT id FROM charges WHERE created >= 'today-30d'
-- request: GET /v1/charges?created[gte]={2024-04-15T00:00:00Z}

-- case: an offset of weeks
SELECT id FROM charges WHERE created >= 'weekstart-2w'
-- request: GET /v1/charges?created[gte]={2024-04-29T00:00:00Z}

-- case: an offset of months keeps the day where it can
SELECT id FROM charges WHERE created >= 'monthend-3m'
-- request: GET /v1/charges?created[gte]={2024-02-29T00:00:00Z}

-- case: an offset of years out of a leap year
SELECT id FROM charges WHERE created >= 'monthend-3m' AND created < 'yearstart+1y'
-- request: GET /v1/charges?created[gte]={2024-02-29T00:00:00Z}&created[lt]={2025-01-01T00:00:00Z}

-- case: spaces and capitals do not matter
SELECT id FROM charges WHERE created >= ' MonthStart - 1 M '
-- request: GET /v1/charges?created[gte]={2024-04-01T00:00:00Z}

-- case: a symbol is a day of the session's zone
-- zone: Pacific/Auckland
SELECT id FROM charges WHERE created >= 'today'
-- request: GET /v1/charges?created[gte]={2024-05-15T00:00:00+12:00}

-- case: the day itself depends on the zone
-- zone: Pacific/Kiritimati
SELECT id FROM charges WHERE created >= 'today'
-- request: GET /v1/charges?created[gte]={2024-05-16T00:00:00+14:00}

-- case: a symbol across a switch of the clocks
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created >= 'monthstart-2m'
-- request: GET /v1/charges?created[gte]={2024-03-01T00:00:00+01:00}

-- case: a symbol may stand on the left
SELECT id FROM charges WHERE 'today' <= created
-- request: GET /v1/charges?created[gte]={2024-05-15T00:00:00Z}

-- case: symbols in BETWEEN
SELECT id FROM charges WHERE created BETWEEN 'monthstart' AND 'today'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}&created[lte]={2024-05-15T00:00:00Z}

-- case: symbols in IN
SELECT id FROM charges WHERE created IN ('yesterday', 'today')
-- request: GET /v1/charges?created[gte]={2024-05-14T00:00:00Z}&created[lte]={2024-05-15T00:00:00Z}
-- residual: created IN (CAST('2024-05-14 00:00:00' AS TIMESTAMPTZ), CAST('2024-05-15 00:00:00' AS TIMESTAMPTZ))

-- case: a symbol against a day
SELECT id FROM charges WHERE created::DATE = 'yesterday'
-- request: GET /v1/charges?created[gte]={2024-05-14T00:00:00Z}&created[lt]={2024-05-15T00:00:00Z}

-- case: a symbol against a month
SELECT id FROM charges WHERE date_trunc('month', created) = 'monthstart-1m'
-- request: GET /v1/charges?created[gte]={2024-04-01T00:00:00Z}&created[lt]={2024-05-01T00:00:00Z}

-- case: a symbol against a text is a text
SELECT id FROM customers WHERE email = 'today'
-- request: GET /v1/customers?email=today

-- case: a word that is no symbol is no time
SELECT id FROM charges WHERE created >= 'monthstart-1q'
-- request: GET /v1/charges
-- residual: created >= 'monthstart-1q'

-- case: two offsets are no symbol
SELECT id FROM charges WHERE created >= 'today-1d-1d'
-- request: GET /v1/charges
-- residual: created >= 'today-1d-1d'

-- case: an offset beyond the calendar is no symbol
SELECT id FROM charges WHERE created >= 'today-9999y'
-- request: GET /v1/charges
-- residual: created >= 'today-9999y'

-- case: a symbol reaches a time through a subquery
SELECT * FROM (SELECT created FROM charges) WHERE created >= 'today'
-- request: GET /v1/charges?created[gte]={2024-05-15T00:00:00Z}

-- case: a symbol in the ON of a join
SELECT 1 FROM payouts p LEFT JOIN charges c ON c.currency = p.currency AND c.created >= 'monthstart'
-- request: GET /v1/payouts
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}

-- case: a symbol in a CASE of the select list restricts nothing
SELECT CASE WHEN created >= 'today' THEN 1 ELSE 0 END FROM charges
-- request: GET /v1/charges
