-- Lists that need an argument: a predicate gives it, or the parent's rows do.

-- case: a predicate gives the argument
SELECT type FROM customer_tax_ids WHERE customer = 'cus_1'
-- request: GET /v1/customers/cus_1/tax_ids

-- case: several parents are one list each
SELECT type FROM customer_tax_ids WHERE customer IN ('cus_1', 'cus_2')
-- request: GET /v1/customers/cus_1/tax_ids
-- request: GET /v1/customers/cus_2/tax_ids

-- case: the argument in a path is percent-encoded
SELECT type FROM customer_tax_ids WHERE customer = 'cus/1'
-- request: GET /v1/customers/cus%2F1/tax_ids

-- case: an argument beside a filter of the same list
SELECT id FROM customer_payment_methods WHERE customer = 'cus_1' AND type = 'card'
-- request: GET /v1/customers/cus_1/payment_methods?type=card

-- case: an argument of the query string
SELECT id FROM subscription_items WHERE subscription = 'sub_1'
-- request: GET /v1/subscription_items?subscription=sub_1

-- case: an argument carries a limit
SELECT id FROM subscription_items WHERE subscription = 'sub_1' LIMIT 2
-- request: GET /v1/subscription_items?subscription=sub_1
-- limit: 2

-- case: an empty argument belongs to no row
SELECT type FROM customer_tax_ids WHERE customer = ''

-- case: dots are no argument of a path
SELECT type FROM customer_tax_ids WHERE customer IN ('.', '..')

-- case: an empty argument among others is left out
SELECT type FROM customer_tax_ids WHERE customer IN ('', 'cus_1')
-- request: GET /v1/customers/cus_1/tax_ids

-- case: a contradiction over the argument needs no request
SELECT type FROM customer_tax_ids WHERE customer = 'cus_1' AND customer = 'cus_2'

-- case: without a parent that could be listed the argument must be given
SELECT id FROM apps_secrets
-- error: ArgumentRequired apps_secrets is listed per scope_type: Stripe needs it; add a predicate, for example WHERE scope_type = '...'

-- case: an argument with a vocabulary
SELECT id FROM apps_secrets WHERE scope_type = 'account'
-- request: GET /v1/apps/secrets?scope[type]=account

-- case: arguments that are times
SELECT aggregated_value FROM billing_meter_event_summaries WHERE meter = 'mtr_1' AND customer = 'cus_1' AND window_start = '2024-05-01' AND window_end = '2024-05-02'
-- request: GET /v1/billing/meters/mtr_1/event_summaries?customer=cus_1&end_time={2024-05-02T00:00:00Z}&start_time={2024-05-01T00:00:00Z}

-- case: a range is no value for such an argument
SELECT aggregated_value FROM billing_meter_event_summaries WHERE meter = 'mtr_1' AND customer = 'cus_1' AND window_start > '2024-05-01' AND window_end = '2024-05-02'
-- error: ArgumentRequired billing_meter_event_summaries.window_start is a parameter of Stripe's list
