"""Hold Harlequin's adapter: its catalogue, limits, errors, cancelling, and what it says of keys."""

import asyncio

import pytest

pytest.importorskip("harlequin")

from harlequin.exception import HarlequinConfigError, HarlequinConnectionError, HarlequinQueryError

from stripesql.harlequin import StripeAdapter

pytestmark = pytest.mark.filterwarnings("default")  # theirs are not ours to mend


@pytest.fixture
def connection(server, monkeypatch):
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_" + "clients")
    connection = StripeAdapter((f"stripe:///?base_url={server}",)).connect()
    yield connection
    connection.close()


def test_harlequin_finds_the_adapter():
    from harlequin.plugins import load_adapter_plugins

    assert load_adapter_plugins()["stripe"] is StripeAdapter


def test_catalog_has_schemas_tables_and_columns(connection, sim):
    sim.clear_log()
    schemas = {item.label: item for item in connection.get_catalog().items}
    tables = {item.label: item for item in schemas["stripe"].children}
    assert list(schemas) == ["stripe", "information_schema"]
    assert (tables["charges"].type_label, tables["charges"].query_name) == ("t", '"charges"')
    columns = {item.label: item.type_label for item in tables["charges"].children}
    assert (columns["amount"], columns["created"], columns["metadata"], columns["captured"]) == ("##", "ttz", "{}", "t/f")
    assert "_raw" not in columns
    assert sim.log == []


def test_rows_come_as_arrow(connection, sim):
    cursor = connection.execute("SELECT id, amount FROM charges")
    assert cursor.columns() == [("id", "s"), ("amount", "##")]
    table = cursor.fetchall()
    assert sorted(table["id"].to_pylist()) == sorted(each["id"] for each in sim.listed("charges"))


@pytest.mark.parametrize("limit", [0, 1, 100, 150, 10_000])
def test_limit_is_kept(connection, sim, limit):
    table = connection.execute("SELECT id FROM charges").set_limit(limit).fetchall()
    assert table.num_rows == min(limit, len(sim.listed("charges")))
    assert table.column_names == ["id"]


def test_statement_without_rows_has_no_cursor(connection):
    assert connection.execute("SET timezone = 'Europe/Berlin'") is None


def test_error_is_harlequins_and_says_what_to_do(connection):
    with pytest.raises(HarlequinQueryError, match=r"there is no table .chargess.; did you mean .charges."):
        connection.execute("SELECT 1 FROM chargess")


def test_cancelled_statement_gives_nothing(connection):
    cursor = connection.execute("SELECT id FROM charges")
    connection.cancel()
    assert cursor.fetchall() is None


@pytest.mark.parametrize("argument", ["sk_test_" + "abc", "stripe://:" + "sk_test_abc@/", "stripe://" + "sk_test_abc@/", "charges.db"])
def test_key_among_the_arguments_is_refused_and_not_repeated(argument):
    with pytest.raises(HarlequinConfigError, match="STRIPE_API_KEY") as raised:
        StripeAdapter((argument,))
    assert "abc" not in str(raised.value)


def test_options_are_checked():
    assert StripeAdapter(demo=True, timezone="Europe/Berlin", theme="harlequin", max_requests="7")._settings == {"demo": True, "timezone": "Europe/Berlin", "max_requests": 7}  # fmt: skip
    with pytest.raises(HarlequinConfigError, match="IANA time zone"):
        StripeAdapter(timezone="Nowhere")


def test_missing_key_is_told():
    with pytest.raises(HarlequinConnectionError, match="STRIPE_API_KEY"):
        StripeAdapter().connect()


def test_history_is_kept_by_account_and_without_the_key(monkeypatch):
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_" + "one")
    one = StripeAdapter().connection_id
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_" + "two")
    assert one != StripeAdapter().connection_id
    assert "one" not in one


def test_query_in_the_window_shows_its_rows(sim, server, monkeypatch):
    from harlequin import Harlequin

    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_" + "clients")

    async def use():
        app = Harlequin(StripeAdapter((f"stripe:///?base_url={server}",)), connection_hash="")
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: app.editor is not None and app.connection is not None)
            app.editor.text = "SELECT currency, count(*) AS n FROM charges GROUP BY currency"
            await pilot.press("ctrl+j")
            await until(pilot, lambda: (table := app.results_viewer.get_visible_table()) is not None and table.row_count)
            return app.results_viewer.get_visible_table().row_count

    assert asyncio.run(use()) == len({each["currency"] for each in sim.listed("charges")})


async def until(pilot, true):
    for _ in range(300):
        await pilot.pause(0.1)
        if true():
            return
    raise AssertionError("nothing came within 30 s")
