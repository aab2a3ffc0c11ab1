"""Draw worlds, and say how many examples there are: 200 in CI, 5,000 at night."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from exactness.queries import queries
from exactness.tables import ZONES
from exactness.worlds import World

IS_NIGHT = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
CALM = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
    print_blob=True,
)
AT_NIGHT = settings(CALM, max_examples=5000)


@st.composite
def worlds(draw, tables: tuple[str, ...]) -> World:
    """Draw the numbers of a few rows per table, sometimes of several pages of one, rarely of enough pages to be divided."""
    fewest = draw(st.sampled_from((0, 4, 12)))
    world = {table: draw(st.lists(st.integers(0, 255), min_size=fewest, max_size=24)) for table in tables}
    if draw(st.integers(0, 9)) == 9:
        many = draw(st.integers(95, 350)) if draw(st.integers(0, 9)) else draw(st.integers(600, 900))
        world[tables[0]] = [*world[tables[0]], *range(1000, 1000 + many)]
    return world


@st.composite
def examples(draw, shape=queries):
    """Draw a zone, a query, a world for it, and whether the connection knows how long its lists are."""
    zone = draw(st.sampled_from(ZONES))
    query = draw(shape(zone))
    return zone, query, draw(worlds(query.tables)), draw(st.sampled_from((False, False, True)))
