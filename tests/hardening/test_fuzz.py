"""Whatever is given to ``execute``, only errors of PEP 249 come out, and the connection goes on.

Five seconds here; minutes at night (``pytest -m nightly``, or HYPOTHESIS_PROFILE=nightly), and with coverage to guide it in
``tools/fuzz.py``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sentences
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sentences import Fuzzed


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Fuzzed]:
    made = Fuzzed()
    yield made
    made.close()


@st.composite
def _statements(draw: Callable[..., Any]) -> tuple[str, Any]:
    def dice(below: int) -> int:
        return int(draw(st.integers(0, below - 1)))

    return sentences.sentence(dice), sentences.parameters(dice)


@settings(
    max_examples=60, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(_statements())
def test_a_statement_that_nobody_would_write(fuzzed: Fuzzed, statement: tuple[str, Any]) -> None:
    assert fuzzed.run(*statement) is None


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80))
def test_any_text_at_all(fuzzed: Fuzzed, text: str) -> None:
    assert fuzzed.run(text, None) is None


def test_many_by_chance(fuzzed: Fuzzed) -> None:
    chance = random.Random(4711)
    for _ in range(150):
        text, given_ = sentences.sentence(chance.randrange), sentences.parameters(chance.randrange)
        assert fuzzed.run(text, given_) is None, (text, given_)


NESTED = {
    "parentheses": lambda n: "SELECT " + "(" * n + "1" + ")" * n,
    "subqueries": lambda n: "SELECT * FROM (" * n + "SELECT 1" + ")" * n,
    "NOT": lambda n: "SELECT id FROM customers WHERE " + "NOT " * n + "TRUE",
    "OR": lambda n: "SELECT id FROM customers WHERE " + " OR ".join(f"name = '{at}'" for at in range(n)),
    "CASE": lambda n: "SELECT " + "CASE WHEN TRUE THEN " * n + "1" + " END" * n,
    "lists": lambda n: "SELECT " + "[" * n + "]" * n,
    "minus": lambda n: "SELECT " + "- " * n + "1",
    "comments": lambda n: "/* " * n + "SELECT 1" + " */" * n,
    "UNION": lambda n: " UNION ALL ".join(["SELECT 1"] * n),
    "columns": lambda n: "SELECT " + ", ".join(["id"] * n) + " FROM customers",
    "CALL": lambda n: "CALL customers.create(name => " + "(" * n + "1" + ")" * n + ")",
    "EXPLAIN": lambda n: "EXPLAIN " * (n // 5) + "SELECT 1",
    "JSON": lambda n: "CALL customers.create(address => '" + '{"a":' * n + "1" + "}" * n + "')",
    "placeholders": lambda n: "SELECT " + ", ".join("?" * n),
    "a long name": lambda n: "SELECT " + "x" * n * 50 + " FROM customers",
    "ids": lambda n: "SELECT id FROM customers WHERE id IN (" + ", ".join(f"'cus_{at}'" for at in range(n)) + ")",
}


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("depth", [30, 3000])
def test_depth_and_length_end_in_rows_or_an_error(fuzzed: Fuzzed, kind: str, depth: int) -> None:
    assert fuzzed.run(NESTED[kind](depth), None) is None


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_ten_minutes_by_chance(fuzzed: Fuzzed) -> None:
    seed = time.time_ns()
    chance, until = random.Random(seed), time.monotonic() + 600
    while time.monotonic() < until:
        text, given_ = sentences.sentence(chance.randrange), sentences.parameters(chance.randrange)
        assert fuzzed.run(text, given_) is None, (seed, text, given_)
