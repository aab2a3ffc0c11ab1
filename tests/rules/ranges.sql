-- Ranges become param[gt|gte|lt|lte], widened to whole seconds.

-- case: at or after
SELECT id FROM charges WHERE created >= '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}

-- case: after
SELECT id FROM charges WHERE created > '2024-05-01'
-- request: GET /v1/charges?created[gt]={2024-05-01T00:00:00Z}

-- case: at or before
SELECT id FROM charges WHERE created <= '2024-05-01'
-- request: GET /v1/charges?created[lte]={2024-05-01T00:00:00Z}

-- case: before
SELECT id FROM charges WHERE created < '2024-05-01'
-- request: GET /v1/charges?created[lt]={2024-05-01T00:00:00Z}

-- case: the column may stand on the right
SELECT id FROM charges WHERE '2024-05-01' <= created AND '2024-06-01' > created
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}&created[lt]={2024-06-01T00:00:00Z}

-- case: an instant is a range of one second
SELECT id FROM charges WHERE created = '2024-05-01 10:00:00'
-- request: GET /v1/charges?created[gte]={2024-05-01T10:00:00Z}&created[lte]={2024-05-01T10:00:00Z}

-- case: BETWEEN is closed at both ends
SELECT id FROM charges WHERE created BETWEEN '2024-05-01' AND '2024-05-31'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}&created[lte]={2024-05-31T00:00:00Z}

-- case: NOT BETWEEN stays
SELECT id FROM charges WHERE created NOT BETWEEN '2024-05-01' AND '2024-05-31'
-- request: GET /v1/charges
-- residual: NOT created BETWEEN '2024-05-01' AND '2024-05-31'

-- case: the tighter of two bounds is sent
SELECT id FROM charges WHERE created >= '2024-05-01' AND created > '2024-05-01' AND created >= '2024-04-01'
-- request: GET /v1/charges?created[gt]={2024-05-01T00:00:00Z}

-- case: a fractional lower bound is widened, not rounded
SELECT id FROM charges WHERE created > '2024-05-01 00:00:00.9'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}
-- residual: created > '2024-05-01 00:00:00.9'

-- case: a fractional upper bound is widened, not rounded
SELECT id FROM charges WHERE created < '2024-05-01 00:00:00.1'
-- request: GET /v1/charges?created[lte]={2024-05-01T00:00:01Z}
-- residual: created < '2024-05-01 00:00:00.1'

-- case: a bound before 1970 keeps its sign
SELECT id FROM charges WHERE created > '1969-12-31 23:59:59.5'
-- request: GET /v1/charges?created[gte]={1969-12-31T23:59:59Z}
-- residual: created > '1969-12-31 23:59:59.5'

-- case: an offset in the literal counts
SELECT id FROM charges WHERE created >= '2024-05-01 00:00:00+02'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00+02:00}

-- case: several instants are sent as the range around them
SELECT id FROM charges WHERE created IN ('2024-05-01', '2024-05-03')
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}&created[lte]={2024-05-03T00:00:00Z}
-- residual: created IN ('2024-05-01', '2024-05-03')

-- case: a disjunction of ranges is sent as the range around them
SELECT id FROM charges WHERE created BETWEEN '2024-05-01' AND '2024-05-02' OR created BETWEEN '2024-06-01' AND '2024-06-02'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}&created[lte]={2024-06-02T00:00:00Z}
-- residual: created BETWEEN '2024-05-01' AND '2024-05-02' OR created BETWEEN '2024-06-01' AND '2024-06-02'

-- case: a disjunction that is open on one side is sent with the other
SELECT id FROM charges WHERE created >= '2024-06-01' OR created BETWEEN '2024-05-01' AND '2024-05-02'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}
-- residual: created >= '2024-06-01' OR created BETWEEN '2024-05-01' AND '2024-05-02'

-- case: not equal to an instant stays
SELECT id FROM charges WHERE created <> '2024-05-01'
-- request: GET /v1/charges
-- residual: created <> '2024-05-01'

-- case: infinity stays
SELECT id FROM charges WHERE created < 'infinity'
-- request: GET /v1/charges
-- residual: created < 'infinity'

-- case: a text that is no time stays, the engine says so
SELECT id FROM charges WHERE created > 'soon'
-- request: GET /v1/charges
-- residual: created > 'soon'

-- case: a time without a parameter stays
SELECT id FROM subscriptions WHERE canceled_at > '2024-05-01'
-- request: GET /v1/subscriptions?status=all
-- residual: canceled_at > '2024-05-01'

-- case: a second time parameter of a list
SELECT id FROM payouts WHERE arrival_date >= '2024-05-01'
-- request: GET /v1/payouts?arrival_date[gte]={2024-05-01T00:00:00Z}

-- case: an old name of a time column
SELECT id FROM invoice_items WHERE created >= '2024-05-01'
-- request: GET /v1/invoiceitems?created[gte]={2024-05-01T00:00:00Z}

-- case: the new name of that column takes the same parameter
SELECT id FROM invoice_items WHERE date >= '2024-05-01'
-- request: GET /v1/invoiceitems?created[gte]={2024-05-01T00:00:00Z}

-- case: v2 lists take RFC 3339
SELECT id FROM v2_core_events WHERE created >= '2024-05-01'
-- request: GET /v2/core/events?created[gte]=2024-05-01T00:00:00Z

-- case: v2 lists cannot be asked for a year of five digits
SELECT id FROM v2_core_events WHERE created < '12000-01-01'
-- request: GET /v2/core/events
-- residual: created < '12000-01-01'

-- case: a range of numbers
SELECT id FROM topups WHERE amount > 5 AND amount <= 10
-- request: GET /v1/topups?amount[gt]=5&amount[lte]=10

-- case: a number is a range of one
SELECT id FROM topups WHERE amount = 5 LIMIT 2
-- request: GET /v1/topups?amount[gte]=5&amount[lte]=5
-- limit: 2

-- case: several numbers are the range around them
SELECT id FROM topups WHERE amount IN (5, 9)
-- request: GET /v1/topups?amount[gte]=5&amount[lte]=9
-- residual: amount IN (5, 9)

-- case: a negative number
SELECT id FROM topups WHERE amount >= -5
-- request: GET /v1/topups?amount[gte]=-5

-- case: a number that the engine computes
SELECT id FROM topups WHERE amount >= 10 * 100
-- request: GET /v1/topups?amount[gte]=1000

-- case: a range and a value meet in the value
SELECT id FROM topups WHERE amount IN (5, 50) AND amount < 10
-- request: GET /v1/topups?amount[gte]=5&amount[lte]=5

-- case: a range under a column of another table is that table's
SELECT c.id FROM charges c JOIN customers u ON c.currency = u.currency WHERE u.created >= '2024-05-01'
-- request: GET /v1/charges
-- request: GET /v1/customers?created[gte]={2024-05-01T00:00:00Z}
