"""Fill a simulator with rows made from small numbers, and read the truth back into plain DuckDB tables.

A row is made from one integer, so that a failing example shrinks to few rows with small numbers.
"""

import json
from decimal import Decimal
from random import Random

import pyarrow as pa

from exactness.tables import NOW, OWN_IDS, TABLES, Field
from stripesql.simulator import Simulator

World = dict[str, list[int]]
"""Table -> the number that each of its rows is made from."""

DELETABLE = ("customers", "products", "coupons", "tax_rates", "subscription_items")
_ARROW = {
    "VARCHAR": pa.string(),
    "JSON": pa.string(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
    "DECIMAL(38,12)": pa.decimal128(38, 12),
}


def id_of(table: str, index: int) -> str:
    """Return the id of a table's row by its index."""
    own = OWN_IDS.get(table, ())
    return own[index] if index < len(own) else f"{table}_{index}"


def has_parents(table: str, world: World) -> bool:
    """Say whether every key that must name a row finds one: a child without its parent cannot be."""
    return all(world.get(each.references) or None in each.pool for each in TABLES[table] if each.references is not None)


def is_deleted(table: str, seed: int) -> bool:
    """Say whether the row is deleted after everything was made, so that others still refer to it."""
    return table in DELETABLE and seed % 8 == 7


def completed(world: World) -> World:
    """Return the world with a few rows in every table that keys of its tables refer to."""
    found = dict(world)
    wanted = list(world)
    while wanted:
        for field in TABLES[wanted.pop()]:
            if field.references is not None and field.references not in found:
                found[field.references] = [3, 7]  # the second one is deleted where that is possible
                wanted.append(field.references)
    return found


def object_of(table: str, index: int, seed: int, world: World) -> dict:
    """Return the object that a number stands for."""
    chance = Random(f"{table} {seed}")
    found: dict = {}
    for field in TABLES[table]:
        value = id_of(table, index) if field.name == "id" else chance.choice(_choices(field, world))
        *parents, last = field.path
        place = found
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = value
    return _without_empty_parents(found, chance)


def _choices(field: Field, world: World) -> tuple:
    if field.references is None:
        return field.pool
    ids = tuple(id_of(field.references, index) for index in range(len(world.get(field.references, ()))))
    return (*ids, *field.pool)  # the pool of a key is NULL, or nothing


def _without_empty_parents(found: dict, chance: Random) -> dict:
    """Make some parents whose fields are all null null themselves."""
    return {
        name: None
        if isinstance(value, dict) and value and all(each is None for each in value.values()) and chance.random() < 0.5
        else value
        for name, value in found.items()
    }


def filled(world: World, twist=lambda table, seed, found: found) -> Simulator:
    """Return an account that holds a world; ``twist`` changes objects before they are inserted."""
    world = completed(world)
    account = Simulator(empty=True, now=NOW)
    for table, seeds in world.items():
        for index, seed in enumerate(seeds if has_parents(table, world) else ()):
            account.insert(table, twist(table, seed, object_of(table, index, seed, world)))
    for table, seeds in world.items():
        for index, seed in enumerate(seeds):
            if is_deleted(table, seed) and has_parents(table, world):
                account.delete(table, id_of(table, index))
    return account


def value_of(found: object, field: Field) -> object:
    """Return a column's value from an object: the path's end, an expandable's id, JSON as text."""
    for name in field.path:
        found = found.get(name) if isinstance(found, dict) else None
    if found is None:
        return None
    match field.type:
        case "JSON":
            return json.dumps(found, separators=(",", ":"), ensure_ascii=False)
        case "TIMESTAMPTZ":
            return found * 1_000_000
        case "DECIMAL(38,12)":
            return Decimal(found)
        case "VARCHAR" if isinstance(found, dict):
            return found["id"]
    return found


def load(engine, account: Simulator, tables: list[str], *, without=lambda table, found: False) -> None:
    """Make plain tables of the true rows; ``without`` leaves some out."""
    for table in tables:
        rows = [each for each in account.objects(table) if not without(table, each)]
        fields = TABLES[table]
        arrays = [pa.array([value_of(each, field) for each in rows], _ARROW[field.type]) for field in fields]
        engine.register("__rows", pa.table(arrays, names=[field.name for field in fields]))
        columns = ", ".join(f'CAST("{field.name}" AS {field.type}) AS "{field.name}"' for field in fields)
        engine.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT {columns} FROM __rows")
        engine.unregister("__rows")
