"""Every table takes the writes that Stripe has for it: the right path, and no other way."""

from __future__ import annotations

import httpx
import pytest
from crafted import connected

from stripesql import errors
from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import TableShape

TABLES = {table.name: table for table in catalogue().tables()}
EXPAND = "expand = ['x']"
KEY = "x y/z"
ENCODED = "x%20y%2Fz"


class Taking(httpx.BaseTransport):
    """Take every write, and remember it."""

    def __init__(self):
        self.taken = []

    def handle_request(self, request):
        self.taken.append((request.method, request.url.raw_path.decode().partition("?")[0]))
        return httpx.Response(200, json={"id": "new_1", "object": "any"})


@pytest.fixture(scope="module")
def taking():
    return Taking()


@pytest.fixture(scope="module")
def connection(taking):
    with connected(taking, requests_per_second=1e6, endpoint_requests_per_second=1e6) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _forget(taking):
    taking.taken.clear()


def filled(endpoint):
    path = endpoint.path
    for argument in endpoint.arguments:
        path = path.replace("{" + argument + "}", ENCODED)
    return path


def condition(table):
    return " AND ".join(f"{column} = '{KEY}'" for column in table.key)


@pytest.mark.parametrize("name", TABLES)
def test_update_goes_to_the_path_of_the_row(connection, taking, name):
    table = TABLES[name]
    if table.update is None:
        with pytest.raises(errors.NotSupportedError, match=f"UPDATE {name} is not possible"):
            connection.execute(f"UPDATE {name} SET a = 1 WHERE id = 'x'")
    elif table.shape is TableShape.SINGLETON:
        lines = [row[0] for row in connection.execute(f'EXPLAIN UPDATE {name} SET "{table.update.parameters[0].name}" = NULL')]
        assert lines[1] == f"  POST {table.update.path}   once for each row"
    else:
        sets = [f"{each.name} = '{each.values[0]}'" for each in table.update.parameters if each.required]
        sets += [f'"{each.name}" = NULL' for each in table.update.parameters if not each.required and each.kind in ("string", "map")][:1]
        cursor = connection.execute(f"UPDATE {name} SET {', '.join(sets or [EXPAND])} WHERE {condition(table)}")
        assert (cursor.rowcount, taking.taken) == (1, [("POST", filled(table.update))])


@pytest.mark.parametrize("name", TABLES)
def test_delete_goes_to_the_path_of_the_row(connection, taking, name):
    table = TABLES[name]
    if table.delete is None:
        with pytest.raises(errors.NotSupportedError, match=f"DELETE FROM {name} is not possible"):
            connection.execute(f"DELETE FROM {name} WHERE id = 'x'")
    else:
        assert connection.execute(f"DELETE FROM {name} WHERE {condition(table)}").rowcount == 1
        assert taking.taken == [("DELETE", filled(table.delete))]


@pytest.mark.parametrize("name", TABLES)
def test_insert_shows_every_parameter_and_goes_to_the_path_of_the_list(connection, taking, name):
    table = TABLES[name]
    if table.create is None:
        with pytest.raises(errors.NotSupportedError, match=f"INSERT INTO {name} is not possible"):
            connection.execute(f"INSERT INTO {name} (a) VALUES (1)")
        return
    parents = table.key[: len(table.create.arguments)]
    names = [*parents, *(each.name for each in table.create.parameters)]
    columns = ", ".join(f'"{each}"' for each in names)
    lines = [
        row[0].strip() for row in connection.execute(f"EXPLAIN INSERT INTO {name} ({columns}) VALUES ({', '.join(['NULL'] * len(names))})")
    ]
    assert lines[1] == f"POST {table.create.path}   once"
    assert lines[2 : 2 + len(names)] == [
        *(f"{{{argument}}} = NULL" for argument in table.create.arguments),
        *(f"{each.name} = NULL" for each in table.create.parameters),
    ]
    assert taking.taken == []


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.create is not None])
def test_insert_demands_what_is_required_and_nothing_else(connection, taking, name):
    table = TABLES[name]
    parents = table.key[: len(table.create.arguments)]
    required = [each.name for each in table.create.parameters if each.required] + [name for group in table.create.needs for name in group]
    statement = (
        f"INSERT INTO {name} ({', '.join(parents)}) VALUES ({', '.join([repr(KEY)] * len(parents))})"
        if parents
        else f"INSERT INTO {name} DEFAULT VALUES"
    )
    if required:
        with pytest.raises(errors.IntegrityError) as caught:
            connection.execute(statement)
        assert all(each in str(caught.value) for each in required)
        assert taking.taken == []
    else:
        cursor = connection.execute(statement)
        assert (cursor.rowcount, cursor.lastrowid, taking.taken) == (1, "new_1", [("POST", filled(table.create))])
