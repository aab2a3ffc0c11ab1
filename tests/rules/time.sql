-- Times in the session's zone. The statement's time is 2024-05-15 10:30:00 UTC, a Wednesday.
-- Europe/Berlin: clocks went forward on 2024-03-31 at 02:00 and back on 2024-10-27 at 03:00.
-- America/New_York: forward on 2024-03-10 at 02:00, back on 2024-11-03 at 02:00.
-- America/Sao_Paulo: forward on 2018-11-04 at midnight, which did not happen; back on 2018-02-18 at midnight.

-- case: a naive literal is local
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created >= '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00+02:00}

-- case: a typed timestamp is local
-- zone: America/New_York
SELECT id FROM charges WHERE created >= TIMESTAMP '2024-05-01 06:00:00'
-- request: GET /v1/charges?created[gte]={2024-05-01T06:00:00-04:00}

-- case: a typed date is local midnight
-- zone: America/New_York
SELECT id FROM charges WHERE created < DATE '2024-05-01'
-- request: GET /v1/charges?created[lt]={2024-05-01T00:00:00-04:00}

-- case: a timestamp with an offset is an instant in any zone
-- zone: America/New_York
SELECT id FROM charges WHERE created < TIMESTAMPTZ '2024-05-01 00:00:00+00'
-- request: GET /v1/charges?created[lt]={2024-05-01T00:00:00Z}

-- case: now
SELECT id FROM charges WHERE created >= now()
-- request: GET /v1/charges?created[gte]={2024-05-15T10:30:00Z}

-- case: current_timestamp without parentheses
SELECT id FROM charges WHERE created >= current_timestamp
-- request: GET /v1/charges?created[gte]={2024-05-15T10:30:00Z}

-- case: now minus an interval
SELECT id FROM charges WHERE created >= now() - INTERVAL 30 DAY
-- request: GET /v1/charges?created[gte]={2024-04-15T10:30:00Z}

-- case: an interval of months in text
SELECT id FROM charges WHERE created >= now() - INTERVAL '2 months'
-- request: GET /v1/charges?created[gte]={2024-03-15T10:30:00Z}

-- case: an interval of hours and minutes
SELECT id FROM charges WHERE created >= now() - INTERVAL '1 hour 30 minutes'
-- request: GET /v1/charges?created[gte]={2024-05-15T09:00:00Z}

-- case: a function that makes an interval
SELECT id FROM charges WHERE created >= now() - to_days(3)
-- request: GET /v1/charges?created[gte]={2024-05-12T10:30:00Z}

-- case: today is local
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created >= current_date
-- request: GET /v1/charges?created[gte]={2024-05-15T00:00:00+02:00}

-- case: today minus days
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created >= current_date - 7
-- request: GET /v1/charges?created[gte]={2024-05-08T00:00:00+02:00}

-- case: the start of this month
-- zone: America/New_York
SELECT id FROM charges WHERE created >= date_trunc('month', now())
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00-04:00}

-- case: the start of last month, across a switch of the clocks
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created >= date_trunc('month', now()) - INTERVAL 2 MONTH
-- request: GET /v1/charges?created[gte]={2024-03-01T00:00:00+01:00}

-- case: seconds since the epoch
SELECT id FROM charges WHERE created >= to_timestamp(1714521600)
-- request: GET /v1/charges?created[gte]=1714521600

-- case: a made date
SELECT id FROM charges WHERE created >= make_date(2024, 5, 1)
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}

-- case: a parsed text
SELECT id FROM charges WHERE created >= strptime('01.05.2024', '%d.%m.%Y')
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}

-- case: a cast to DATE is a local day
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created::DATE = '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00+02:00}&created[lt]={2024-05-02T00:00:00+02:00}

-- case: a cast to DATE carries a limit
SELECT id FROM charges WHERE CAST(created AS DATE) = DATE '2024-05-01' LIMIT 4
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}&created[lt]={2024-05-02T00:00:00Z}
-- limit: 4

-- case: days from
SELECT id FROM charges WHERE created::DATE >= '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}

-- case: days after
SELECT id FROM charges WHERE created::DATE > '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-02T00:00:00Z}

-- case: days until
SELECT id FROM charges WHERE created::DATE <= '2024-05-01'
-- request: GET /v1/charges?created[lt]={2024-05-02T00:00:00Z}

-- case: days before
SELECT id FROM charges WHERE created::DATE < '2024-05-01'
-- request: GET /v1/charges?created[lt]={2024-05-01T00:00:00Z}

-- case: days between
SELECT id FROM charges WHERE created::DATE BETWEEN '2024-05-01' AND '2024-05-31'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}&created[lt]={2024-06-01T00:00:00Z}

-- case: a day and a later hour: the day's midnight is compared
SELECT id FROM charges WHERE created::DATE >= TIMESTAMP '2024-05-01 12:00:00'
-- request: GET /v1/charges?created[gte]={2024-05-02T00:00:00Z}

-- case: a day at most a later hour
SELECT id FROM charges WHERE created::DATE <= TIMESTAMP '2024-05-01 12:00:00'
-- request: GET /v1/charges?created[lt]={2024-05-02T00:00:00Z}

-- case: today as a day
-- zone: America/New_York
SELECT id FROM charges WHERE created::DATE = current_date
-- request: GET /v1/charges?created[gte]={2024-05-15T00:00:00-04:00}&created[lt]={2024-05-16T00:00:00-04:00}

-- case: a day on which the clocks go forward has 23 hours
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created::DATE = '2024-03-31'
-- request: GET /v1/charges?created[gte]={2024-03-31T00:00:00+01:00}&created[lt]={2024-04-01T00:00:00+02:00}

-- case: a day on which the clocks go back has 25 hours
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created::DATE = '2024-10-27'
-- request: GET /v1/charges?created[gte]={2024-10-27T00:00:00+02:00}&created[lt]={2024-10-28T00:00:00+01:00}

-- case: a day on which the clocks go forward, elsewhere
-- zone: America/New_York
SELECT id FROM charges WHERE created::DATE = '2024-03-10'
-- request: GET /v1/charges?created[gte]={2024-03-10T00:00:00-05:00}&created[lt]={2024-03-11T00:00:00-04:00}

-- case: a day on which the clocks go back, elsewhere
-- zone: America/New_York
SELECT id FROM charges WHERE created::DATE = '2024-11-03'
-- request: GET /v1/charges?created[gte]={2024-11-03T00:00:00-04:00}&created[lt]={2024-11-04T00:00:00-05:00}

-- case: a day that begins at one o'clock is widened by the hour that is missing
-- zone: America/Sao_Paulo
SELECT id FROM charges WHERE created::DATE = '2018-11-04'
-- request: GET /v1/charges?created[gte]={2018-11-03T23:00:00-03:00}&created[lt]={2018-11-05T00:00:00-02:00}
-- residual: CAST(created AS DATE) = '2018-11-04'

-- case: a day that ends twice is widened by the hour that is repeated
-- zone: America/Sao_Paulo
SELECT id FROM charges WHERE created::DATE = '2018-02-17'
-- request: GET /v1/charges?created[gte]={2018-02-17T00:00:00-02:00}&created[lt]={2018-02-18T00:00:00-03:00}

-- case: the start of a day that begins at one o'clock
-- zone: America/Sao_Paulo
SELECT id FROM charges WHERE date_trunc('day', created) >= '2018-11-04'
-- request: GET /v1/charges?created[gte]={2018-11-03T23:00:00-03:00}
-- residual: DATE_TRUNC('DAY', created) >= '2018-11-04'

-- case: the very day that begins at one o'clock
-- zone: America/Sao_Paulo
SELECT id FROM charges WHERE date_trunc('day', created) = TIMESTAMPTZ '2018-11-04 01:00:00-02'
-- request: GET /v1/charges?created[gte]={2018-11-03T23:00:00-03:00}&created[lt]={2018-11-05T00:00:00-02:00}
-- residual: DATE_TRUNC('DAY', created) = CAST('2018-11-04 01:00:00-02' AS TIMESTAMPTZ)

-- case: a local time that happens twice may be either
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created::TIMESTAMP >= '2024-10-27 02:30:00'
-- request: GET /v1/charges?created[gte]={2024-10-27T02:30:00+02:00}
-- residual: CAST(created AS TIMESTAMP) >= '2024-10-27 02:30:00'

-- case: an upper local time that happens twice may be either
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created::TIMESTAMP < '2024-10-27 02:30:00'
-- request: GET /v1/charges?created[lt]={2024-10-27T02:30:01+01:00}
-- residual: CAST(created AS TIMESTAMP) < '2024-10-27 02:30:00'

-- case: a local time that never happens
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created::TIMESTAMP >= '2024-03-31 02:30:00'
-- request: GET /v1/charges?created[gte]={2024-03-31T01:30:00+01:00}
-- residual: CAST(created AS TIMESTAMP) >= '2024-03-31 02:30:00'

-- case: a month
SELECT id FROM charges WHERE date_trunc('month', created) = '2024-02-01'
-- request: GET /v1/charges?created[gte]={2024-02-01T00:00:00Z}&created[lt]={2024-03-01T00:00:00Z}

-- case: a month that is compared with another of its days never comes
SELECT id FROM charges WHERE date_trunc('month', created) = '2024-02-15'
-- request: GET /v1/charges
-- residual: DATE_TRUNC('MONTH', created) = '2024-02-15'

-- case: months from
-- zone: Europe/Berlin
SELECT id FROM charges WHERE date_trunc('month', created) >= '2024-04-01'
-- request: GET /v1/charges?created[gte]={2024-04-01T00:00:00+02:00}

-- case: months from the middle of one
SELECT id FROM charges WHERE date_trunc('month', created) >= '2024-04-15'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}

-- case: this month
-- zone: America/New_York
SELECT id FROM charges WHERE date_trunc('month', created) = date_trunc('month', now())
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00-04:00}&created[lt]={2024-06-01T00:00:00-04:00}

-- case: a week begins on Monday
SELECT id FROM charges WHERE date_trunc('week', created) = '2024-05-13'
-- request: GET /v1/charges?created[gte]={2024-05-13T00:00:00Z}&created[lt]={2024-05-20T00:00:00Z}

-- case: weeks until the middle of one
SELECT id FROM charges WHERE date_trunc('week', created) <= '2024-05-15'
-- request: GET /v1/charges?created[lt]={2024-05-20T00:00:00Z}

-- case: a quarter
SELECT id FROM charges WHERE date_trunc('quarter', created) = '2024-04-01'
-- request: GET /v1/charges?created[gte]={2024-04-01T00:00:00Z}&created[lt]={2024-07-01T00:00:00Z}

-- case: a year
SELECT id FROM charges WHERE date_trunc('year', created) = '2024-01-01'
-- request: GET /v1/charges?created[gte]={2024-01-01T00:00:00Z}&created[lt]={2025-01-01T00:00:00Z}

-- case: the month of a local day
-- zone: Europe/Berlin
SELECT id FROM charges WHERE date_trunc('month', created::DATE) = DATE '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00+02:00}&created[lt]={2024-06-01T00:00:00+02:00}

-- case: the day of a month's start
SELECT id FROM charges WHERE date_trunc('month', created)::DATE = '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}&created[lt]={2024-06-01T00:00:00Z}

-- case: an hour is not cut to
SELECT id FROM charges WHERE date_trunc('hour', created) = '2024-05-01 10:00:00'
-- request: GET /v1/charges
-- residual: DATE_TRUNC('HOUR', created) = '2024-05-01 10:00:00'

-- case: the year of a time
-- zone: Europe/Berlin
SELECT id FROM charges WHERE extract(year FROM created) = 2024
-- request: GET /v1/charges?created[gte]={2024-01-01T00:00:00+01:00}&created[lt]={2025-01-01T00:00:00+01:00}

-- case: other spellings of the year
SELECT id FROM charges WHERE date_part('year', created) >= 2024 AND year(created) <= 2024
-- request: GET /v1/charges?created[gte]={2024-01-01T00:00:00Z}&created[lt]={2025-01-01T00:00:00Z}

-- case: years after
SELECT id FROM charges WHERE year(created) > 2023
-- request: GET /v1/charges?created[gte]={2024-01-01T00:00:00Z}

-- case: years between
SELECT id FROM charges WHERE year(created) BETWEEN 2022 AND 2023
-- request: GET /v1/charges?created[gte]={2022-01-01T00:00:00Z}&created[lt]={2024-01-01T00:00:00Z}

-- case: the year of a week's start is not the year of its days
SELECT id FROM charges WHERE year(date_trunc('week', created)) = 2024
-- request: GET /v1/charges
-- residual: YEAR(DATE_TRUNC('WEEK', created)) = 2024

-- case: a month alone is in every year
SELECT id FROM charges WHERE extract(month FROM created) = 5
-- request: GET /v1/charges
-- residual: EXTRACT(MONTH FROM created) = 5

-- case: the year of another zone
SELECT id FROM charges WHERE year(created AT TIME ZONE 'Asia/Tokyo') = 2024
-- request: GET /v1/charges?created[gte]={2024-01-01T00:00:00+09:00}&created[lt]={2025-01-01T00:00:00+09:00}

-- case: local time of another zone
-- zone: America/New_York
SELECT id FROM charges WHERE created AT TIME ZONE 'Asia/Tokyo' >= '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00+09:00}
-- residual: created AT TIME ZONE 'Asia/Tokyo' >= '2024-05-01'

-- case: a day of another zone
-- zone: America/New_York
SELECT id FROM charges WHERE (created AT TIME ZONE 'Asia/Tokyo')::DATE = '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00+09:00}&created[lt]={2024-05-02T00:00:00+09:00}

-- case: a month of another zone
SELECT id FROM charges WHERE date_trunc('month', created AT TIME ZONE 'Europe/Berlin') = '2024-05-01'
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00+02:00}&created[lt]={2024-06-01T00:00:00+02:00}

-- case: local time of one zone read as that of another is not looked into
SELECT id FROM charges WHERE (created AT TIME ZONE 'Asia/Tokyo')::TIMESTAMPTZ >= '2024-05-01'
-- request: GET /v1/charges
-- residual: CAST((created AT TIME ZONE 'Asia/Tokyo') AS TIMESTAMPTZ) >= '2024-05-01'

-- case: an unknown zone stays, the engine says so
SELECT id FROM charges WHERE created AT TIME ZONE 'Nowhere/At_All' >= '2024-05-01'
-- request: GET /v1/charges
-- residual: created AT TIME ZONE 'Nowhere/At_All' >= '2024-05-01'

-- case: a folder of zones is no zone
SELECT id FROM charges WHERE created AT TIME ZONE 'Europe' >= '2024-05-01'
-- request: GET /v1/charges
-- residual: created AT TIME ZONE 'Europe' >= '2024-05-01'

-- case: arithmetic on the column is not looked into
SELECT id FROM charges WHERE created + INTERVAL 1 DAY >= '2024-05-01'
-- request: GET /v1/charges
-- residual: created + INTERVAL '1' DAY >= '2024-05-01'

-- case: a time that depends on another column stays
SELECT id FROM invoices WHERE created >= due_date - INTERVAL 1 DAY
-- request: GET /v1/invoices
-- residual: created >= due_date - INTERVAL '1' DAY

-- case: the epoch of a column is not looked into
SELECT id FROM charges WHERE epoch(created) >= 1714521600
-- request: GET /v1/charges
-- residual: EPOCH(created) >= 1714521600

-- case: a text of the time is not looked into
SELECT id FROM charges WHERE strftime(created, '%Y') = '2024'
-- request: GET /v1/charges
-- residual: STRFTIME(created, '%Y') = '2024'

-- case: an ON term over time enters its side
SELECT 1 FROM payouts p LEFT JOIN charges c ON c.currency = p.currency AND c.created::DATE = '2024-05-01'
-- request: GET /v1/payouts
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00Z}&created[lt]={2024-05-02T00:00:00Z}

-- case: a typed literal that is cast again is not what the parser says, and stays
-- zone: Europe/Berlin
SELECT id FROM charges WHERE created >= TIMESTAMPTZ '2024-05-01 23:00:00+00'::DATE
-- request: GET /v1/charges
-- residual: created >= CAST(CAST('2024-05-01 23:00:00+00' AS DATE) AS TIMESTAMPTZ)

-- case: days in a list are a range each where they are far apart
SELECT id FROM charges WHERE created::DATE IN ('2024-01-01', DATE '2024-05-02')
-- request: GET /v1/charges?created[gte]={2024-01-01T00:00:00+00:00}&created[lt]={2024-01-02T00:00:00+00:00}
-- request: GET /v1/charges?created[gte]={2024-05-02T00:00:00+00:00}&created[lt]={2024-05-03T00:00:00+00:00}
-- residual: CAST(created AS DATE) IN ('2024-01-01', CAST('2024-05-02' AS DATE))

-- case: days in a list are one range where they are close
SELECT id FROM charges WHERE created::DATE IN ('2024-05-01', '2024-05-03')
-- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00+00:00}&created[lt]={2024-05-04T00:00:00+00:00}
-- residual: CAST(created AS DATE) IN ('2024-05-01', '2024-05-03')

-- case: months in a list begin in the session's zone
-- zone: Europe/Berlin
SELECT id FROM charges WHERE date_trunc('month', created) IN ('2024-04-01', '2024-05-01')
-- request: GET /v1/charges?created[gte]={2024-04-01T00:00:00+02:00}&created[lt]={2024-06-01T00:00:00+02:00}
-- residual: DATE_TRUNC('MONTH', created) IN ('2024-04-01', '2024-05-01')

-- case: a day in a list that is no day says nothing
SELECT id FROM charges WHERE created::DATE IN ('2024-05-01', NULL)
-- request: GET /v1/charges
-- residual: CAST(created AS DATE) IN ('2024-05-01', NULL)

-- case: years in a list
SELECT id FROM charges WHERE year(created) IN (2023, 2024)
-- request: GET /v1/charges?created[gte]={2023-01-01T00:00:00+00:00}&created[lt]={2025-01-01T00:00:00+00:00}
-- residual: YEAR(created) IN (2023, 2024)
