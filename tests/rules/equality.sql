-- A parameter that means equality takes one value; several values are one list each.

-- case: equality becomes the parameter
SELECT id FROM charges WHERE customer = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: two equalities become two parameters
SELECT id FROM charges WHERE customer = 'cus_1' AND payment_intent = 'pi_1'
-- request: GET /v1/charges?customer=cus_1&payment_intent=pi_1

-- case: names are found in any case
SELECT ID FROM CHARGES WHERE "Customer" = 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: a column without a parameter stays
SELECT id FROM charges WHERE status = 'succeeded'
-- request: GET /v1/charges
-- residual: status = 'succeeded'

-- case: a parameter that a review forbids stays
SELECT id FROM charges WHERE transfer_group = 'g'
-- request: GET /v1/charges
-- residual: transfer_group = 'g'

-- case: IS NOT DISTINCT FROM a value is equality
SELECT id FROM charges WHERE customer IS NOT DISTINCT FROM 'cus_1'
-- request: GET /v1/charges?customer=cus_1

-- case: a boolean column alone is equality with true
SELECT id FROM products WHERE active
-- request: GET /v1/products?active=true

-- case: NOT of a boolean column is equality with false
SELECT id FROM products WHERE NOT active
-- request: GET /v1/products?active=false

-- case: IS TRUE is equality with true
SELECT id FROM products WHERE active IS TRUE
-- request: GET /v1/products?active=true

-- case: IS FALSE is equality with false
SELECT id FROM products WHERE active IS FALSE
-- request: GET /v1/products?active=false

-- case: IS NOT TRUE keeps NULL and stays
SELECT id FROM products WHERE active IS NOT TRUE
-- request: GET /v1/products
-- residual: NOT active IS TRUE

-- case: a boolean compared with a boolean
SELECT id FROM products WHERE active = false
-- request: GET /v1/products?active=false

-- case: not equal to false is not equal to true
SELECT id FROM products WHERE active <> false
-- request: GET /v1/products
-- residual: active <> FALSE

-- case: a parameter of the opposite meaning gets the opposite value
SELECT id FROM entitlements_features WHERE active
-- request: GET /v1/entitlements/features?archived=false

-- case: a parameter of the opposite meaning, for false
SELECT id FROM entitlements_features WHERE active = false
-- request: GET /v1/entitlements/features?archived=true

-- case: a value of the vocabulary is sent
SELECT id FROM invoices WHERE status = 'paid'
-- request: GET /v1/invoices?status=paid

-- case: a value outside the vocabulary is not sent, it may be new
SELECT id FROM invoices WHERE status = 'reopened'
-- request: GET /v1/invoices
-- residual: status = 'reopened'

-- case: the vocabulary is case-sensitive
SELECT id FROM invoices WHERE status = 'PAID'
-- request: GET /v1/invoices
-- residual: status = 'PAID'

-- case: a word that means something else to Stripe is not a value
SELECT id FROM subscriptions WHERE status = 'all'
-- request: GET /v1/subscriptions?status=all
-- residual: status = 'all'

-- case: a word that stands for several values is not a value
SELECT id FROM subscriptions WHERE status = 'ended'
-- request: GET /v1/subscriptions?status=all
-- residual: status = 'ended'

-- case: the empty string is never sent
SELECT id FROM charges WHERE customer = ''
-- request: GET /v1/charges
-- residual: customer = ''

-- case: a superset parameter is sent and checked again
SELECT id FROM promotion_codes WHERE code = 'FALL20'
-- request: GET /v1/promotion_codes?code=FALL20
-- residual: code = 'FALL20'

-- case: a superset parameter keeps LIMIT back
SELECT id FROM promotion_codes WHERE code = 'FALL20' LIMIT 3
-- request: GET /v1/promotion_codes?code=FALL20
-- residual: code = 'FALL20'

-- case: a renamed column is pushed under the parameter's name
SELECT id FROM promotion_codes WHERE promotion_coupon = 'co_1'
-- request: GET /v1/promotion_codes?coupon=co_1

-- case: an old name of a column is pushed like the new one
SELECT id FROM invoices WHERE subscription = 'sub_1'
-- request: GET /v1/invoices?subscription=sub_1
-- residual: subscription = 'sub_1'

-- case: a dotted path to a column is that column
SELECT id FROM invoices WHERE parent.subscription_details.subscription = 'sub_1'
-- request: GET /v1/invoices?subscription=sub_1
-- residual: parent.subscription_details.subscription = 'sub_1'

-- case: a path inside JSON is not a column
SELECT id FROM charges WHERE metadata.customer = 'cus_1'
-- request: GET /v1/charges
-- residual: metadata.customer = 'cus_1'

-- case: a nested parameter is written with brackets
SELECT id FROM prices WHERE recurring_interval = 'month' AND active
-- request: GET /v1/prices?recurring[interval]=month&active=true

-- case: a parameter brings those that must go with it
SELECT id FROM invoice_payments WHERE payment_payment_intent = 'pi_1'
-- request: GET /v1/invoice_payments?payment[payment_intent]=pi_1&payment[type]=payment_intent

-- case: several values are one list each
SELECT id FROM charges WHERE customer IN ('cus_1', 'cus_2')
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/charges?customer=cus_2

-- case: OR over one column is a list of values
SELECT id FROM charges WHERE customer = 'cus_1' OR customer = 'cus_2'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/charges?customer=cus_2

-- case: up to four enum values are one list each
SELECT id FROM invoices WHERE status IN ('draft', 'open')
-- request: GET /v1/invoices?status=draft
-- request: GET /v1/invoices?status=open

-- case: five enum values are nearly everything, and one list
SELECT id FROM invoices WHERE status IN ('draft', 'open', 'paid', 'uncollectible', 'void')
-- request: GET /v1/invoices
-- residual: status IN ('draft', 'open', 'paid', 'uncollectible', 'void')

-- case: one value outside the vocabulary keeps all of them
SELECT id FROM invoices WHERE status IN ('draft', 'reopened')
-- request: GET /v1/invoices
-- residual: status IN ('draft', 'reopened')

-- case: lists are made of one column only, the one with fewer values
SELECT id FROM charges WHERE customer IN ('cus_1', 'cus_2', 'cus_3') AND payment_intent IN ('pi_1', 'pi_2')
-- request: GET /v1/charges?payment_intent=pi_1
-- request: GET /v1/charges?payment_intent=pi_2
-- residual: customer IN ('cus_1', 'cus_2', 'cus_3')

-- case: one value joins each of the lists
SELECT id FROM charges WHERE customer IN ('cus_1', 'cus_2') AND payment_intent = 'pi_1'
-- request: GET /v1/charges?customer=cus_1&payment_intent=pi_1
-- request: GET /v1/charges?customer=cus_2&payment_intent=pi_1

-- case: terms under AND meet
SELECT id FROM charges WHERE customer IN ('cus_1', 'cus_2') AND customer = 'cus_2'
-- request: GET /v1/charges?customer=cus_2

-- case: OR of two columns is a union of lists
SELECT id FROM charges WHERE customer = 'cus_1' OR payment_intent = 'pi_1'
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/charges?payment_intent=pi_1
-- residual: customer = 'cus_1' OR payment_intent = 'pi_1'

-- case: a column that every branch restricts is pushed, and the branches are checked
SELECT id FROM charges WHERE (customer = 'cus_1' AND paid) OR (customer = 'cus_2' AND NOT paid)
-- request: GET /v1/charges?customer=cus_1
-- request: GET /v1/charges?customer=cus_2
-- residual: (customer = 'cus_1' AND paid) OR (customer = 'cus_2' AND NOT paid)

-- case: a column compared with another column stays
SELECT id FROM charges WHERE customer = payment_intent
-- request: GET /v1/charges
-- residual: customer = payment_intent

-- case: a column compared with itself stays
SELECT id FROM charges WHERE customer = customer
-- request: GET /v1/charges
-- residual: customer = customer

-- case: a value that changes from row to row stays
SELECT id FROM charges WHERE customer = 'cus_' || CAST(random() AS VARCHAR)
-- request: GET /v1/charges
-- residual: customer = 'cus_' || CAST(RANDOM() AS TEXT)

-- case: a value that comes from a subquery stays
SELECT id FROM charges WHERE customer = (SELECT 'cus_1')
-- request: GET /v1/charges
-- residual: customer = (SELECT 'cus_1')

-- case: with pushdown of NOT over a disjunction nothing is pushed
SELECT id FROM charges WHERE NOT (customer = 'cus_1' OR payment_intent = 'pi_1')
-- request: GET /v1/charges
-- residual: NOT (customer = 'cus_1' OR payment_intent = 'pi_1')

-- case: CASE is not looked into
SELECT id FROM charges WHERE CASE WHEN customer = 'cus_1' THEN TRUE ELSE FALSE END
-- request: GET /v1/charges
-- residual: CASE WHEN customer = 'cus_1' THEN TRUE ELSE FALSE END

-- case: a comparison of a comparison is not the comparison
SELECT id FROM charges WHERE (customer = 'cus_1') = FALSE
-- request: GET /v1/charges
-- residual: (customer = 'cus_1') = FALSE

-- case: IS NOT FALSE keeps NULL and stays
SELECT id FROM charges WHERE (customer = 'cus_1') IS NOT FALSE
-- request: GET /v1/charges
-- residual: NOT (customer = 'cus_1') IS FALSE

-- case: a row comparison stays
SELECT id FROM charges WHERE (customer, paid) = ('cus_1', TRUE)
-- request: GET /v1/charges
-- residual: (customer, paid) = ('cus_1', TRUE)

-- case: quotes in a value are sent as they are
SELECT id FROM customers WHERE email = 'o''brien+x&y=z@example.com'
-- request: GET /v1/customers?email=o'brien+x&y=z@example.com

-- case: a backslash is a backslash
SELECT id FROM customers WHERE email = 'a\b'
-- request: GET /v1/customers?email=a\b

-- case: an escape string is what it means
SELECT id FROM customers WHERE email = E'a\'b'
-- request: GET /v1/customers?email=a'b

-- case: a dollar-quoted string is its content
SELECT id FROM customers WHERE email = $$it's$$
-- request: GET /v1/customers?email=it's

-- case: a NUL is never sent
SELECT id FROM customers WHERE email = 'a' || chr(0)
-- request: GET /v1/customers
-- residual: email = 'a' || CHR(0)
