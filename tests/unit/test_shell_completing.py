"""What is offered where: each text has a ``|`` at the cursor."""

import pytest

from stripesql.catalogue.load import catalogue
from stripesql.cli.shell.completer import command_candidates
from stripesql.cli.shell.completing import candidates
from stripesql.cli.shell.vocabulary import FUNCTIONS, KEYWORDS, RESERVED


def offered(text, **more):
    cursor = text.index("|")
    return candidates(text.replace("|", "", 1), cursor, catalogue(), **more)


def texts(text):
    return [each.text for each in offered(text)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("SELECT c.| FROM customers c", ["id", "address_city"]),
        ("SELECT c.em| FROM customers AS c WHERE c.id = 'x'", ["email"]),
        ("SELECT em| FROM customers", ["email"]),
        ("SELECT customers.em| FROM customers", ["email"]),
        ("SELECT c.em|, i.id\nFROM invoices i\nJOIN customers c ON c.id = i.customer", ["email"]),
        ("SELECT * FROM invoices i JOIN customers c ON c.|", ["id"]),
        ("SELECT * FROM cust|", ["customers"]),
        ("SELECT * FROM charges, ref|", ["refunds"]),
        ("SELECT * FROM stripe.refu|", ["refunds"]),
        ("SELECT * FROM information_schema.tab|", ["tables"]),
        ("sel|", ["select"]),
        ("SEL|", ["SELECT"]),
        ("SELECT * FROM customers WH|", ["WHERE"]),
        ("select * from customers wh|", ["where"]),
        ("SELECT coun| FROM charges", ["count("]),
        ("SELECT mon| FROM charges", ["money(", "month(", "monthname("]),
        ("DESCRIBE refun|", ["refunds"]),
        ("UPDATE customers SET em|", ["email"]),
        ("INSERT INTO customers (em|", ["email"]),
        ("SET timez|", ["timezone"]),
        ("SHOW TAB|", ["TABLES"]),
        ("CALL refun|", ["refunds."]),
        ("CALL invoices.pa|", ["pay("]),
        ("CALL invoices.pay('in_1', off|", ["off_session => "]),
        ("CALL customers.cre|", ["create("]),
        ("CALL customers.create(em|", ["email => "]),
        ("CALL stripe.|", ["request("]),
        ("CALL stripe.request('GET', pa|", ["path => ", "params => "]),
        ("SELECT c.address.ci| FROM customers c", ["city"]),
        ("SELECT address.ci| FROM customers", ["city"]),
        ("SELECT 1; SELECT em| FROM customers; SELECT id FROM charges", ["email"]),
        ("-- all of them\nSELECT em| FROM customers", ["email"]),
    ],
)
def test_what_may_be_typed_is_offered(text, first):
    assert texts(text)[: len(first)] == first


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("SELECT * FROM subscriptions WHERE status = 'p|", ["past_due'", "paused'"]),
        ("SELECT * FROM subscriptions WHERE status = 'p|' AND x", ["past_due", "paused"]),
        ("SELECT * FROM subscriptions s WHERE s.status IN ('active', 'p|", ["past_due'", "paused'"]),
        ("SELECT * FROM subscriptions s WHERE s.status NOT IN ('p|", ["past_due'", "paused'"]),
        ("SELECT * FROM invoices i JOIN subscriptions s ON true WHERE i.status <> 'v|", ["void'"]),
        ("SELECT * FROM charges WHERE created >= 'months|", ["monthstart'"]),
        ("SET timezone = 'Europe/Berl|", ["Europe/Berlin'"]),
    ],
)
def test_values_are_offered_in_strings(text, first):
    assert texts(text)[: len(first)] == first


def test_common_table_expressions_and_subqueries_have_the_columns_that_they_select():
    assert texts("WITH big AS (SELECT id, amount AS cents FROM charges) SELECT b.| FROM big b") == ["id", "cents"]
    assert texts("SELECT q.| FROM (SELECT c.*, 1 AS one FROM balance c) AS q")[-1] == "one"
    assert "big" in texts("WITH big AS (SELECT 1) SELECT * FROM b|")


def test_an_inner_query_sees_the_outer_one_and_not_its_neighbours():
    inner = texts("SELECT * FROM customers c WHERE EXISTS (SELECT 1 FROM charges h WHERE h.customer = c.em|)")
    assert inner == ["email"]
    assert "email" not in texts("SELECT em| FROM charges UNION SELECT email FROM customers")


@pytest.mark.parametrize(
    "text", ["SELECT 'plain te|", "SELECT 1 -- sel|", "/* sel|", 'SELECT "na|', "SELECT 12|", "SELECT x.| FROM customers c"]
)
def test_where_nothing_is_known_nothing_is_offered(text):
    assert texts(text) == []


def test_frames_are_relations_too():
    assert "orders" in [each.text for each in offered("SELECT * FROM ord|", frames={"orders": [("total", "BIGINT")]})]
    assert [each.text for each in offered("SELECT o.| FROM orders o", frames={"orders": [("total", "BIGINT")]})] == ["total"]


def test_names_that_are_words_of_the_language_come_in_quotes():
    found = [each for table in catalogue().tables() for each in offered(f"SELECT t.| FROM {table.name} t") if each.text.startswith('"')]
    assert {each.text.strip('"') for each in found} == {"from", "to"}


def test_a_column_says_its_type_its_key_and_whether_stripe_filters_it():
    (found,) = [each for each in offered("SELECT i.customer| FROM invoices i") if each.text == "customer"]
    assert found.note == "VARCHAR, -> customers, filtered by Stripe"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (".sc", [".schema"]),
        (".schema refun", ["refunds"]),
        (".mode ver", ["vertical"]),
        (".cost o", ["on", "off"]),
        (".help par", ["params"]),
        (".explain sel", ["select"]),
        (".nope x", []),
    ],
)
def test_dot_commands_complete(text, first):
    assert [each.text for each in command_candidates(text, catalogue())][: len(first) or None] == first


def test_files_complete(tmp_path):
    (tmp_path / "month.sql").touch()
    (tmp_path / "months").mkdir()
    found = [each.text for each in command_candidates(f".read {tmp_path}/mon", catalogue())]
    assert found == [f"{tmp_path}/month.sql", f"{tmp_path}/months/"]


def test_the_words_are_those_of_the_engine():
    import duckdb

    functions = {name for (name,) in duckdb.sql("SELECT function_name FROM duckdb_functions()").fetchall()}
    keywords = dict(duckdb.sql("SELECT keyword_name, keyword_category FROM duckdb_keywords()").fetchall())
    # The first is ours, the others are grammar.
    assert set(FUNCTIONS) - functions == {"money", "coalesce", "extract", "ifnull"}
    assert {word.lower() for word in KEYWORDS} - keywords.keys() == {"current_date", "current_timestamp", "date"}
    assert {word for word, category in keywords.items() if category == "reserved"} - RESERVED == {"pivot_wider", "pivot_longer"}
