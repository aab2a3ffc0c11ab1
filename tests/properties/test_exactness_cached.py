"""Hold answers from what was read before against brute force: a cache never changes the rows of a query."""

import pytest
from exactness.answers import WANTED, Answer, Ways, _differences, connection
from exactness.drawing import AT_NIGHT, CALM, worlds
from exactness.queries import queries
from exactness.tables import NEEDS, TABLES, ZONES
from hypothesis import event, given, settings
from hypothesis import strategies as st

SOME = settings(CALM, max_examples=40)


class Remembering(Ways):
    """Ask on a connection with a cache as well."""

    def __init__(self) -> None:
        super().__init__()
        self.cached = connection(self.switch).cursor()
        self.cached.connection.register("wanted", WANTED)
        self.cached.execute("SET cache_ttl_s = 1000000")
        self._ours = (*self._ours, self.cached)

    def take(self, account, tables, zone, **more):
        """Take another account, of which nothing is known."""
        super().take(account, tables, zone, **more)
        self.cached.connection._session_or_raise().owned.wrote()

    def recall(self, text: str) -> Answer:
        """Run our text where earlier answers may be used."""
        return self._ask(self.cached, text)


@pytest.fixture(scope="module")
def ways():
    return Remembering()


@st.composite
def sequences(draw):
    """Draw a zone, two queries, wider reads of their tables that come before, and a world."""
    zone = draw(st.sampled_from(ZONES))
    found = [draw(queries(zone)) for _ in range(2)]
    tables = tuple(dict.fromkeys(table for each in found for table in each.tables))
    before = [draw(_wider_read(table)) for table in tables if table not in NEEDS and draw(st.booleans())]
    return zone, found, before, tables, draw(worlds(tables))


@st.composite
def _wider_read(draw, table):
    times = [field.name for field in TABLES[table] if field.type == "TIMESTAMPTZ"]
    ends = [""]
    if "created" in times:
        ends += [" WHERE created >= '2024-10-01'", " WHERE created < '2024-11-20'", " ORDER BY created DESC LIMIT 5"]
    return f"SELECT * FROM {table}{draw(st.sampled_from(ends))}"


def hold(ways, example):
    zone, found, before, tables, world = example
    ways.settle(world, tables, zone)
    for text in before:
        ways.recall(text)
    hits = 0
    for query in (*found, *found):
        brute = ways.brute(query.sql.plain)
        if brute.error:
            continue
        answer = ways.recall(query.limited or query.sql.ours)
        hits += ways.cached.stats.cache_hits
        problems = _differences("cached", answer, brute, query)
        assert not problems, "\n".join([*problems, query.limited or query.sql.ours, *before, zone, repr(world), *answer.sent])
    event("recalled" if hits else "nothing recalled")


@SOME
@given(example=sequences())
def test_a_query_returns_the_same_rows_from_what_was_read_before(ways, example):
    hold(ways, example)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@AT_NIGHT
@given(example=sequences())
def test_many_more_queries_return_the_same_rows_from_what_was_read_before(ways, example):
    hold(ways, example)
