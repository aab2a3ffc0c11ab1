"""What connectors offer is one statement each, does what it says, and stands on the page for those who come from them."""

from __future__ import annotations

import csv
import datetime as dt
import json
import operator
import re
import shlex
from calendar import monthrange
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pyarrow.parquet as pq
import pytest
from connector_invoicing import INVOICE_ITEMS, INVOICES
from connector_operations import Day, Deletes, First, Gives, OnDay, Operation, Reads, Starting, Writes, operations_of, page_rows
from connector_requests import EXPORTS, PREVIEW, REQUESTS
from connector_selling import CUSTOMERS, PRODUCTS, SUBSCRIPTIONS
from crafted import KEY, column, connected

import stripesql
from stripesql.cli.main import main
from stripesql.simulator import Simulator

RESOURCES = (CUSTOMERS, PRODUCTS, SUBSCRIPTIONS, INVOICES, INVOICE_ITEMS, REQUESTS, PREVIEW)
NOW = dt.datetime(2026, 3, 18, 15, 30, tzinfo=dt.UTC)  # a Wednesday
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "coming-from-connectors.md"
SYMBOLS = ("today", "yesterday", "weekstart", "weekend", "monthstart", "monthend", "yearstart", "yearend")
OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
LAMP = "(customer, amount, currency, description) VALUES (?, 1999, 'eur', 'a lamp')"


def second(symbol: str) -> int:
    """Return the unix second at which the day of a symbol begins, counted by hand."""
    found = re.fullmatch(r"([a-z]+)(?:([+-]\d+)([dwmy]))?", symbol)
    assert found is not None, symbol
    today = NOW.date()
    day = {
        "today": today,
        "yesterday": dt.date(2026, 3, 17),
        "weekstart": dt.date(2026, 3, 16),
        "weekend": dt.date(2026, 3, 22),
        "monthstart": dt.date(2026, 3, 1),
        "monthend": dt.date(2026, 3, 31),
        "yearstart": dt.date(2026, 1, 1),
        "yearend": dt.date(2026, 12, 31),
    }[found[1]]
    count, unit = int(found[2] or 0), found[3]
    if unit in ("d", "w"):
        day += dt.timedelta(days=count * (7 if unit == "w" else 1))
    elif unit:
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1)
        year, month = divmod(months, 12)
        day = dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())


class Account:
    """One simulated account, and what a statement finds in it: objects are made when a text names them."""

    def __init__(self, sim: Simulator, connection: stripesql.Connection) -> None:
        self.sim, self.connection = sim, connection
        self._client = httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", auth=(KEY, ""))
        self._ids: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._ids:
            self._ids[name] = MAKERS[name](self)
        return self._ids[name]

    def day(self, symbol: str) -> int:
        return second(symbol)

    def forget(self) -> None:
        """Let the next statement find objects of its own."""
        self._ids.clear()

    def new(self, statement: str, *parameters: Any) -> str:
        return str(self.connection.execute(statement, parameters).lastrowid)

    def told(self, value: Any) -> Any:
        """Return a value with the ids of real objects in the place of those that stand for them."""
        match value:
            case str():
                return NAMED.sub(lambda found: self[found[0]], value)
            case Day():
                return second(value.symbol)
            case list():
                return [self.told(each) for each in value]
            case dict():
                return {key: self.told(each) for key, each in value.items()}
        return value

    def give_back(self, statement: str, cursor: stripesql.Cursor) -> None:
        """Let go of what only one customer can have."""
        if "ADA1815" in statement:
            self.sim.delete("customers", str(cursor.lastrowid))

    def get(self, path: str) -> tuple[int, Any]:
        """Return what the account itself says, without the driver."""
        answer = self._client.get(path)
        return answer.status_code, answer.json()


def draft(account: Account, extra: str = "", values: str = "") -> str:
    statement = f"INSERT INTO invoices (customer, currency, auto_advance{extra}) VALUES (?, 'eur', false{values})"
    invoice = account.new(statement, account["cus_123"])
    account.new("CALL invoices.add_lines(?, lines => [{'amount': 1999, 'description': 'a lamp'}])", invoice)
    return invoice


def finalized(account: Account, *more: str) -> str:
    return account.new("CALL invoices.finalize(?)", draft(account, *more))


def promotion(account: Account) -> str:
    return account.new("INSERT INTO promotion_codes (promotion) VALUES ({'type': 'coupon', 'coupon': 'SAVE10'})")


MAKERS = {
    "cus_123": lambda account: account.new(
        "INSERT INTO customers (email, description, payment_method, invoice_settings_default_payment_method) "
        "VALUES ('ada@example.com', 'to be changed', 'pm_card_visa', 'pm_card_visa')"
    ),
    "pm_123": lambda account: account.new("CALL payment_methods.attach('pm_card_visa', customer => ?)", account["cus_123"]),
    "card_123": lambda account: account.new("INSERT INTO customer_sources (customer, source) VALUES (?, 'tok_visa')", account["cus_123"]),
    "prod_123": lambda account: account.new("INSERT INTO products (name) VALUES ('Lamp')"),
    "price_123": lambda account: account.new(
        "INSERT INTO prices (currency, unit_amount, recurring_interval, product) VALUES ('eur', 1500, 'month', ?)", account["prod_123"]
    ),
    "price_once": lambda account: account.new(
        "INSERT INTO prices (currency, unit_amount, product) VALUES ('eur', 700, ?)", account["prod_123"]
    ),
    "sub_123": lambda account: account.new(
        "INSERT INTO subscriptions (customer, items) VALUES (?, [{'price': ?}])", account["cus_123"], account["price_123"]
    ),
    "promo_123": promotion,
    "txr_123": lambda account: account.new("INSERT INTO tax_rates (display_name, inclusive, percentage) VALUES ('VAT', false, 19)"),
    "txi_123": lambda account: account.new("INSERT INTO tax_ids (type, value) VALUES ('eu_vat', 'DE123456789')"),
    "acct_123": lambda account: account.new("INSERT INTO accounts (type, country) VALUES ('express', 'US')"),
    "in_draft": draft,
    "in_open": finalized,
    "in_due": lambda account: finalized(account, ", collection_method, days_until_due", ", 'send_invoice', 30"),
    "ii_123": lambda account: account.new(f"INSERT INTO invoice_items {LAMP}", account["cus_123"]),
}
NAMED = re.compile("|".join(MAKERS))


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    sim = Simulator(scale=0.05, now=NOW.timestamp())
    for symbol in SYMBOLS:
        for step in (-1, 0, 1):
            sim.insert("customers", {"created": second(symbol) + step})
    sim.insert("products", {"created": second("yearstart-2y") - 1})
    with connected(sim.transport(), requests_per_second=1e6, endpoint_requests_per_second=1e6) as connection:
        connection.execute("INSERT INTO coupons (id, percent_off, duration) VALUES ('SAVE10', 10, 'forever')")  # tells the server's time
        yield Account(sim, connection)


def at(document: Any, place: str) -> Any:
    for name in place.split("."):
        document = document[int(name)] if name.isdecimal() else document[name]
    return document


def agrees(found: Any, wanted: Any) -> bool:
    match wanted:
        case Starting(text):
            return str(found).startswith(text)
        case OnDay(symbol):
            return second(symbol) <= found < second(symbol) + 86_400
    return bool(found == wanted)


ALL = [pytest.param(each, id=f"{resource.title}: {each.name}") for resource in RESOURCES for each in operations_of(resource)]


@pytest.mark.parametrize("operation", ALL)
def test_one_statement_does_it(account, operation):
    account.forget()
    account.told("".join([repr(operation.check), *operation.given]))
    statement = account.told(operation.statement)
    account.sim.clear_log()
    assert column(account.connection, f"EXPLAIN {statement}")
    assert {each.method for each in account.sim.log} <= {"GET"}
    account.sim.clear_log()
    cursor = account.connection.execute(statement)
    names = [each[0] for each in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()] if names else []
    check(account, operation, cursor, rows)
    account.give_back(statement, cursor)


def check(account: Account, operation: Operation, cursor: stripesql.Cursor, rows: list[dict[str, Any]]) -> None:
    requests = list(account.sim.log)
    writes = [(each.method, each.path, dict(each.body)) for each in requests if each.method != "GET"]
    match operation.check:
        case Reads(table, chosen, asked):
            everything = account.sim.listed(table)
            wanted = {row["id"] for row in everything if chosen(row, account)}
            assert wanted
            assert len(wanted) < len(everything) or not asked
            assert sorted(row["id"] for row in rows) == sorted(wanted)
            assert {name: str(account.told(value)) for name, value in asked.items()}.items() <= dict(requests[0].params).items()
            assert not writes
        case First(count):
            assert len(rows) == count
            assert [each.params for each in requests] == [(("limit", str(count)),)]
        case Gives(columns, values):
            assert [tuple(row[name] for name in columns) for row in rows] == [tuple(map(account.told, each)) for each in values]
            assert {path for _, path, _ in writes} <= {"/v1/invoices/create_preview"}
        case Deletes(path):
            assert [each[:2] for each in writes] == [("DELETE", account.told(path))]
            status, document = account.get(account.told(path))
            assert status == 404 or document["deleted"] is True
        case Writes(path, kept, to, sent):
            ((method, written, form),) = writes
            assert method == "POST"
            assert not to or written == account.told(to)
            assert account.told(dict(sent)).items() <= form.items()
            status, document = account.get(account.told(path).replace("{new}", str(cursor.lastrowid)))
            assert status == 200, document
            for place, value in kept.items():
                assert agrees(at(document, place), account.told(value)), (place, at(document, place))


def test_every_operator_takes_every_symbolic_date_and_offset():
    days = [f"{symbol}{offset}" for symbol in SYMBOLS for offset in ("", "-1d", "+2w", "-3m", "-1y")]
    sim = Simulator(empty=True, now=NOW.timestamp())
    made = {
        sim.insert("customers", {"created": at})["id"]: at for at in sorted({second(day) + step for day in days for step in (-1, 0, 1)})
    }
    turn = cycle(OPERATORS)
    with connected(sim.transport(), requests_per_second=1e6, endpoint_requests_per_second=1e6) as connection:
        connection.execute("SELECT count(*) FROM products").fetchall()  # tells the server's time
        for day in days:
            for sign in OPERATORS if day in SYMBOLS else [next(turn)]:
                wanted = {key for key, created in made.items() if OPERATORS[sign](created, second(day))}
                assert set(column(connection, f"SELECT id FROM customers WHERE created {sign} '{day}'")) == wanted, (sign, day)


@pytest.mark.parametrize("resource", [each for each in RESOURCES if each.fields], ids=lambda resource: resource.title)
def test_all_fields_go_into_one_statement(account, resource):
    account.forget()
    fields = [each for each in resource.fields if "INSERT" in each.where and not each.instead]
    together = {name: value for each in fields for name, value in zip(each.columns, each.values, strict=True)}
    if "days_until_due" in together:
        del together["due_date"]  # Stripe takes one of the two
    columns, values = ", ".join(together), ", ".join(together.values())
    statement = account.told(resource.insert.replace("column", columns).replace("value)", f"{values})"))
    account.sim.clear_log()
    cursor = account.connection.execute(statement)
    assert [(each.method, each.path) for each in account.sim.log] == [("POST", resource.path.rstrip("/"))]
    below = next((each.below for each in fields if each.below.startswith("?")), "")
    status, document = account.get(f"{resource.path}{cursor.lastrowid}{below}")
    assert status == 200
    for each in fields:
        if all(together.get(name) == value for name, value in zip(each.columns, each.values, strict=True)) and not each.below.startswith(
            "/"
        ):
            for place, value in each.kept.items():
                assert agrees(at(document, place), account.told(value)), place
    account.give_back(statement, cursor)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_one_command(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(EXPORTS[name])[1:]
    assert main(["--demo", *arguments]) == 0
    with stripesql.connect(demo=True) as connection:
        wanted = connection.execute(arguments[1]).fetch_arrow_table().to_pylist()
    (path,) = tmp_path.iterdir()
    read = {".csv": _csv, ".xlsx": _excel, ".json": _json, ".parquet": _parquet}[path.suffix](path)
    assert [(row["id"], row["email"] or None) for row in read] == [(row["id"], row["email"]) for row in wanted]
    assert all(str(row["created"])[:10] == wanted[number]["created"].date().isoformat() for number, row in enumerate(read))


def _csv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _parquet(path: Path) -> list[dict[str, Any]]:
    return list(pq.read_table(path).to_pylist())


def _json(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8")))


def _excel(path: Path) -> list[dict[str, Any]]:
    labels, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return [dict(zip(labels, row, strict=True)) for row in rows]


# -- the page


def sections() -> dict[str, str]:
    _, *parts = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {title: text for title, _, text in (part.partition("\n") for part in parts)}


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.title)
def test_the_page_lists_every_operation(resource):
    text = sections()[resource.title]
    assert [line for line in text.splitlines() if line.startswith("|")] == page_rows(resource)
    for form in (resource.insert, resource.insert_instead, resource.update):
        assert f"`{form}`" in text or not form


def test_every_operation_has_a_name_of_its_own():
    names = [each.id for each in ALL]
    assert len(set(names)) == len(names)
