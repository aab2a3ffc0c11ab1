"""Hold columns that are a parameter and no field of the rows against brute force, where keys of another table give their values."""

import pytest
from exactness import tables
from exactness.answers import Ways
from exactness.atoms import Source
from exactness.drawing import AT_NIGHT, CALM, worlds
from exactness.shapes import Query, predicate
from exactness.sql import fill
from exactness.worlds import filled
from hypothesis import event, given, settings
from hypothesis import strategies as st

NAMES = ("payouts", "balance_transactions")
_FORMS = (
    "SELECT b.id, b.payout FROM balance_transactions b WHERE b.payout IN (SELECT p.id FROM payouts p WHERE @) AND @",
    "SELECT b.id, b.payout FROM balance_transactions b WHERE b.payout = (SELECT p.id FROM payouts p WHERE @ ORDER BY p.id LIMIT 1) AND @",
    "SELECT b.id, p.id FROM payouts p JOIN balance_transactions b ON b.payout = p.id WHERE @ AND @",
    "SELECT b.id, p.id FROM balance_transactions b JOIN payouts p ON p.id = b.payout AND @ WHERE @",
    "SELECT p.id, b.id FROM payouts p LEFT JOIN balance_transactions b ON b.payout = p.id WHERE @ AND (@ OR b.id IS NULL)",
    "SELECT p.id, count(b.id), max(b.payout) FROM payouts p LEFT JOIN balance_transactions b ON b.payout = p.id WHERE @ OR @ GROUP BY 1",
    "SELECT p.id FROM payouts p WHERE @ AND EXISTS (SELECT 1 FROM balance_transactions b WHERE b.payout = p.id AND @)",
    "SELECT p.id FROM payouts p WHERE @ AND NOT EXISTS (SELECT 1 FROM balance_transactions b WHERE b.payout = p.id AND @)",
    "SELECT p.id, t.n FROM (SELECT payout, count(*) AS n FROM balance_transactions b GROUP BY 1) t JOIN payouts p ON t.payout = p.id WHERE @ OR @",
)


@pytest.fixture(scope="module")
def ways():
    return Ways()


@pytest.fixture(scope="module")
def plain_fields():
    """Give the bookings of the brute force the column that ours have only by name; return the fields of before."""
    before = tables.TABLES["balance_transactions"]
    tables.TABLES["balance_transactions"] = (*before, tables.key("payout", "payouts"))
    yield before
    tables.TABLES["balance_transactions"] = before


@st.composite
def examples(draw, fields):
    zone = draw(st.sampled_from(tables.ZONES))
    payouts, bookings = Source("payouts", "p"), Source("balance_transactions", "b", given=fields)
    form = draw(st.sampled_from(_FORMS))
    if "IN (SELECT" in form or "LIMIT 1" in form or ("JOIN" in form and " t " not in form) or "EXISTS" in form:
        terms = predicate(draw, [payouts], zone, 1), predicate(draw, [bookings], zone, 1)
    else:
        terms = predicate(draw, [payouts], zone, 1), predicate(draw, [payouts], zone, 1)
    return zone, Query(fill(form, *terms), NAMES), draw(worlds(NAMES))


def automatic(table, seed, found):
    """Make every payout automatic: Stripe says of no other what it is made of."""
    return {**found, "automatic": True} if table == "payouts" else found


def hold(ways, example):
    zone, query, world = example
    ways.take(filled(world, automatic), NAMES, zone)
    brute = ways.brute(query.sql.plain)
    if brute.error:
        event("an error for plain DuckDB too")
        return
    pushed = ways.ask(query.sql.ours, pushdown=True)
    unpushed = ways.ask(query.sql.ours, pushdown=False)
    for found in (pushed, unpushed):
        assert not found.error, (found.error, query.sql.ours)
        assert sorted(map(repr, found.rows)) == sorted(map(repr, brute.rows)), (query.sql.ours, world, found.sent)
    assert pushed.requests <= len(world["payouts"]) * 12 + 20


@settings(CALM, max_examples=60)
@given(data=st.data())
def test_keys_give_the_values_of_a_column_that_is_a_parameter(ways, plain_fields, data):
    hold(ways, data.draw(examples(plain_fields)))


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@settings(AT_NIGHT, max_examples=1000)
@given(data=st.data())
def test_many_more_keys_give_the_values(ways, plain_fields, data):
    hold(ways, data.draw(examples(plain_fields)))
