"""The text of CALL is cut into the procedure's name and the SQL of each argument."""

from __future__ import annotations

import pytest

from stripesql.errors import SqlSyntaxError
from stripesql.sql.calls import ArgumentText, CallText, read_call

READ = [
    ("CALL invoices.pay('in_1')", CallText("invoices", "pay", (ArgumentText(None, "'in_1'"),))),
    ("call Invoices . Pay ( 'in_1' ) ", CallText("Invoices", "Pay", (ArgumentText(None, "'in_1'"),))),
    ("CALL stripe.invoices.pay('in_1')", CallText("invoices", "pay", (ArgumentText(None, "'in_1'"),))),
    ("CALL stripe.request(path => '/v1')", CallText("stripe", "request", (ArgumentText("path", "'/v1'"),))),
    ('CALL "invoices"."pay"(\'in_1\')', CallText("invoices", "pay", (ArgumentText(None, "'in_1'"),))),
    ("CALL account_links.create()", CallText("account_links", "create", ())),
    ("CALL a.b(x => 1, y := 2)", CallText("a", "b", (ArgumentText("x", "1"), ArgumentText("y", "2")))),
    (
        'CALL a.b("address.city" => 1, items[0].price => 2)',
        CallText("a", "b", (ArgumentText("address.city", "1"), ArgumentText("items[0].price", "2"))),
    ),
    ("CALL a.b(x => [1, 2], y => {'k': (1, 2)})", CallText("a", "b", (ArgumentText("x", "[1, 2]"), ArgumentText("y", "{'k': (1, 2)}")))),
    ("CALL a.b(')', x => '=>, ('')')", CallText("a", "b", (ArgumentText(None, "')'"), ArgumentText("x", "'=>, ('')'")))),
    ("CALL a.b(x => f(y => 1)) -- end", CallText("a", "b", (ArgumentText("x", "f(y => 1)"),))),
    ("CALL a.b(/* one */ 'x' /* two */, -- three\n y => 1)", CallText("a", "b", (ArgumentText(None, "'x'"), ArgumentText("y", "1")))),
    ("CALL a.b(x => DEFAULT, y => 1)", CallText("a", "b", (ArgumentText("y", "1"),))),
    (
        "CALL a.b(id, x => amount * 2) FROM t WHERE n > 1 ORDER BY id -- last",
        CallText("a", "b", (ArgumentText(None, "id"), ArgumentText("x", "amount * 2")), "FROM t WHERE n > 1 ORDER BY id"),
    ),
    ("CALL a.b((SELECT max(id) FROM t))", CallText("a", "b", (ArgumentText(None, "(SELECT max(id) FROM t)"),))),
]


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_a_call_is_read(text, expected):
    assert read_call(text) == expected


def test_the_arguments_are_a_query():
    call = read_call("CALL a.b(id, x => 1 + 1) FROM t LIMIT 3")
    assert call.query() == 'SELECT (id) AS "argument 1", (1 + 1) AS "argument 2" FROM t LIMIT 3'
    assert read_call("CALL a.b()").query() == "SELECT NULL AS nothing"


REFUSED = [
    ("CALL", "a procedure is named table.action"),
    ("CALL pay('in_1')", "a procedure is named table.action: CALL invoices.pay('in_123', paid_out_of_band => true) (line 1, column 6)"),
    ("CALL a.b.c.d()", "a procedure is named table.action"),
    ("CALL invoices.pay 'in_1'", "CALL needs the arguments in parentheses"),
    ("CALL invoices.pay", "CALL needs the arguments in parentheses"),
    ("CALL invoices.pay('in_1'", "the arguments of CALL need a closing ) (line 1, column 18)"),
    ("CALL invoices.pay('in_1',)", "an argument is missing beside a comma"),
    ("CALL invoices.pay('in_1', => 1)", "a named argument is written name => value (line 1, column 27)"),
    ("CALL invoices.pay(x =>)", "a named argument is written name => value"),
    ("CALL invoices.pay(forgive => true, 'in_1')", "'in_1' has no name and stands behind a named argument; ids come first"),
    ("CALL invoices.pay('in_1') WHERE true", "after the arguments of CALL comes FROM or nothing, not 'WHERE' (line 1, column 27)"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[text for text, _ in REFUSED])
def test_a_call_that_is_none_is_refused_with_its_place(text, message):
    with pytest.raises(SqlSyntaxError) as caught:
        read_call(text)
    assert message in str(caught.value)
