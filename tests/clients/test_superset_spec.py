"""Hold Superset's engine spec where Superset is installed; too heavy for CI, which holds its answers without (``tests/unit``)."""

import datetime as dt
import logging
import secrets

import pytest

pytest.importorskip("superset")

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    import os

    home = tmp_path_factory.mktemp("superset")
    os.environ["SUPERSET_HOME"], os.environ["SUPERSET_SECRET_KEY"] = str(home), secrets.token_urlsafe(32)
    logging.disable(logging.WARNING)
    from superset.app import create_app

    app = create_app()
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{home}/superset.db"
    with app.app_context():
        from superset.db_engine_specs import get_engine_spec

        yield get_engine_spec("stripe", "stripesql")
    logging.disable(logging.NOTSET)


@pytest.fixture
def database(spec, url):
    from superset.models.core import Database

    database = Database(database_name="Stripe")
    database.set_sqlalchemy_uri(url)
    return database


def test_superset_finds_the_spec(spec):
    from stripesql.superset.spec import StripeEngineSpec

    assert spec is StripeEngineSpec


def test_statements_are_read_as_duckdbs(spec):
    from superset.sql.parse import SQLScript

    (statement,) = SQLScript("SELECT * EXCLUDE (id) FROM charges WHERE metadata ->> 'plan' = 'pro'", engine="stripe").statements
    assert "EXCLUDE" in statement.format()
    assert {table.table for table in statement.tables} == {"charges"}


def test_limit_is_the_cursors(spec, database, sim):
    with database.get_raw_connection() as connection:
        cursor = connection.cursor()
        spec.execute(cursor, "SELECT id FROM charges", database)
        assert len(spec.fetch_data(cursor, 7)) == 7


def test_every_period_of_ours_is_one_of_superset(spec):
    from superset.constants import TimeGrain

    assert set(spec.get_time_grain_expressions()) - {None} <= {grain.value for grain in TimeGrain}
    assert len(spec.get_time_grains()) == len(spec.get_time_grain_expressions()) - 1


def test_bounds_and_epochs(spec):
    assert spec.convert_dttm("TIMESTAMP WITH TIME ZONE", dt.datetime(2026, 5, 1)) == "TIMESTAMP '2026-05-01 00:00:00'"
    assert spec.epoch_to_dttm() == "to_timestamp({col})"
    assert spec.epoch_ms_to_dttm() == "to_timestamp(({col}/1000))"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("VARCHAR", "STRING"), ("BIGINT", "NUMERIC"), ("HUGEINT", "NUMERIC"), ("DECIMAL(38,12)", "NUMERIC"), ("DOUBLE", "NUMERIC")),
        *(
            ("BOOLEAN", "BOOLEAN"),
            ("TIMESTAMP WITH TIME ZONE", "TEMPORAL"),
            ("DATE", "TEMPORAL"),
            ("JSON", "STRING"),
            ("BIGINT[]", "STRING"),
        ),
        *(("STRUCT(a INTEGER)", "STRING"), ("INTERVAL", "STRING")),
    ],
)
def test_types_are_known(spec, name, kind):
    assert spec.get_column_spec(name).generic_type.name == kind


def test_errors_have_supersets_kinds(spec, database):
    from superset.errors import SupersetErrorType

    with database.get_raw_connection() as connection, pytest.raises(Exception, match="chargess") as raised:
        spec.execute(connection.cursor(), "SELECT 1 FROM chargess", database)
    for problem in (raised.value, spec.extract_error_message(raised.value)):
        (error,) = spec.extract_errors(problem)
        assert error.error_type is SupersetErrorType.TABLE_DOES_NOT_EXIST_ERROR
        assert error.message.startswith('there is no table "chargess"; did you mean "charges"?')


def test_cost_is_estimated_without_a_request(spec, database, sim):
    sim.clear_log()
    (raw,) = spec.estimate_query_cost(database, None, "stripe", "SELECT count(*) FROM charges")
    assert sim.log == []
    assert spec.query_cost_formatter([raw])[0]["At least"] == "1"


def test_form_gives_the_url_and_the_url_the_form(spec):
    values = {"password": "sk_test_" + "a/b@c", "query": {"timezone": "Europe/Berlin"}}
    uri = spec.build_sqlalchemy_uri(values)
    assert spec.get_parameters_from_uri(uri) == values
    assert set(spec.parameters_json_schema()["properties"]) == {"password", "query"}


def test_form_is_checked_with_stripe(spec, server, sim):
    def kinds(**parameters):
        return [(error.error_type.value, error.extra) for error in spec.validate_parameters({"parameters": parameters})]

    assert kinds(query={"demo": "1"}) == []
    assert kinds()[0][0] == "CONNECTION_MISSING_PARAMETERS_ERROR"
    assert kinds(password="pk_test_" + "1")[0][1]["invalid"] == ["password"]
    assert kinds(query={"demo": "1", "timezon": "UTC"})[0][1]["invalid"] == ["query"]
    sim.clear_log()
    assert kinds(password="sk_test_" + "clients", query={"base_url": server}) == []
    assert [each.path for each in sim.log] == ["/v1/balance"]


def test_connection_test_asks_stripe(spec, database, sim, monkeypatch):
    from sqlalchemy.exc import DBAPIError

    sim.clear_log()
    spec.mutate_db_for_connection_test(database)
    assert [each.path for each in sim.log] == ["/v1/balance"]
    monkeypatch.setattr(sim, "_keys", {"sk_test_other": None})
    with pytest.raises(DBAPIError, match="Stripe refused the key") as raised:
        spec.mutate_db_for_connection_test(database)
    (error,) = spec.extract_errors(raised.value)
    assert error.error_type.value == "CONNECTION_INVALID_PASSWORD_ERROR"


def test_key_stays_hidden_and_nobody_is_impersonated(spec, database):
    assert "clients" not in str(database.sqlalchemy_uri)
    url = object()
    assert spec.impersonate_user(database, "ada", None, url, {}) == (url, {})


def test_table_says_what_it_costs(spec, database):
    from superset.sql.parse import Table

    with database.get_inspector() as inspector:
        assert "Filtered by Stripe: created" in spec.get_table_comment(inspector, Table("charges", "stripe"))
        columns = {each["column_name"]: each for each in spec.get_columns(inspector, Table("charges", "stripe"))}
        assert columns["created"]["comment"].startswith("Filtered by Stripe")
    assert "money" in spec.get_function_names(database)
