"""What users test their own code with."""

from __future__ import annotations

import pytest

import stripesql
from stripesql.testing import Fault, TestAccount

pytest_plugins = ["pytester"]


def test_an_account_is_its_own() -> None:
    with TestAccount(empty=True) as one, TestAccount(empty=True) as other:
        one.insert("customers", {"email": "a@example.com"})
        assert one.connect().execute("SELECT count(*) FROM customers").fetchone() == (1,)
        assert other.connect().execute("SELECT count(*) FROM customers").fetchone() == (0,)


def test_requests_and_faults_are_the_tests() -> None:
    with TestAccount(empty=True) as account:
        connection = account.connect()
        account.faults.next(Fault.SERVER_ERROR)
        assert connection.execute("SELECT id FROM charges").fetchall() == []
        assert [each.status for each in account.requests] == [500, 200]
        account.forget_requests()
        assert account.requests == ()


def test_closing_ends_connections_and_server() -> None:
    account = TestAccount(empty=True)
    connection, url = account.connect(), account.url
    account.close()
    account.close()
    with pytest.raises(stripesql.InterfaceError):
        connection.execute("SELECT 1")
    with stripesql.connect("sk_test_" + "x" * 12, base_url=url, statement_timeout_s=1) as late, pytest.raises(stripesql.OperationalError):
        late.execute("SELECT id FROM charges").fetchall()


def test_the_fixtures_serve_a_project(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["stripesql.testing.fixtures"]')
    pytester.makepyfile(
        """
        import stripesql

        def test_connection(stripe_account, stripe_connection):
            stripe_account.insert("products", {"name": "Lamp"})
            assert stripe_connection.execute("SELECT name FROM products").fetchall() == [("Lamp",)]

        def test_environment(stripe_environment):
            stripe_environment.insert("products", {"name": "Chair"})
            with stripesql.connect() as connection:
                assert connection.execute("SELECT name FROM products").fetchall() == [("Chair",)]

        def test_business(stripe_business):
            assert stripe_business.connect().execute("SELECT count(*) > 10 FROM customers").fetchone() == (True,)
        """
    )
    pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider").assert_outcomes(passed=3)
