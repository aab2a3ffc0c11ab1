-- Columns that are a parameter of the list and no field of its rows.

-- case: equality gives the parameter
SELECT id, payout FROM balance_transactions WHERE payout = 'po_1'
-- request: GET /v1/balance_transactions?payout=po_1

-- case: IN gives one list per value
SELECT id FROM balance_transactions WHERE payout IN ('po_1', 'po_2')
-- request: GET /v1/balance_transactions?payout=po_1
-- request: GET /v1/balance_transactions?payout=po_2

-- case: it cannot be read without a value
SELECT payout FROM balance_transactions
-- error: ArgumentRequired balance_transactions.payout is a parameter of Stripe's list and no field of its rows

-- case: it cannot be compared by anything else
SELECT id FROM balance_transactions WHERE payout <> 'po_1'
-- error: ArgumentRequired compare it with a constant by = or IN (...) at the top level of WHERE, for example WHERE payout = '...'

-- case: it cannot stand in one branch of OR
SELECT id FROM balance_transactions WHERE payout = 'po_1' OR amount > 5
-- error: ArgumentRequired balance_transactions.payout is a parameter

-- case: it can stand alone in every branch of OR
SELECT id FROM balance_transactions WHERE payout = 'po_1' OR payout = 'po_2'
-- request: GET /v1/balance_transactions?payout=po_1
-- request: GET /v1/balance_transactions?payout=po_2

-- case: it cannot be tested for NULL
SELECT id FROM balance_transactions WHERE payout IS NULL
-- error: ArgumentRequired balance_transactions.payout is a parameter

-- case: it cannot be ordered by without a value
SELECT id FROM balance_transactions ORDER BY payout
-- error: ArgumentRequired balance_transactions.payout is a parameter

-- case: a boolean one
SELECT id FROM events WHERE delivery_success
-- request: GET /v1/events?delivery_success=true

-- case: a boolean one, negated
SELECT id FROM events WHERE NOT delivery_success
-- request: GET /v1/events?delivery_success=false

-- case: it carries a limit
SELECT id FROM events WHERE delivery_success = FALSE LIMIT 3
-- request: GET /v1/events?delivery_success=false
-- limit: 3

-- case: it goes with what makes the list complete
SELECT id FROM subscriptions WHERE price = 'price_1'
-- request: GET /v1/subscriptions?status=all&price=price_1

-- case: an empty value belongs to no row
SELECT id FROM balance_transactions WHERE payout = ''
-- error: ArgumentRequired balance_transactions.payout cannot be compared with this value

-- case: in an inner ON it is a value as well
SELECT b.id FROM payouts p JOIN balance_transactions b ON b.payout = 'po_1' AND b.amount = p.amount
-- request: GET /v1/payouts
-- request: GET /v1/balance_transactions?payout=po_1

-- case: the ON of a FULL JOIN cannot give the value
SELECT b.id FROM payouts p FULL JOIN balance_transactions b ON b.payout = 'po_1'
-- error: ArgumentRequired balance_transactions.payout is a parameter

-- case: what is computed from another table's column is no value
SELECT b.id FROM payouts p JOIN balance_transactions b ON b.payout = lower(p.id)
-- error: ArgumentRequired balance_transactions.payout is a parameter

-- case: keys of another table give it
SELECT b.id FROM payouts p JOIN balance_transactions b ON b.payout = p.id WHERE p.status = 'failed'
-- request: GET /v1/payouts?status=failed
-- request: GET /v1/balance_transactions?payout={key}

-- case: keys of a subquery give it
SELECT id, payout FROM balance_transactions WHERE payout IN (SELECT id FROM payouts WHERE status = 'failed')
-- request: GET /v1/payouts?status=failed
-- request: GET /v1/balance_transactions?payout={key}
-- residual: payout IN (SELECT id FROM payouts WHERE status = 'failed')

-- case: keys of an outer join give its right side
SELECT b.id FROM payouts p LEFT JOIN balance_transactions b ON b.payout = p.id WHERE p.status = 'failed'
-- request: GET /v1/payouts?status=failed
-- request: GET /v1/balance_transactions?payout={key}

-- case: keys that an outer join keeps out of its left side do not give it
SELECT b.id FROM balance_transactions b LEFT JOIN payouts p ON b.payout = p.id
-- error: ArgumentRequired balance_transactions.payout is a parameter

-- case: NOT IN gives no value
SELECT id FROM balance_transactions WHERE payout NOT IN (SELECT id FROM payouts)
-- error: ArgumentRequired balance_transactions.payout is a parameter

-- case: keys of the connection's own rows give it
SELECT b.id FROM frame JOIN balance_transactions b ON b.payout = frame.id
-- request: GET /v1/balance_transactions?payout=cus_1
