-- SELECTs that DuckDB runs, and that must give the same labels and rows here. One per block, blocks end with a line of two semicolons.
FROM charges
;;
FROM charges SELECT id, amount WHERE amount > 5000
;;
FROM charges c WHERE c.amount > 5000
;;
SELECT id FROM charges QUALIFY row_number() OVER (PARTITION BY customer ORDER BY created DESC, id) = 1
;;
SELECT DISTINCT ON (customer) customer, id FROM charges ORDER BY customer, created DESC, id
;;
SELECT currency, count(*) FROM charges GROUP BY ALL ORDER BY ALL
;;
SELECT currency, status, count(*) c FROM charges GROUP BY GROUPING SETS ((currency), (status), ())
;;
SELECT currency, status, count(*), grouping(currency) FROM charges GROUP BY CUBE (currency, status)
;;
SELECT currency, count(*) FROM charges GROUP BY ROLLUP (currency)
;;
SELECT count(*) FILTER (WHERE paid), count(*) FILTER (paid) FROM charges
;;
SELECT id, sum(amount) OVER w AS s FROM charges WINDOW w AS (PARTITION BY customer ORDER BY created, id)
;;
SELECT c.id, x.n FROM customers c, LATERAL (SELECT count(*) n FROM charges ch WHERE ch.customer = c.id) x
;;
SELECT c.id, x.n FROM customers c LEFT JOIN LATERAL (SELECT count(*) n FROM charges ch WHERE ch.customer = c.id) x ON true
;;
VALUES (1, 'a'), (2, 'b')
;;
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) t(x, y)
;;
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n, (SELECT count(*) FROM charges) AS c FROM t
;;
PIVOT charges ON currency USING sum(amount) GROUP BY status
;;
PIVOT (SELECT currency, status, amount FROM charges) ON currency USING sum(amount)
;;
SELECT * FROM (SELECT currency, status, amount FROM charges) PIVOT (sum(amount) FOR currency IN ('usd', 'eur') GROUP BY status)
;;
FROM charges PIVOT (sum(amount) FOR currency IN ('usd', 'eur') GROUP BY status)
;;
UNPIVOT (SELECT id, amount, amount_refunded FROM charges) ON amount, amount_refunded INTO NAME k VALUE v
;;
SELECT * FROM (SELECT id, amount, amount_refunded FROM charges) UNPIVOT (v FOR k IN (amount, amount_refunded))
;;
SELECT list_transform([1,2,3], lambda x: x + 1)
;;
SELECT list_filter([1,2,3], lambda x: x > amount) FROM charges WHERE amount < 3000
;;
SELECT [x + 1 FOR x IN [1,2,3] IF x > 1]
;;
SELECT [x FOR x IN [amount, amount_refunded] IF x > 1000] FROM charges
;;
SELECT {'a': id, 'b': amount}.b FROM charges
;;
SELECT struct_pack(a := id, b := amount).a FROM charges
;;
SELECT COLUMNS('amount.*') FROM charges
;;
SELECT max(COLUMNS('amount.*')) FROM charges
;;
SELECT COLUMNS(lambda c: c LIKE 'amount%') FROM charges
;;
SELECT * EXCLUDE (metadata) FROM charges
;;
SELECT * REPLACE (amount / 100 AS amount) FROM charges
;;
SELECT * RENAME (amount AS cents) FROM charges
;;
SELECT * LIKE 'amount%' FROM charges
;;
SELECT * EXCLUDE metadata REPLACE (upper(currency) AS currency) FROM charges
;;
SELECT a.id, b.id FROM (SELECT id FROM charges ORDER BY id) a POSITIONAL JOIN (SELECT id FROM customers ORDER BY id) b
;;
SELECT a.id, b.id FROM (SELECT id, created FROM charges) a ASOF JOIN (SELECT id, created FROM invoices) b ON a.created >= b.created
;;
SELECT c.id, i.created FROM charges c ASOF LEFT JOIN invoices i ON c.customer = i.customer AND c.created >= i.created
;;
SELECT c.id, i.created FROM charges c ASOF JOIN invoices i USING (customer, created)
;;
SELECT id, amount FROM charges UNION BY NAME SELECT id, name FROM customers
;;
SELECT id FROM charges UNION ALL BY NAME SELECT name, id FROM customers
;;
SELECT customer FROM charges INTERSECT SELECT id FROM customers
;;
SELECT id FROM customers EXCEPT SELECT customer FROM charges
;;
SELECT customer FROM charges EXCEPT ALL SELECT id FROM customers
;;
SELECT "id", "AMOUNT" FROM "charges" AS "C h" WHERE "C h"."amount" > 100
;;
SELECT /* a /* nested */ b */ id -- tail
FROM /* x */ charges -- y
;;
SELECT id FROM charges LIMIT 3;
;;
SELECT 'é€😀' AS "ünï", id AS "😀" FROM charges
;;
SELECT charges.id FROM charges
;;
SELECT c FROM (SELECT id, amount FROM charges) c
;;
SELECT c.* FROM charges c SEMI JOIN customers u ON c.customer = u.id
;;
SELECT c.id FROM customers c ANTI JOIN charges u ON u.customer = c.id
;;
SELECT id FROM customers c WHERE NOT EXISTS (FROM charges WHERE customer = c.id)
;;
SELECT id FROM customers c WHERE EXISTS (SELECT 1 FROM charges WHERE customer = c.id)
;;
SELECT id FROM customers WHERE id IN (SELECT customer FROM charges WHERE amount > 5000)
;;
SELECT id FROM customers WHERE id = ANY (SELECT customer FROM charges WHERE amount > 5000)
;;
SELECT id FROM customers WHERE balance >= ALL (SELECT balance FROM customers)
;;
SELECT id, (SELECT count(*) FROM charges WHERE customer = c.id) FROM customers c
;;
SELECT (SELECT max(amount) FROM charges), count(*) FROM customers
;;
SELECT EXISTS (SELECT 1 FROM charges)
;;
SELECT 1 IN (SELECT 1 FROM charges)
;;
SELECT ARRAY(SELECT amount FROM charges ORDER BY id LIMIT 3)
;;
SELECT id FROM charges ORDER BY amount DESC NULLS LAST, id LIMIT 5 OFFSET 2
;;
SELECT id FROM charges LIMIT 10%
;;
SELECT id FROM charges ORDER BY id LIMIT 10 PERCENT
;;
SELECT id FROM charges ORDER BY id FETCH FIRST 5 ROWS ONLY
;;
SELECT id FROM charges OFFSET 2000
;;
SELECT id FROM charges LIMIT (SELECT 5)
;;
SELECT amount AS x, x * 2 AS y FROM charges WHERE x > 5000
;;
SELECT 1 AS amount FROM charges WHERE amount > 5000
;;
SELECT created::date AS created, count(*) FROM charges WHERE created > '2020-01-01' GROUP BY 1
;;
SELECT created::date AS created, count(*) FROM charges GROUP BY created
;;
SELECT total: amount, cur: upper(currency) FROM charges
;;
FROM c: charges SELECT c.id
;;
SELECT id[1:3], id[:2], id[-2:], [1,2,3][1] FROM charges
;;
SELECT 'abc'.upper().lower()
;;
SELECT id.upper() FROM charges
;;
SELECT created.year() FROM charges
;;
SELECT amount::VARCHAR || '€', TRY_CAST(id AS INT), CAST(amount AS DOUBLE) FROM charges
;;
SELECT CASE currency WHEN 'usd' THEN 1 ELSE 2 END FROM charges
;;
SELECT amount // 100, amount % 7, amount ** 2, amount ^ 2, amount / 3, -amount, ~amount, amount & 3, amount | 3, amount << 1, amount >> 1 FROM charges
;;
SELECT id SIMILAR TO 'ch.*', id ~ 'ch', id !~ 'ch', id ~~ 'ch%', id ~~~ 'ch*', id GLOB 'ch*', id ILIKE 'CH%', id LIKE 'ch%' ESCAPE '!', regexp_matches(id, 'x') FROM charges
;;
SELECT id NOT LIKE 'x', id NOT ILIKE 'x', id IS NOT NULL, id NOTNULL, id ISNULL, paid IS NOT TRUE, paid IS UNKNOWN FROM charges
;;
SELECT created + INTERVAL 1 DAY, created - INTERVAL '2 months', created - created, age(created, created), INTERVAL (amount) DAY FROM charges
;;
SELECT metadata->>'order_id', metadata->'order_id', metadata->>'$.order_id', json_extract_string(metadata, 'order_id'), json_keys(metadata) FROM charges
;;
SELECT unnest([1,2,3]), id FROM charges
;;
SELECT unnest({'a': 1, 'b': 2})
;;
SELECT * FROM unnest([1,2,3]) t(x)
;;
SELECT * FROM range(5) r(i), customers c WHERE c.balance = r.i
;;
SELECT * FROM generate_series(1, 5)
;;
SELECT c.id, u.x FROM charges c, unnest([c.amount, c.amount_refunded]) u(x)
;;
SELECT c.id, j.value FROM charges c, json_each(c.metadata) j
;;
TABLE charges
;;
(SELECT id FROM charges) UNION ALL (SELECT id FROM customers) ORDER BY 1 LIMIT 3
;;
((SELECT id FROM charges))
;;
WITH a AS (SELECT * FROM charges), b AS MATERIALIZED (SELECT * FROM a WHERE paid), c AS NOT MATERIALIZED (SELECT id FROM b) SELECT * FROM c
;;
WITH charges AS (SELECT * FROM customers) SELECT * FROM charges
;;
WITH charges AS (SELECT * FROM charges WHERE amount > 5000) SELECT id FROM charges
;;
WITH x AS (SELECT 1 AS a) FROM x
;;
WITH x AS (FROM charges) SELECT count(*) FROM x, x AS y WHERE x.id = y.id
;;
SELECT * FROM charges NATURAL JOIN (SELECT id, amount FROM charges) c2
;;
SELECT id FROM charges JOIN (SELECT id FROM charges) c2 USING (id)
;;
SELECT * FROM customers c JOIN charges ch ON ch.customer = c.id
;;
SELECT c.* EXCLUDE (metadata), ch.amount FROM customers c JOIN charges ch ON ch.customer = c.id
;;
SELECT * FROM customers c CROSS JOIN (SELECT 1 AS one) o
;;
SELECT * FROM (customers c JOIN charges ch ON ch.customer = c.id) JOIN invoices i ON i.customer = c.id AND i.total > 10000
;;
SELECT c.id FROM customers c JOIN charges ch JOIN invoices i ON i.customer = ch.customer ON ch.customer = c.id
;;
SELECT id FROM charges WHERE (id, amount) IN (SELECT id, amount FROM charges WHERE amount > 5000)
;;
SELECT id FROM charges WHERE (currency, paid) = ('usd', true)
;;
SELECT id FROM charges WHERE row(currency, paid) IN (('usd', true))
;;
SELECT id FROM charges WHERE amount IN [1000, 2000]
;;
SELECT 'x' IN ('x', 'y') FROM charges
;;
SELECT $$a'b$$, $tag$ $$ $tag$, E'a\nb', 'a''b', x'41'
;;
SELECT 1_000_000, 0x1F, 1e3, .5, 5.
;;
SELECT TIMESTAMP '2024-01-01', DATE '2024-01-01', TIME '10:00', INTERVAL '1' YEAR, TIMESTAMPTZ '2024-01-01 00:00:00+02'
;;
SELECT MAP {'a': 1}['a'], MAP([1],[2]), {'a': {'b': 1}}.a.b, [[1]][1][1]
;;
SELECT count() FROM charges
;;
SELECT count(*) c, sum(amount) FROM charges HAVING count(*) > 1
;;
SELECT currency FROM charges GROUP BY currency HAVING sum(amount) > 1000 ORDER BY sum(amount)
;;
SELECT amount > 5000 AS big, count(*) FROM charges GROUP BY big
;;
SELECT amount > 5000 AS big, count(*) FROM charges GROUP BY 1 ORDER BY 2 DESC
;;
SELECT id FROM charges WHERE id IN ('a', 'b', NULL)
;;
SELECT * FROM charges WHERE false
;;
SELECT 1
;;
SELECT id, FROM charges
;;
TABLE charges ORDER BY id LIMIT 3
;;
SELECT x'41', id FROM charges LIMIT 2
;;
WITH t AS (SELECT * FROM charges WHERE amount > 90000) SELECT x'41' AS b, t.id FROM t, customers c WHERE t.customer = c.id
;;
SELECT a$$, b FROM (SELECT id AS a$$, amount AS b FROM charges WHERE amount > 90000)
;;
SELECT * FROM (PIVOT charges ON currency USING count(*) GROUP BY status)
;;
SELECT * FROM (UNPIVOT (SELECT amount, amount_refunded FROM charges) ON amount, amount_refunded)
;;
SELECT * FROM (FROM charges SELECT id)
;;
SELECT #1 FROM charges
;;
SELECT id, amount FROM charges ORDER BY #2, #1
;;
SELECT id FROM charges ORDER BY ALL DESC
;;
SELECT count(*) FROM charges GROUP BY ()
;;
SELECT DISTINCT * FROM (SELECT currency FROM charges)
;;
SELECT ALL currency FROM charges
;;
SELECT currency FROM charges GROUP BY currency ORDER BY count(*) DESC NULLS FIRST
;;
SELECT t.* FROM charges AS t WHERE t.amount > 90000
;;
SELECT t.*, 1 AS one FROM charges AS t WHERE t.amount > 90000
;;
SELECT id FROM charges WHERE id NOT IN (SELECT charge FROM disputes WHERE charge IS NOT NULL)
;;
SELECT id FROM charges EXCEPT (SELECT charge FROM disputes) ORDER BY id LIMIT 3
;;
SELECT id, amount FROM charges WHERE amount IS DISTINCT FROM 5000
;;
SELECT substring(id FROM 1 FOR 2), position('_' IN id), trim(BOTH 'c' FROM id), overlay(id PLACING 'x' FROM 1) FROM charges
;;
SELECT extract(epoch FROM created) FROM charges
;;
SELECT (SELECT id FROM charges ORDER BY id LIMIT 1) || 'x'
;;
SELECT id FROM charges c WHERE amount = (SELECT max(amount) FROM charges WHERE currency = c.currency)
;;
SELECT c.id FROM customers c JOIN LATERAL (SELECT id FROM charges WHERE customer = c.id ORDER BY amount DESC, id LIMIT 1) x ON true
;;
SELECT * FROM (SELECT id, amount FROM charges) t(a, b) WHERE b > 90000
;;
SELECT * FROM charges t(a) WHERE a LIKE 'py%' AND amount > 50000
;;
WITH RECURSIVE c AS (SELECT 1 AS n UNION SELECT n+1 FROM c WHERE n < 3) SELECT * FROM c JOIN charges ON amount % 3 = n WHERE amount > 90000
;;
WITH RECURSIVE t(n) USING KEY (n) AS (SELECT 1 UNION SELECT n FROM t WHERE n < 0) SELECT * FROM t
;;
SELECT * FROM charges, (VALUES ('usd'), ('eur')) v(cur) WHERE currency = cur AND amount > 90000
;;
SELECT id FROM charges WHERE (SELECT count(*) FROM customers) > 0 AND amount > 90000
;;
SELECT struct_extract(row(1,2), 1), [1,2,3][-1], 'abc'[1], 'abc'[-1], map {'a': 1}['a']
;;
SELECT list_reduce([1,2,3], lambda x, y: x + y), list_transform([1,2], lambda x, i: x * i)
;;
SELECT {'x': 1, 'y': {'z': [1, 2]}}.y.z[1], struct_insert({'a': 1}, b := 2)
;;
SELECT COALESCE(NULLIF(currency, 'usd'), 'x'), IF(paid, 1, 0), IFNULL(customer, ''), GREATEST(amount, 5), amount::DECIMAL(18,2) FROM charges
;;
SELECT INTERVAL '1' MONTH + INTERVAL 3 DAYS, DATE '2024-01-31' + INTERVAL 1 MONTH, date_diff('day', DATE '2024-01-01', DATE '2024-02-01'), datesub('month', DATE '2024-01-31', DATE '2024-02-29')
;;
SELECT strftime(DATE '2024-01-01', '%d/%m/%Y'), strptime('2024', '%Y'), make_timestamp(2024,1,1,0,0,0.5), epoch_ms(1000), to_timestamp(5)
;;
SELECT regexp_extract(id, '(ch)_(.*)', 1), string_split(id, '_')[1], id.split('_')[1], format('{} {}', id, amount), printf('%d', amount) FROM charges
;;
SELECT count(*), count(DISTINCT (currency, paid)) FROM charges
;;
SELECT list(id ORDER BY amount DESC, id)[1:2], array_agg(DISTINCT currency ORDER BY currency), max(amount, 2), min_by(id, amount), arg_min(id, amount) FROM charges
;;
SELECT sum(amount) FILTER (currency = 'usd') OVER (ORDER BY created, id) FROM charges WHERE amount > 50000
;;
SELECT id, amount - lag(amount) OVER w AS d, rank() OVER w, dense_rank() OVER (w), nth_value(id, 2) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM charges WINDOW w AS (PARTITION BY currency ORDER BY created, id)
;;
SELECT id FROM charges WHERE amount > 90000 UNION SELECT id FROM customers WHERE balance > 0 INTERSECT SELECT id FROM customers
;;
(SELECT id FROM charges WHERE amount > 90000) UNION ALL BY NAME (SELECT id, name FROM customers LIMIT 0)
;;
SELECT * FROM (SELECT 1) UNION ALL (VALUES (2))
;;
SELECT c.name, ch.* EXCLUDE (metadata, payment_method_details, source, refunds, level3_line_items) FROM customers c LEFT JOIN charges ch ON c.id = ch.customer AND ch.amount > 90000 WHERE c.balance = 0
;;
SELECT count(*) FROM charges FULL OUTER JOIN customers ON charges.customer = customers.id
;;
SELECT count(*) FROM charges a RIGHT JOIN customers b ON a.customer = b.id WHERE a.id IS NULL
;;
SELECT count(*) FROM charges JOIN customers USING (currency)
;;
SELECT count(*) FROM charges INNER JOIN customers ON (charges.customer = customers.id), disputes WHERE disputes.charge = charges.id
;;
SELECT 'charges', "charges"."id" AS "from", charges.amount AS "select" FROM charges WHERE charges.amount > 90000
;;
SELECT id  ,	amount
  ,currency
FROM
  charges
WHERE amount > 90000 -- end
;;
SELECT id/*c*/AS/*d*/x/**/FROM/**/charges/**/WHERE/**/amount>90000
;;
SELECT id FROM charges WHERE amount > 90000 AND created > now() - INTERVAL 100 YEAR AND currency = ANY(['usd','eur'])
;;
SELECT id FROM charges WHERE currency = ANY(ARRAY['usd'])
;;
SELECT id FROM charges WHERE list_contains(['usd'], currency)
;;
SELECT id FROM charges WHERE NOT paid OR refunded IS NOT FALSE
;;
SELECT id FROM charges WHERE amount > 90000 AND TRUE AND NOT FALSE AND 1 = 1 AND 'a' < 'b' AND NULL IS NULL
;;
SELECT TRY(CAST(id AS INT)), TRY_CAST(id AS INT) FROM charges
;;
SELECT id FROM charges WHERE try(amount) > 90000
;;
SELECT typeof(id), typeof(created), typeof(metadata) FROM charges LIMIT 1
;;
SELECT columns(*)::VARCHAR FROM (SELECT id, amount FROM charges)
;;
SELECT min(columns(*)) FROM (SELECT id, amount FROM charges)
;;
SELECT columns('^(id|amount)$') + 0 FROM (SELECT amount FROM charges)
;;
SELECT * FROM (SELECT id, amount FROM charges) WHERE columns(*) IS NOT NULL
;;
SELECT * EXCLUDE (id) RENAME (amount AS cents) FROM (SELECT id, amount FROM charges)
;;
SELECT * ILIKE 'AM%' FROM charges
;;
SELECT * SIMILAR TO 'am.*' FROM charges
;;
SELECT a.b.c FROM (SELECT {'b': {'c': id}} AS a FROM charges)
;;
SELECT unnest(s), unnest(s, recursive := true) FROM (SELECT {'a': id} AS s FROM charges LIMIT 1)
;;
SELECT count(*) FROM charges c1, charges c2 WHERE c1.id = c2.id
;;
SELECT count(*) FROM range(3) r, charges
;;
SELECT count(*) FROM generate_series(DATE '2024-01-01', DATE '2024-01-05', INTERVAL 1 DAY) AS g(d) LEFT JOIN charges ON created::DATE = g.d
;;
SELECT * FROM repeat('x', 3)
;;
SELECT 1 WHERE EXISTS (FROM charges)
;;
SELECT CASE WHEN EXISTS (SELECT 1 FROM charges WHERE amount > 90000) THEN 'y' ELSE 'n' END
;;
SELECT id, CASE WHEN amount > (SELECT avg(amount) FROM charges) THEN 'big' END AS size FROM charges
;;
SELECT sum(x) FROM (SELECT amount AS x FROM charges UNION ALL SELECT balance FROM customers)
;;
SELECT current_date = today(), typeof(current_timestamp), typeof(localtimestamp), typeof(now()), pi() > 3
;;
SELECT id FROM charges WHERE amount BETWEEN 90000 AND 1000000 AND currency BETWEEN 'a' AND 'z'
;;
SELECT id COLLATE NOCASE FROM charges ORDER BY id COLLATE NOCASE LIMIT 3
;;
SELECT currency, status, sum(amount) FROM charges GROUP BY ALL HAVING sum(amount) > 5000 ORDER BY ALL
;;
SELECT currency, GROUPING_ID(currency, status), count(*) FROM charges GROUP BY CUBE (currency, status)
;;
FROM (FROM charges WHERE amount > 90000) SELECT id ORDER BY id
;;
FROM charges AS c JOIN customers AS u ON c.customer = u.id SELECT c.id, u.name WHERE c.amount > 90000
;;
FROM charges SELECT currency, count(*) GROUP BY ALL
;;
FROM charges, customers SELECT count(*)
;;
FROM VALUES (1), (2) t(x)
;;
SELECT * FROM VALUES (1), (2) t(x)
;;
SELECT id FROM charges WHERE id IN (VALUES ('x'), ('y'))
;;
SELECT NOT paid, -amount, +amount, ~amount, @amount FROM charges
;;
SELECT 10 !
;;
SELECT id FROM charges WHERE amount>90000AND paid
;;
SELECT date '2024-01-01', interval '1 day', timestamp with time zone '2024-01-01 00:00:00+00', time '10:00'
;;
SELECT CAST(amount AS DOUBLE PRECISION), CAST(id AS CHARACTER VARYING), amount::INT8 FROM charges
;;
SELECT id FROM charges ORDER BY created DESC, id LIMIT 5
;;
SELECT id FROM charges ORDER BY created DESC LIMIT 5 OFFSET 3
;;
SELECT created FROM charges ORDER BY created DESC LIMIT 5
