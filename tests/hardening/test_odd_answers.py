"""Answers that nobody has seen yet: what the catalogue does not know is kept or refused, and never mistaken."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import stripesql
from stripesql.simulator import Simulator

KEY = "sk_test_" + "oddanswers1234"
NOW = 1_790_000_000
CHARGES = "/v1/charges"
Change = Callable[[dict[str, Any]], object]


class Odd(httpx.BaseTransport):
    """Answer as the simulator does, with one thing changed in each object, or with something else altogether."""

    def __init__(
        self, sim: Simulator, change: Change | None = None, answer: Callable[[httpx.Response], httpx.Response] | None = None
    ) -> None:
        self._inner = sim.transport()
        self._change, self._answer = change, answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if not request.url.path.startswith(CHARGES) or response.status_code != 200:
            return response
        if self._answer is not None:
            return self._answer(response)
        document = json.loads(response.read())
        assert self._change is not None
        for row in document.get("data", [document]):
            self._change(row)
        return httpx.Response(200, content=json.dumps(document), headers={"content-type": "application/json"})


@pytest.fixture(scope="module")
def sim() -> Simulator:
    made = Simulator(empty=True, now=NOW)
    for n in range(30):
        made.insert(
            "charges", {"amount": n * 100, "currency": "usd", "created": NOW - n, "description": f"charge {n}", "status": "succeeded"}
        )
    return made


def rows(sim: Simulator, sql: str, change: Change) -> list[tuple[Any, ...]]:
    with stripesql.connect(KEY, transport=Odd(sim, change)) as connection:
        return connection.execute(sql).fetchall()


def test_a_field_that_nobody_knows_is_in_the_raw_object(sim: Simulator) -> None:
    found = rows(sim, "SELECT _raw->>'novelty' FROM charges", lambda row: row.update(novelty="x"))
    assert found == [("x",)] * 30


def test_a_field_that_is_missing_is_null(sim: Simulator) -> None:
    assert rows(sim, "SELECT count(*), count(description), sum(amount) FROM charges", lambda row: row.pop("description")) == [
        (30, 0, 43500)
    ]


@pytest.mark.parametrize("field", ["object", "livemode", "billing_details", "metadata", "currency"])
def test_any_field_may_be_missing(sim: Simulator, field: str) -> None:
    assert rows(sim, "SELECT count(*), sum(amount) FROM charges", lambda row: row.pop(field)) == [(30, 43500)]


def test_a_value_of_an_enum_that_nobody_knows_is_a_value(sim: Simulator) -> None:
    assert rows(sim, "SELECT DISTINCT status FROM charges", lambda row: row.update(status="reconsidered")) == [("reconsidered",)]


def test_an_object_of_a_type_that_nobody_knows_is_a_row(sim: Simulator) -> None:
    assert rows(sim, "SELECT object, count(*) FROM charges GROUP BY object", lambda row: row.update(object="charge_2")) == [
        ("charge_2", 30)
    ]


@pytest.mark.parametrize("amount", [2**31, 2**53 + 1, 2**63 - 1, -(2**63)])
def test_amounts_have_sixty_four_bits(sim: Simulator, amount: int) -> None:
    assert rows(sim, "SELECT DISTINCT amount FROM charges", lambda row: row.update(amount=amount)) == [(amount,)]


@pytest.mark.parametrize(
    ("change", "sql"),
    [
        (lambda row: row.update(amount=2**64), "SELECT amount FROM charges"),
        (lambda row: row.update(amount={"value": 1}), "SELECT amount FROM charges"),
        (lambda row: row.update(amount="many"), "SELECT sum(amount) FROM charges"),
        (lambda row: row.update(created="yesterday"), "SELECT created FROM charges"),
        (lambda row: row.update(created=[1]), "SELECT count(*) FROM charges WHERE created > '2020-01-01'"),
    ],
    ids=["too large", "an object", "a word", "no time", "a list for a time"],
)
def test_a_value_of_another_type_is_kept_or_refused_and_never_null(sim: Simulator, change: Change, sql: str) -> None:
    try:
        found = rows(sim, sql, change)
    except stripesql.Error as problem:
        said = str(problem)
    else:
        said = "ch_ amount" if all(value is not None for (value,) in found) else "NULL"
    assert "ch_" in said
    assert any(field in said for field in ("amount", "created"))


TEXTS = ["", "\x00", "a\x00b", "é", "\U0001f600", "\u202e", "'; DROP TABLE", '"', "\\", "\n\r\t", "a" * 70_000]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_text_is_what_it_was(sim: Simulator, text: str) -> None:
    assert set(rows(sim, "SELECT description FROM charges", lambda row: row.update(description=text))) == {(text,)}


def test_half_of_a_character_is_refused_by_name(sim: Simulator) -> None:
    with pytest.raises(stripesql.DataError, match=r'column "description" .* half of a surrogate pair.* ch_'):
        rows(sim, "SELECT description FROM charges", lambda row: row.update(description="\ud800"))


def test_an_id_that_is_missing_or_no_text_loses_no_row(sim: Simulator) -> None:
    assert rows(sim, "SELECT count(*), count(id) FROM charges", lambda row: row.pop("id")) == [(30, 0)]
    assert rows(sim, "SELECT DISTINCT id FROM charges", lambda row: row.update(id=5)) == [("5",)]


def test_ids_may_have_two_hundred_and_fifty_five_characters(sim: Simulator) -> None:
    def longer(row: dict[str, Any]) -> None:
        row["id"] = (row["id"] + "x" * 255)[:255]

    found = rows(sim, "SELECT id FROM charges", longer)
    assert {len(row[0]) for row in found} == {255}
    assert len(set(found)) == 30


def test_an_object_may_be_ten_megabytes(sim: Simulator) -> None:
    def heavier(row: dict[str, Any]) -> None:
        if row["amount"] == 0:
            row["metadata"] = {"blob": "x" * 10_000_000}

    assert rows(sim, "SELECT max(length(metadata->>'blob')), count(*) FROM charges", heavier) == [(10_000_000, 30)]


def _json(change: Callable[[dict[str, Any]], Any]) -> Callable[[httpx.Response], httpx.Response]:
    def answer(response: httpx.Response) -> httpx.Response:
        document = copy.deepcopy(json.loads(response.read()))
        changed = change(document)
        return httpx.Response(
            200, content=json.dumps(document if changed is None else changed), headers={"content-type": "application/json"}
        )

    return answer


ANSWERS: dict[str, Callable[[httpx.Response], httpx.Response]] = {
    "empty": lambda response: httpx.Response(200, content=b""),
    "null": lambda response: httpx.Response(200, content=b"null"),
    "a number": lambda response: httpx.Response(200, content=b"17"),
    "a list": lambda response: httpx.Response(200, content=b"[]"),
    "half": lambda response: httpx.Response(200, content=response.read()[:100]),
    "a page of HTML": lambda response: httpx.Response(200, content=b"<html>hello</html>", headers={"content-type": "text/html"}),
    "no UTF-8": lambda response: httpx.Response(200, content=b'{"object":"list","data":["\xff\xfe"],"has_more":false}'),
    "no data": _json(lambda document: document.pop("data") and None),
    "data that is no list": _json(lambda document: document.update(data={"id": "ch_1"})),
    "rows that are no objects": _json(lambda document: document.update(data=[1, 2])),
    "deep nesting": lambda response: httpx.Response(200, content=b"[" * 100_000),
    "another host": lambda response: httpx.Response(302, headers={"location": "https://example.com/v1/charges"}),
    "a redirect to itself": lambda response: httpx.Response(307, headers={"location": "/v1/charges"}),
    "a teapot": lambda response: httpx.Response(418, content=b"short and stout"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_that_is_no_list_is_one_clear_error(sim: Simulator, kind: str) -> None:
    with stripesql.connect(KEY, transport=Odd(sim, answer=ANSWERS[kind])) as connection:
        with pytest.raises(stripesql.Error) as refused:
            connection.execute("SELECT id, amount FROM charges").fetchall()
        assert isinstance(refused.value, stripesql.DatabaseError)
        assert not isinstance(refused.value, stripesql.InternalError)
        assert CHARGES in str(refused.value) or "charges" in str(refused.value)
        assert connection.execute("SELECT count(*) FROM customers").fetchone() == (0,)


def test_an_answer_that_calls_itself_text_is_read_if_it_is_a_list(sim: Simulator) -> None:
    odd = Odd(sim, answer=lambda response: httpx.Response(200, content=response.read(), headers={"content-type": "text/plain"}))
    with stripesql.connect(KEY, transport=odd) as connection:
        assert connection.execute("SELECT count(*) FROM charges").fetchone() == (30,)
