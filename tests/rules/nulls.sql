-- NULL tests: pushed only to a parameter that means exactly that.

-- case: IS NULL becomes the boolean that means it
SELECT id FROM invoice_items WHERE invoice IS NULL
-- request: GET /v1/invoiceitems?pending=true

-- case: IS NOT NULL becomes its opposite
SELECT id FROM invoice_items WHERE invoice IS NOT NULL
-- request: GET /v1/invoiceitems?pending=false

-- case: NOT of IS NULL is IS NOT NULL
SELECT id FROM invoice_items WHERE NOT invoice IS NULL
-- request: GET /v1/invoiceitems?pending=false

-- case: ISNULL and NOTNULL are other spellings
SELECT id FROM invoice_items WHERE invoice NOTNULL
-- request: GET /v1/invoiceitems?pending=false

-- case: a NULL test carries a limit
SELECT id FROM invoice_items WHERE invoice IS NULL LIMIT 3
-- request: GET /v1/invoiceitems?pending=true
-- limit: 3

-- case: a NULL test beside a prefix answers one of them
SELECT id FROM invoice_items WHERE invoice IS NOT NULL AND starts_with(invoice, 'in_') LIMIT 3
-- request: GET /v1/invoiceitems?pending=false
-- residual: NOT invoice IS NULL
-- residual: STARTS_WITH(invoice, 'in_')

-- case: a value is narrower than IS NOT NULL
SELECT id FROM invoice_items WHERE invoice IS NOT NULL AND invoice = 'in_1'
-- request: GET /v1/invoiceitems?invoice=in_1

-- case: a NULL test without such a parameter stays
SELECT id FROM charges WHERE customer IS NULL
-- request: GET /v1/charges
-- residual: customer IS NULL

-- case: a comparison with NULL is never true
SELECT id FROM charges WHERE customer = NULL

-- case: a comparison with a NULL that the engine computes is never true
SELECT id FROM charges WHERE customer = CAST(NULL AS VARCHAR)

-- case: not equal to NULL is never true
SELECT id FROM charges WHERE customer <> NULL

-- case: a list of NULLs is never true
SELECT id FROM charges WHERE customer IN (NULL, NULL)

-- case: IS NOT DISTINCT FROM NULL is a NULL test
SELECT id FROM charges WHERE customer IS NOT DISTINCT FROM NULL
-- request: GET /v1/charges
-- residual: customer IS NOT DISTINCT FROM NULL

-- case: IS DISTINCT FROM a value keeps NULL and stays
SELECT id FROM charges WHERE customer IS DISTINCT FROM 'cus_1'
-- request: GET /v1/charges
-- residual: customer IS DISTINCT FROM 'cus_1'

-- case: NULL or a value is both
SELECT id FROM charges WHERE customer IS NULL OR customer = 'cus_1'
-- request: GET /v1/charges
-- residual: customer IS NULL OR customer = 'cus_1'

-- case: COALESCE stays
SELECT id FROM charges WHERE coalesce(customer, 'cus_1') = 'cus_1'
-- request: GET /v1/charges
-- residual: COALESCE(customer, 'cus_1') = 'cus_1'
