"""Hold Core queries: what SQLAlchemy writes, the driver answers, and the answers are right."""

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import CompileError

BEFORE_TWO = not hasattr(sa, "Uuid")


@pytest.fixture
def charges(tables):
    return tables["charges"]


@pytest.fixture
def customers(tables):
    return tables["customers"]


@pytest.fixture
def all_charges(sim):
    return sim.listed("charges")


def test_where_is_pushed(connection, charges, sim):
    customer = sim.listed("charges")[0]["customer"]
    sim.clear_log()
    found = connection.execute(sa.select(charges.c.id).where(charges.c.customer == customer)).scalars().all()
    assert set(found) == {each["id"] for each in sim.objects("charges") if each["customer"] == customer}
    assert [dict(request.params).get("customer") for request in sim.log] == [customer]


def test_join_group_and_order(connection, charges, customers, sim):
    query = (
        sa.select(customers.c.id, sa.func.count().label("n"), sa.func.sum(charges.c.amount).label("total"))
        .join(charges, charges.c.customer == customers.c.id)
        .group_by(customers.c.id)
        .having(sa.func.count() > 1)
        .order_by(sa.desc("total"), customers.c.id)
    )
    rows = connection.execute(query).fetchall()
    known = {each["id"] for each in sim.listed("customers")}
    amounts: Counter[str] = Counter()
    counts = Counter(each["customer"] for each in sim.listed("charges") if each["customer"] in known)
    for each in sim.listed("charges"):
        amounts[each["customer"]] += each["amount"]
    expected = sorted(((c, n, amounts[c]) for c, n in counts.items() if n > 1), key=lambda row: (-row[2], row[0]))
    assert [tuple(row) for row in rows] == expected


def test_left_join_keeps_rows_without_a_partner(connection, charges, customers, sim):
    query = sa.select(sa.func.count(sa.distinct(customers.c.id))).select_from(
        customers.outerjoin(charges, charges.c.customer == customers.c.id)
    )
    assert connection.execute(query).scalar() == len(sim.listed("customers"))


def test_recursive_cte(connection):
    numbers = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < 5))
    assert connection.execute(sa.select(sa.func.sum(numbers.c.n))).scalar() == 15


def test_cte_over_a_table(connection, charges, all_charges):
    big = sa.select(charges.c.id, charges.c.amount).where(charges.c.amount > 5000).cte("big")
    assert connection.execute(sa.select(sa.func.count()).select_from(big)).scalar() == sum(each["amount"] > 5000 for each in all_charges)


def test_window_and_filter(connection, charges, all_charges):
    rank = sa.func.row_number().over(partition_by=charges.c.currency, order_by=(charges.c.amount.desc(), charges.c.id))
    ranked = sa.select(charges.c.id, charges.c.currency, charges.c.amount, rank.label("place")).subquery()
    first = connection.execute(sa.select(ranked.c.currency, ranked.c.amount).where(ranked.c.place == 1)).fetchall()
    assert dict(tuple(row) for row in first) == {
        currency: max(each["amount"] for each in all_charges if each["currency"] == currency)
        for currency in {each["currency"] for each in all_charges}
    }
    counted = sa.select(sa.func.count().filter(charges.c.refunded), sa.func.count().filter(sa.not_(charges.c.refunded)))
    refunded = sum(each["refunded"] for each in all_charges)
    assert tuple(connection.execute(counted).one()) == (refunded, len(all_charges) - refunded)


def test_within_group_and_string_aggregate(connection, charges, all_charges):
    amounts = sorted(each["amount"] for each in all_charges)
    median = sa.func.percentile_disc(0.5).within_group(charges.c.amount)
    assert connection.execute(sa.select(median)).scalar() == amounts[(len(amounts) - 1) // 2]
    if hasattr(sa.func, "aggregate_strings") and not BEFORE_TWO:
        inner = sa.select(charges.c.currency.label("c")).distinct().subquery()
        joined = connection.execute(sa.select(sa.func.aggregate_strings(inner.c.c, ","))).scalar()
        assert sorted(joined.split(",")) == sorted({each["currency"] for each in all_charges})


def test_distinct_on(connection, charges, all_charges):
    query = sa.select(charges.c.currency, charges.c.amount).order_by(charges.c.currency, charges.c.amount.desc())
    try:
        from sqlalchemy.dialects.postgresql import distinct_on
    except ImportError:
        query = query.distinct(charges.c.currency)
    else:
        query = query.ext(distinct_on(charges.c.currency))
    assert "DISTINCT ON (charges.currency)" in str(query.compile(connection))
    currencies = sorted({each["currency"] for each in all_charges})
    assert [tuple(row) for row in connection.execute(query)] == [
        (currency, max(each["amount"] for each in all_charges if each["currency"] == currency)) for currency in currencies
    ]


def test_distinct(connection, charges, all_charges):
    found = connection.execute(sa.select(charges.c.currency).distinct()).scalars().all()
    assert sorted(found) == sorted({each["currency"] for each in all_charges})


DOCUMENT = {
    "n": 5,
    "text": "x",
    "f": 1.5,
    "b": True,
    "list": [10, 20],
    "deep": {"er": {"k": "v"}},
    "a.b": 1,
    "$x": 2,
    "/y": 3,
    'q"q': 4,
    "z": None,
}


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda c: c["n"], 5),
        (lambda c: c["deep"], {"er": {"k": "v"}}),
        (lambda c: c["text"].as_string(), "x"),
        (lambda c: c["n"].as_integer(), 5),
        (lambda c: c["n"].as_string(), "5"),
        (lambda c: c["f"].as_float(), 1.5),
        (lambda c: c["f"].as_numeric(10, 2), Decimal("1.50")),
        (lambda c: c["b"].as_boolean(), True),
        (lambda c: c["list"][1].as_integer(), 20),
        (lambda c: c["list"].as_json(), [10, 20]),
        (lambda c: c["deep"]["er"]["k"].as_string(), "v"),
        (lambda c: c[("deep", "er", "k")].as_string(), "v"),
        (lambda c: c[("list", 0)], 10),
        (lambda c: c[("list", 0)].as_integer() + 1, 11),
        (lambda c: c["a.b"].as_integer(), 1),
        (lambda c: c["$x"].as_integer(), 2),
        (lambda c: c["/y"].as_integer(), 3),
        (lambda c: c['q"q'].as_integer(), 4),
        (lambda c: c[('q"q',)].as_integer(), 4),
        (lambda c: c["missing"], None),
        (lambda c: c["missing"].as_string(), None),
        (lambda c: c["z"].as_string(), None),
        (lambda c: c["n"].as_integer() == 5, True),
        (lambda c: c["text"].as_string().in_(["x", "y"]), True),
        (lambda c: c["text"].as_string() + "!", "x!"),
    ],
)
def test_json_access(connection, read, expected):
    inner = sa.select(sa.literal(DOCUMENT, sa.JSON).label("c")).subquery()
    assert connection.execute(sa.select(read(inner.c.c))).scalar() == expected
    written = sa.select(read(inner.c.c)).compile(connection, compile_kwargs={"literal_binds": True})
    assert connection.exec_driver_sql(str(written)).scalar() == expected


def test_json_of_a_table_arrives_decoded(connection, customers, sim):
    found = dict(tuple(row) for row in connection.execute(sa.select(customers.c.id, customers.c.metadata)))
    assert found == {each["id"]: each["metadata"] for each in sim.listed("customers")}


def test_like_ilike_and_regular_expressions(connection, customers, sim):
    emails = [each["email"] for each in sim.listed("customers") if each["email"]]
    count = lambda *where: connection.execute(sa.select(sa.func.count()).select_from(customers).where(*where)).scalar()  # noqa: E731
    assert count(customers.c.email.ilike("A%")) == sum(each.lower().startswith("a") for each in emails) > 0
    assert count(customers.c.email.not_ilike("A%")) == sum(not each.lower().startswith("a") for each in emails)
    assert count(customers.c.email.ilike("A/_%", escape="/")) == sum(each.lower().startswith("a_") for each in emails)
    assert count(customers.c.email.contains("@", autoescape=True)) == len(emails)
    assert count(customers.c.email.regexp_match("^[a-c]")) == sum(each[0] in "abc" for each in emails)
    assert count(~customers.c.email.regexp_match("^[a-c]")) == sum(each[0] not in "abc" for each in emails)
    assert count(customers.c.email.regexp_match("^[A-C]", flags="i")) == sum(each[0].lower() in "abc" for each in emails)
    replaced = sa.select(sa.literal("a-b-c").regexp_replace("-", "+"), sa.literal("a-b-c").regexp_replace("-", "+", flags="g"))
    assert tuple(connection.execute(replaced).one()) == ("a+b-c", "a+b+c")
    if not BEFORE_TWO:
        assert count(customers.c.email.istartswith("A")) == sum(each.lower().startswith("a") for each in emails)


def test_times(connection, charges, all_charges):
    month = sa.func.date_trunc("month", charges.c.created)
    found = connection.execute(sa.select(month, sa.func.count()).group_by(month).order_by(month)).fetchall()
    expected = Counter(utc(each["created"]).replace(day=1, hour=0, minute=0, second=0) for each in all_charges)
    assert [tuple(row) for row in found] == sorted(expected.items())
    year = sa.extract("year", charges.c.created)
    assert dict(tuple(row) for row in connection.execute(sa.select(year, sa.func.count()).group_by(year))) == Counter(
        utc(each["created"]).year for each in all_charges
    )
    day = sa.cast(charges.c.created, sa.Date)
    assert connection.execute(sa.select(sa.func.min(day))).scalar() == min(utc(each["created"]) for each in all_charges).date()


def utc(seconds):
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def test_interval_arithmetic_is_pushed_as_a_range(connection, charges, all_charges, sim):
    newest = max(each["created"] for each in all_charges)
    since = utc(newest)
    query = sa.select(sa.func.count()).select_from(charges).where(charges.c.created > sa.literal(since) - dt.timedelta(days=30))
    sim.clear_log()
    assert connection.execute(query).scalar() == sum(each["created"] > newest - 30 * 86400 for each in all_charges)
    assert all({"created[gte]", "created[gt]"} & dict(request.params).keys() for request in sim.log)
    later = sa.select(charges.c.created, (charges.c.created + dt.timedelta(hours=1)).label("later")).limit(1)
    first, second = connection.execute(later).one()
    assert second - first == dt.timedelta(hours=1)
    assert connection.execute(sa.select(sa.func.now() - sa.func.now())).scalar() == dt.timedelta(0)


def test_time_bounds_are_pushed_as_parameters_and_as_literals(connection, charges, all_charges, sim):
    times = sorted(each["created"] for each in all_charges)
    bound = times[len(times) // 2]
    query = sa.select(charges.c.id).where(charges.c.created >= utc(bound))
    for run in (
        lambda: connection.execute(query),
        lambda: connection.exec_driver_sql(str(query.compile(connection, compile_kwargs={"literal_binds": True}))),
    ):
        sim.clear_log()
        assert len(run().fetchall()) == sum(each >= bound for each in times)
        assert all(dict(request.params)["created[gte]"] == str(bound) for request in sim.log)


def test_casts(connection, charges):
    query = sa.select(
        sa.cast(charges.c.amount, sa.String), sa.cast(charges.c.amount, sa.Numeric(12, 2)), sa.cast(charges.c.amount, sa.Float)
    ).limit(1)
    text, number, real = connection.execute(query).one()
    assert (Decimal(text), float(number)) == (number, real)
    if hasattr(sa, "try_cast") and not BEFORE_TWO:
        assert connection.execute(sa.select(sa.try_cast(sa.literal("x"), sa.Integer))).scalar() is None


def test_arithmetic(connection):
    left, right = sa.literal(-7), sa.literal(2)
    assert connection.execute(sa.select(left + right, left * right, sa.literal(7) % right)).one() == (-5, -14, 1)
    assert float(connection.execute(sa.select(sa.literal(7) / right)).scalar()) == 3.5
    if not BEFORE_TWO:
        assert connection.execute(sa.select(sa.literal(7) // right)).scalar() == 3
        assert connection.execute(sa.select(sa.literal(7.5, sa.Float) // sa.literal(2.0, sa.Float))).scalar() == 3.0
        assert connection.execute(sa.select(sa.literal(6).bitwise_xor(3), sa.literal(6).bitwise_and(3))).one() == (5, 2)


def test_money(connection, charges, all_charges):
    query = sa.select(charges.c.id, sa.func.money(charges.c.amount, charges.c.currency))
    found = dict(tuple(row) for row in connection.execute(query))
    units = {"jpy": 1, "krw": 1, "kwd": 1000, "bhd": 1000}
    assert found == {each["id"]: Decimal(each["amount"]) / units.get(each["currency"], 100) for each in all_charges}


@pytest.mark.parametrize(("limit", "offset"), [(5, None), (5, 3), (None, 3), (0, None)])
def test_limit_and_offset(connection, charges, all_charges, limit, offset):
    query = sa.select(charges.c.id).order_by(charges.c.id).limit(limit).offset(offset)
    ids = sorted(each["id"] for each in all_charges)
    assert connection.execute(query).scalars().all() == ids[offset or 0 :][:limit]


def test_limit_travels_to_stripe(connection, charges, sim):
    connection.execute(sa.select(charges.c.id).limit(10)).fetchall()
    assert [dict(request.params)["limit"] for request in sim.log] == ["10"]


def test_fetch_is_a_limit(connection, charges, all_charges):
    ids = sorted(each["id"] for each in all_charges)
    query = sa.select(charges.c.id).order_by(charges.c.id)
    assert connection.execute(query.fetch(4)).scalars().all() == ids[:4]
    assert connection.execute(query.fetch(4).offset(2)).scalars().all() == ids[2:6]
    with pytest.raises(CompileError, match="WITH TIES"):
        connection.execute(query.fetch(4, with_ties=True))


def test_row_lock_is_refused(connection, charges):
    with pytest.raises(CompileError, match="no row locks"):
        connection.execute(sa.select(charges.c.id).with_for_update())


def test_in_with_expanding_parameters(connection, charges, all_charges, sim):
    ids = [each["id"] for each in all_charges[:3]]
    query = sa.select(charges.c.id).where(charges.c.id.in_(sa.bindparam("ids", expanding=True)))
    sim.clear_log()
    assert sorted(connection.execute(query, {"ids": ids}).scalars()) == sorted(ids)
    assert len(sim.log) == 3
    sim.clear_log()
    assert connection.execute(query, {"ids": []}).scalars().all() == []
    assert sim.log == []


def test_empty_in_and_not_in(connection, charges, all_charges, sim):
    sim.clear_log()
    assert connection.execute(sa.select(charges.c.id).where(charges.c.id.in_([]))).fetchall() == []
    assert sim.log == []
    assert len(connection.execute(sa.select(charges.c.id).where(charges.c.id.not_in([]))).fetchall()) == len(all_charges)
    pair = sa.tuple_(charges.c.currency, charges.c.status)
    assert connection.execute(sa.select(charges.c.id).where(pair.in_([]))).fetchall() == []
    some = connection.execute(sa.select(sa.func.count()).where(pair.in_([("usd", "succeeded"), ("eur", "failed")]))).scalar()
    assert some == sum((each["currency"], each["status"]) in {("usd", "succeeded"), ("eur", "failed")} for each in all_charges)


def test_exists_and_scalar_subquery(connection, charges, customers, sim):
    paid = sa.exists().where(charges.c.customer == customers.c.id, charges.c.paid)
    payers = {each["customer"] for each in sim.listed("charges") if each["paid"]}
    found = connection.execute(sa.select(customers.c.id).where(paid)).scalars().all()
    assert set(found) == payers & {each["id"] for each in sim.listed("customers")}
    count = sa.select(sa.func.count()).where(charges.c.customer == customers.c.id).scalar_subquery()
    query = sa.select(customers.c.id, count).order_by(customers.c.id).limit(3)
    counts = Counter(each["customer"] for each in sim.listed("charges"))
    assert all(row[1] == counts[row[0]] for row in connection.execute(query))


def test_lateral(connection, charges, customers, sim):
    latest = (
        sa.select(charges.c.id, charges.c.amount)
        .where(charges.c.customer == customers.c.id)
        .order_by(charges.c.created.desc(), charges.c.id)
        .limit(1)
        .lateral("latest")
    )
    query = sa.select(customers.c.id, latest.c.amount).select_from(customers.join(latest, sa.true()))
    rows = connection.execute(query).fetchall()
    payers = {each["customer"] for each in sim.listed("charges")} & {each["id"] for each in sim.listed("customers")}
    assert {row[0] for row in rows} == payers


def test_values_and_union(connection, charges, all_charges):
    rates = sa.values(sa.column("currency", sa.String), sa.column("rate", sa.Numeric(10, 4)), name="rates").data(
        [("usd", Decimal("1.1")), ("eur", Decimal("1"))]
    )
    query = sa.select(rates.c.currency, sa.func.count(charges.c.id)).select_from(
        rates.outerjoin(charges, charges.c.currency == rates.c.currency)
    )
    counts = Counter(each["currency"] for each in all_charges)
    found = connection.execute(query.group_by(rates.c.currency)).fetchall()
    assert {row[0]: row[1] for row in found} == {"usd": counts["usd"], "eur": counts["eur"]}
    both = sa.union(sa.select(charges.c.currency), sa.select(sa.literal("xyz"))).order_by("currency")
    assert connection.execute(both).scalars().all() == sorted({*counts, "xyz"})
    minus = sa.except_(sa.select(charges.c.currency), sa.select(sa.literal("usd")))
    assert sorted(connection.execute(minus).scalars()) == sorted(set(counts) - {"usd"})


def test_case_coalesce_nulls_and_is_distinct(connection, customers, sim):
    known = sa.case((customers.c.email.is_(None), "none"), else_="some")
    found = {row[0]: row[1] for row in connection.execute(sa.select(known, sa.func.count()).group_by(known))}
    assert found.get("some", 0) == sum(each["email"] is not None for each in sim.listed("customers"))
    ordered = sa.select(customers.c.email).order_by(customers.c.email.desc().nulls_last()).limit(1)
    assert connection.execute(ordered).scalar() is not None
    assert connection.execute(sa.select(sa.null().is_distinct_from(sa.literal(1)))).scalar() is True


def test_text_takes_named_parameters_and_leaves_casts_alone(connection, all_charges):
    query = sa.text("SELECT count(*), '12:30'::VARCHAR FROM charges WHERE currency = :currency AND description IS DISTINCT FROM '\\:x'")
    found = connection.execute(query, {"currency": "usd"}).one()
    assert tuple(found) == (sum(each["currency"] == "usd" for each in all_charges), "12:30")


def test_hidden_columns_are_named_by_hand(connection, customers, sim):
    raw = sa.select(customers.c.id, sa.column("_raw", sa.JSON)["object"].as_string()).limit(1)
    assert connection.execute(raw).one()[1] == "customer"


def test_names_that_are_words_of_sql_are_quoted(connection):
    inner = sa.select(
        *(sa.literal(index).label(word) for index, word in enumerate(["order", "qualify", "Mixed", "lambda", "a b", 'q"q']))
    ).subquery("group")
    assert tuple(connection.execute(sa.select(inner)).one()) == (0, 1, 2, 3, 4, 5)


def test_statements_are_cached(connection, charges):
    hits = []
    for amount in (-1, -2, -3):
        result = connection.execute(
            sa.select(charges.c.id).where(charges.c.amount == amount, charges.c.customer.in_([str(amount)])).limit(1)
        )
        hits.append(result.context.cache_hit is connection.dialect.CACHE_HIT)
        assert result.fetchall() == []
    assert connection.dialect.supports_statement_cache
    assert hits[1:] == [True, True]
