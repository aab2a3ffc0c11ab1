"""Make statements that nobody would write, and run them.

In: dice, thrown by hypothesis, by a fuzzer or by chance. Out: a text with its parameters, and what is wrong with how it ended.
Three kinds: sentences of a small grammar, valid statements with something changed, and tokens in any order.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import stripesql
from stripesql.simulator import Simulator

KEY = "sk_test_" + "fuzzed12345678"
LONGEST_S = 30.0
"""A statement has two seconds; what takes this long hangs."""
Dice = Callable[[int], int]
"""Throws a number from 0 to below its argument."""
T = TypeVar("T")

TABLES = (
    "customers",
    "charges",
    "invoices",
    "subscriptions",
    "customer_tax_ids",
    "prices",
    "balance",
    "events",
    "stripe.charges",
    "f",
    "nothing",
)
COLUMNS = (
    "id",
    "created",
    "amount",
    "currency",
    "status",
    "customer",
    "metadata.a",
    "address_city",
    "livemode",
    "_raw",
    "*",
    "a",
    "c.id",
    '"order"',
)
LITERALS = ("0", "1", "-1", "1.5", "1e308", "NULL", "TRUE", "'x'", "''", "'today'", "'monthend+1d'", "'2025-01-01'", "DATE '2025-01-01'", "INTERVAL 1 DAY", "'cus_1'", "[1, 2]", "{'a': 1}", "9223372036854775808", "x'00'", "?", ":a", "$1", "'\u00e9\U0001f600'", "now()", "current_date")  # fmt: skip
OPERATORS = (
    "=",
    "<>",
    "<",
    ">=",
    "AND",
    "OR",
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "LIKE",
    "IS",
    "IS NOT DISTINCT FROM",
    "IN",
    "->",
    "->>",
    "::",
    "BETWEEN 1 AND",
    "~",
    "COLLATE",
    "^",
    "//",
    "@>",
)
FUNCTIONS = (
    "count",
    "sum",
    "max",
    "lower",
    "coalesce",
    "date_trunc",
    "money",
    "to_timestamp",
    "length",
    "list",
    "unnest",
    "epoch",
    "strftime",
    "regexp_matches",
    "row_number",
    "read_csv",
    "getenv",
    "no_such",
)
WORDS = ("SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "HAVING", "UNION ALL", "EXCEPT", "JOIN", "LEFT JOIN", "ON", "USING", "AS", "WITH", "RECURSIVE", "INSERT INTO", "VALUES", "UPDATE", "SET", "DELETE FROM", "RETURNING", "CALL", "EXPLAIN", "ANALYZE", "SHOW", "DESCRIBE", "PIVOT", "UNPIVOT", "SUMMARIZE", "CREATE TEMP TABLE", "DROP TABLE", "CASE", "WHEN", "THEN", "END", "OVER", "PARTITION BY", "QUALIFY", "LATERAL", "DISTINCT", "EXISTS", "NOT", "CAST", "ON CONFLICT", "DO NOTHING", "BEGIN", "COMMIT", "COPY", "PREPARE", "TABLESAMPLE", "AT", "ASOF")  # fmt: skip
PUNCTUATION = ("(", ")", ",", ";", ".", "..", "'", '"', "`", "$$", "$a$", "--", "/*", "*/", "[", "]", "{", "}", ":", "::", "=>", ":=", "?", "??", "%", "%s", "%(a)s", "\\", "\n", "\t", "\x00", "\u00a0", "\u2028", "\ufeff", "\ud800", "#", "@", "!", "~", "0x", "1.", ".5e", "E'")  # fmt: skip

VALID = (
    "SELECT id, amount FROM charges WHERE currency = 'usd' AND created >= 'today-30d' ORDER BY created DESC LIMIT 5",
    "SELECT c.email, sum(i.amount_paid) AS paid FROM invoices AS i JOIN customers AS c ON c.id = i.customer GROUP BY ALL HAVING sum(i.amount_paid) > 0",
    "SELECT * FROM customers WHERE id IN ('cus_1', 'cus_2') AND metadata.plan = 'pro'",
    "WITH x AS (SELECT customer, count(*) AS n FROM charges GROUP BY customer) SELECT n, count(*) FROM x GROUP BY n",
    "SELECT date_trunc('month', created) AS m, money(sum(amount), currency) FROM charges WHERE created < 'monthstart' GROUP BY m, currency",
    "INSERT INTO customers (email, name, metadata.a) VALUES ('a@x.test', 'A', '1'), (?, NULL, DEFAULT) RETURNING id",
    "UPDATE customers SET name = upper(name), phone = NULL WHERE email = 'a@x.test' RETURNING name",
    "DELETE FROM customers WHERE email LIKE '%@x.test' AND metadata.a = '1'",
    "INSERT INTO products (id, name) VALUES ('prod_a', 'A') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name",
    "CALL customers.create(email => 'a@x.test', address => {'city': 'Berlin'}, \"metadata.a\" => 'b')",
    "CALL stripe.request('GET', '/v1/customers', params => {'limit': 3}, filter => '$.data[*].id')",
    "CALL customers.update(id, description => 'x') FROM customers LIMIT 1",
    "EXPLAIN (FORMAT JSON) SELECT id FROM charges WHERE customer IN (SELECT id FROM customers WHERE email = 'a@x.test')",
    "CREATE OR REPLACE TEMP TABLE f AS SELECT id, created FROM charges LIMIT 3",
    "SELECT f.id, c.amount FROM f LEFT JOIN charges AS c USING (id) WHERE f.id IS NOT NULL",
    "SET timezone = 'Europe/Berlin'",
    "SHOW TABLES",
    "DESCRIBE SELECT id FROM charges",
    "SELECT ?::INTEGER + 1 AS x, $1, metadata['a'], metadata->>'a' FROM customers WHERE name = :a",
    "PIVOT charges ON currency USING sum(amount) GROUP BY status",
)


def corpus() -> Sequence[str]:
    """Return valid statements: those above, and the constructs that the unit tests compare with DuckDB."""
    file = Path(__file__).parents[1] / "unit" / "constructs.sql"
    text = re.sub(r"^--.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return VALID + tuple(each.strip() for each in text.split(";;") if each.strip())


CORPUS = corpus()
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\w+|\s+|[^\w\s]")


def sentence(dice: Dice) -> str:
    """Return a statement of one of the three kinds."""
    return (_written, _changed, _changed, _soup)[dice(4)](dice)


def parameters(dice: Dice) -> Any:
    """Return what may be given beside a statement."""
    values: tuple[Any, ...] = (None, 1, -(2**70), 1.5, float("nan"), "x", "", "\ud800", b"\x00", True, [1, "a"], {"a": 1}, object())
    kinds: tuple[Callable[[], Any], ...] = (
        lambda: None,
        lambda: [pick(dice, values) for _ in range(dice(4))],
        lambda: {pick(dice, ("a", "b", "1", "")): pick(dice, values)},
        lambda: pick(dice, values),
    )
    return kinds[dice(4) if dice(3) == 0 else 0]()


def pick(dice: Dice, choices: Sequence[T]) -> T:
    """Return one of the choices."""
    return choices[dice(len(choices))]


def _soup(dice: Dice) -> str:
    kinds = (TABLES, COLUMNS, LITERALS, OPERATORS, FUNCTIONS, WORDS, WORDS, PUNCTUATION)
    return pick(dice, (" ", " ", "", "\n")).join(pick(dice, pick(dice, kinds)) for _ in range(1 + dice(25)))


def _changed(dice: Dice) -> str:
    tokens = _TOKEN.findall(pick(dice, CORPUS))
    for _ in range(1 + dice(4)):
        at = dice(len(tokens) or 1)
        match dice(7):
            case 0:
                del tokens[at : at + 1 + dice(3)]
            case 1:
                tokens[at:at] = tokens[at : at + 1 + dice(5)] * (1 + dice(3))
            case 2:
                tokens[at : at + 1] = [pick(dice, pick(dice, (TABLES, COLUMNS, LITERALS, OPERATORS, WORDS, PUNCTUATION)))]
            case 3:
                tokens.insert(at, pick(dice, PUNCTUATION))
            case 4:
                tokens[at : at + 1] = ["(", pick(dice, CORPUS), ")"]
            case 5:
                tokens[at : at + 1] = ["".join(tokens[at : at + 1])[: dice(6)]]
            case _:
                other = dice(len(tokens) or 1)
                tokens[at : at + 1], tokens[other : other + 1] = tokens[other : other + 1], tokens[at : at + 1]
    return "".join(tokens)


def _written(dice: Dice) -> str:
    kinds: tuple[Callable[[], str], ...] = (
        lambda: _query(dice, 3),
        lambda: _query(dice, 3),
        lambda: f"EXPLAIN {_query(dice, 2)}",
        lambda: (
            f"INSERT INTO {pick(dice, TABLES)} ({pick(dice, COLUMNS)}, {pick(dice, COLUMNS)}) VALUES ({_value(dice, 2)}, {_value(dice, 2)}) RETURNING *"
        ),
        lambda: f"INSERT INTO {pick(dice, TABLES)} BY NAME {_query(dice, 2)}",
        lambda: f"UPDATE {pick(dice, TABLES)} SET {pick(dice, COLUMNS)} = {_value(dice, 2)} WHERE {_value(dice, 3)}",
        lambda: f"DELETE FROM {pick(dice, TABLES)} WHERE {_value(dice, 3)}",
        lambda: (
            f"CALL {pick(dice, TABLES)}.{pick(dice, ('create', 'update', 'pay', 'x'))}({_value(dice, 2)}, {pick(dice, COLUMNS)} => {_value(dice, 2)})"
        ),
        lambda: f"CREATE OR REPLACE TEMP TABLE f AS {_query(dice, 2)}",
        lambda: (
            f"{pick(dice, ('SHOW', 'DESCRIBE', 'SUMMARIZE', 'SET', 'RESET'))} {pick(dice, (*TABLES, 'timezone = 1', 'max_requests = 5', 'TABLES'))}"
        ),
    )
    return pick(dice, kinds)()


def _query(dice: Dice, depth: int) -> str:
    columns = ", ".join(_value(dice, depth) + pick(dice, ("", "", f" AS {pick(dice, ('a', 'order', 'x'))}")) for _ in range(1 + dice(3)))
    text = f"SELECT {pick(dice, ('', '', 'DISTINCT '))}{columns} FROM {_source(dice, depth)}"
    if dice(2):
        text += f" WHERE {_value(dice, depth)}"
    if dice(4) == 0:
        text += f" GROUP BY {pick(dice, ('ALL', '1', _value(dice, 1)))}"
    if dice(4) == 0:
        text += f" ORDER BY {_value(dice, 1)} {pick(dice, ('', 'DESC', 'NULLS FIRST'))}"
    if dice(4) == 0:
        text += f" LIMIT {pick(dice, LITERALS)}"
    if depth > 1 and dice(5) == 0:
        text += f" {pick(dice, ('UNION', 'UNION ALL BY NAME', 'EXCEPT', 'INTERSECT'))} {_query(dice, depth - 1)}"
    return text


def _source(dice: Dice, depth: int) -> str:
    kind = dice(6) if depth > 0 else 0
    if kind <= 2:
        return f"{pick(dice, TABLES)} {pick(dice, ('', 'AS c', 'c', 'TABLESAMPLE 10%'))}"
    if kind == 3:
        return f"({_query(dice, depth - 1)}) AS q"
    join = pick(dice, ("JOIN", "LEFT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN", "ASOF JOIN", "POSITIONAL JOIN"))
    on = "" if join == "POSITIONAL JOIN" else f"ON {_value(dice, depth - 1)}"
    return f"{pick(dice, TABLES)} AS c {join} {_source(dice, depth - 1)} {on}"


def _value(dice: Dice, depth: int) -> str:
    kind = dice(8) if depth > 0 else dice(2)
    match kind:
        case 0:
            return pick(dice, COLUMNS)
        case 1:
            return pick(dice, LITERALS)
        case 2 | 3:
            return f"{_value(dice, depth - 1)} {pick(dice, OPERATORS)} {_value(dice, depth - 1)}"
        case 4:
            return f"{pick(dice, FUNCTIONS)}({_value(dice, depth - 1)}{pick(dice, ('', f', {_value(dice, depth - 1)}'))})"
        case 5:
            return f"CASE WHEN {_value(dice, depth - 1)} THEN {_value(dice, depth - 1)} END"
        case 6:
            return f"({_query(dice, depth - 1)})"
        case _:
            return (
                f"({_value(dice, depth - 1)}) {pick(dice, ('IS NULL', 'IN (1, NULL)', '::INTEGER', '::TIMESTAMP', 'OVER ()', 'NOT NULL'))}"
            )


class Fuzzed:
    """Hold an account and a connection, both renewed now and then, because statements change them."""

    def __init__(self, renew_after: int = 200) -> None:
        self._renew_after = renew_after
        self._runs = 0
        self._connection: stripesql.Connection | None = None

    def run(self, text: str, given: Any) -> str | None:
        """Run a statement; return what is wrong with how it ended, or None."""
        connection = self._fresh()
        began = time.monotonic()
        try:
            cursor = connection.cursor()
            cursor.execute(text, given)
            if cursor.description is not None:
                cursor.fetchmany(500)
            cursor.close()
            wrong = None
        except stripesql.InternalError as problem:
            # DuckDB has assertions of its own; the connection has to outlive them.
            wrong = None if str(problem).startswith("the engine failed") else f"InternalError: {problem}"
        except stripesql.Error as problem:
            wrong = "the key is in the message" if KEY in str(problem) else None
        except Exception as problem:  # noqa: BLE001  what a caller does not expect is what is looked for
            wrong = f"{type(problem).__name__}: {problem}"
        seconds = time.monotonic() - began
        if seconds > LONGEST_S:
            wrong = f"it took {seconds:.0f} s"
        if wrong is None and connection.execute("SELECT 42").fetchall() != [(42,)]:
            wrong = "the connection does not answer any more"
        return wrong

    def _fresh(self) -> stripesql.Connection:
        if self._connection is None or self._runs % self._renew_after == 0:
            self.close()
            sim = Simulator(scale=0.01, now=1_790_000_000)
            self._connection = stripesql.connect(
                KEY, transport=sim.transport(), max_requests=60, max_write_rows=5, statement_timeout_s=2.0, memory_limit="300MB",
                requests_per_second=1e6, endpoint_requests_per_second=1e6,
            )  # fmt: skip
            self._connection.register("f", {"id": ["a", "b"], "order": [1, 2]})
        self._runs += 1
        return self._connection

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
