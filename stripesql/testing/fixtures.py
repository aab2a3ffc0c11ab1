"""Offer pytest fixtures; a project takes them with ``pytest_plugins = ["stripesql.testing.fixtures"]``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stripesql.dbapi.connection import Connection
from stripesql.testing.account import TestAccount


@pytest.fixture
def stripe_account() -> Iterator[TestAccount]:
    """An account without objects, for this test alone."""
    with TestAccount(empty=True) as account:
        yield account


@pytest.fixture
def stripe_business() -> Iterator[TestAccount]:
    """An account with the data of a small business, for this test alone."""
    with TestAccount() as account:
        yield account


@pytest.fixture
def stripe_connection(stripe_account: TestAccount) -> Connection:
    """A connection to the account of ``stripe_account``."""
    return stripe_account.connect()


@pytest.fixture
def stripe_environment(stripe_account: TestAccount, monkeypatch: pytest.MonkeyPatch) -> TestAccount:
    """Lead ``stripesql.connect()`` without arguments to the account of ``stripe_account``, over HTTP."""
    for name, value in stripe_account.environment.items():
        monkeypatch.setenv(name, value)
    return stripe_account
