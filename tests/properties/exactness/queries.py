"""Draw whole queries: single tables, aggregates and joins here, queries in queries from ``nesting``.

In: hypothesis. Out: ``Query``.
"""

from hypothesis import strategies as st

from exactness.atoms import Source
from exactness.deriving import derived
from exactness.nesting import combined, common, limited, nested
from exactness.shapes import LISTED, RELATED, Query, predicate, where
from exactness.sql import Sql, comma, fill, quote, same
from exactness.tables import TABLES
from exactness.worlds import id_of


def _items(draw, source: Source, most: int = 3) -> Sql:
    names = ["id", *draw(st.lists(st.sampled_from([each.name for each in TABLES[source.table]]), max_size=most))]
    prefix = f"{source.alias}." if source.alias else ""
    return comma(_item(draw, source, name, f"{prefix}{name}") for name in dict.fromkeys(names))


def _item(draw, source: Source, name: str, written: str) -> Sql:
    # JSON is compared through a path: the text of an object is not what this test is about.
    return same(f"{written}->>'order_id' AS order_id") if name == "metadata" else same(written)


def _ordering(draw, source: Source) -> Sql:
    prefix = f"{source.alias}." if source.alias else ""
    fields = [each.name for each in TABLES[source.table] if each.type != "JSON"]
    chosen = draw(st.lists(st.sampled_from(["created", "created", *fields] if "created" in fields else fields), max_size=2, unique=True))
    keys = [name for name in [*chosen, "id"] if name in fields]
    return comma(
        same(f"{prefix}{name}{draw(st.sampled_from(('', ' DESC', ' DESC', ' ASC NULLS FIRST', ' DESC NULLS LAST')))}") for name in keys
    )


def _time_of(table: str) -> str:
    return next((each.name for each in TABLES[table] if each.type == "TIMESTAMPTZ"), "amount")


def _number_of_rows(draw) -> tuple[int, int]:
    return draw(st.sampled_from((0, 1, 1, 2, 3, 5, 99, 100, 101, 250))), draw(st.sampled_from((0, 0, 0, 1, 2, 100)))


# -- one table


def single(draw, zone: str) -> Query:
    """Return SELECT ... FROM one table."""
    table = draw(st.sampled_from(list(TABLES)))
    source = Source(table, draw(st.sampled_from(("", "", "x"))))
    named = fill(f"{draw(st.sampled_from(('', '', 'stripe.')))}@", same(table)) if not source.alias else same(f"{table} AS x")
    body = fill(" FROM @@", Sql(named.ours, table if not source.alias else named.plain), where(draw, [source], zone))
    items = _items(draw, source)
    kind = draw(
        st.sampled_from(
            ("all", "all", "ordered", "top", "top", "newest", "newest", "limit", "limit", "distinct", "window", "fetch", "counted", "alias")
        )
    )
    if kind in ("ordered", "top", "fetch"):
        limit, offset = _number_of_rows(draw)
        tail = {
            "ordered": "",
            "top": f" LIMIT {limit} OFFSET {offset}" if offset else f" LIMIT {limit}",
            "fetch": f" FETCH FIRST {limit} ROWS ONLY",
        }[kind]
        return Query(fill(f"SELECT @@ ORDER BY @{tail}", items, body, _ordering(draw, source)), (table,), ordered=True)
    if kind in ("counted", "alias"):
        return _special(draw, kind, source, body)
    if kind == "newest":
        limit, offset = _number_of_rows(draw)
        name = _time_of(table)
        prefix = f"{source.alias}." if source.alias else ""
        how = draw(st.sampled_from((" DESC", " DESC", " DESC NULLS LAST", "", " DESC NULLS FIRST")))
        sql = fill(f"SELECT @, {prefix}{name} AS t@ ORDER BY {prefix}{name}{how}", items, body)
        tail = f" LIMIT {limit}" + (f" OFFSET {offset}" if offset else "")
        return Query(sql, (table,), limit=limit, offset=offset, limited=sql.ours + tail, by=-1)
    if kind == "limit":
        limit, offset = _number_of_rows(draw)
        sql = fill("SELECT @@", items, body)
        tail = f" LIMIT {limit}" + (f" OFFSET {offset}" if offset else "")
        return Query(sql, (table,), limit=limit, offset=offset, limited=sql.ours + tail)
    if kind == "distinct":
        return Query(fill("SELECT DISTINCT @@", _grouping(draw, source), body), (table,))
    if kind == "window":
        part, tail = _grouping(draw, source, most=1), draw(st.sampled_from(("", " QUALIFY n = 1", " QUALIFY n <= 2")))
        return Query(
            fill(f"SELECT @, row_number() OVER (PARTITION BY @ ORDER BY @) AS n@{tail}", items, part, _ordering(draw, source), body),
            (table,),
        )
    return Query(fill("SELECT @@", items, body), (table,))


def _special(draw, kind: str, source: Source, body: Sql) -> Query:
    """Return a query whose names or limits mislead: a limit inside a count, an alias that hides a column."""
    if kind == "counted":
        limit, offset = _number_of_rows(draw)
        inner = draw(st.sampled_from(("*", "id", f"DISTINCT {_time_of(source.table)}")))
        return Query(fill(f"SELECT count(*) FROM (SELECT {inner}@ LIMIT {limit} OFFSET {offset})", body), (source.table,))
    number = next((each.name for each in TABLES[source.table] if each.type == "BIGINT"), "length(id)")
    name = _time_of(source.table)
    form = draw(
        st.sampled_from(
            (
                f"SELECT id, -({number}) AS {name}@ ORDER BY {name} DESC, id LIMIT 2",
                f"SELECT id, 'x' AS {name}@ ORDER BY {name} DESC, id DESC LIMIT 3",
                f"SELECT upper(id) AS id, {name}@ ORDER BY 2 DESC, 1 LIMIT 3",
                f"SELECT DISTINCT ON ({name}) {name}, id@ ORDER BY {name} DESC, id",
                f"SELECT id, max({name}) OVER () AS m, {name}@ ORDER BY {name} DESC, id LIMIT 2",
                f"SELECT id, {name} AS c@ ORDER BY c DESC, id LIMIT 2",
                f"SELECT id, {name}@ ORDER BY date_trunc('month', {name}) DESC, id LIMIT 3",
                f"SELECT {name}, count(*)@ GROUP BY {name} ORDER BY {name} DESC LIMIT 2",
                f"SELECT id, {name}@ ORDER BY {name} DESC, id LIMIT (SELECT 1 + 1)",
            )
        )
    )
    return Query(fill(form, body), (source.table,), ordered=True)


def _grouping(draw, source: Source, most: int = 2) -> Sql:
    prefix = f"{source.alias}." if source.alias else ""
    names = [each.name for each in TABLES[source.table] if each.type not in ("JSON", "DOUBLE") and each.name != "id"]
    return comma(same(prefix + name) for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=most, unique=True)))


def many(draw, zone: str) -> Query:
    """Return a query for a long list of ids or keys, most of which there are not."""
    table = draw(st.sampled_from(list(TABLES)))
    source = Source(table, "x")
    keyed = [("id", table), *((each.name, each.references) for each in TABLES[table] if each.references is not None)]
    name, named = draw(st.sampled_from(keyed))
    first, number = draw(st.sampled_from((0, 0, 3, 40))), draw(st.sampled_from((9, 12, 25, 60, 120)))
    values = [quote(id_of(named, index)) for index in range(first, first + number)] + draw(st.sampled_from(([], ["NULL"], ["''"], ["'.'"])))
    listed = f"x.{name} {draw(st.sampled_from(('IN', 'IN', 'IN', 'NOT IN')))} ({', '.join(values)})"
    term = draw(st.sampled_from((same("true"), predicate(draw, [source], zone, 1))))
    condition = fill(draw(st.sampled_from((f"{listed} AND @", f"{listed} AND @", f"{listed} OR @"))), term)
    kind = draw(st.sampled_from(("rows", "rows", "count", "limit", "joined")))
    if kind == "count":
        return Query(fill(f"SELECT count(*), min(x.id) FROM {table} x WHERE @", condition), (table,))
    if kind == "joined":
        return Query(fill(f"SELECT x.id, y.id FROM {table} x JOIN {table} y ON x.{name} = y.{name} WHERE @", condition), (table,))
    sql = fill(f"SELECT @ FROM {table} x WHERE @", _items(draw, source), condition)
    if kind == "limit":
        limit = draw(st.sampled_from((1, 3, 100)))
        return Query(sql, (table,), limit=limit, limited=f"{sql.ours} LIMIT {limit}")
    return Query(sql, (table,))


def aggregate(draw, zone: str) -> Query:
    """Return an aggregate, with or without groups."""
    table = draw(st.sampled_from(list(TABLES)))
    source = Source(table)
    names = [each.name for each in TABLES[table] if each.type != "JSON"]
    numbers = [each.name for each in TABLES[table] if each.type == "BIGINT"] or ["1"]
    name, amount = draw(st.sampled_from(names)), draw(st.sampled_from(numbers))
    inner = predicate(draw, [source], zone, 1)
    forms = [
        same("count(*) AS n"),
        same(f"count({name})"),
        same(f"min({name})"),
        same(f"max({name})"),
        same(f"sum({amount})"),
        same(f"count(DISTINCT {name})"),
    ]
    forms += [
        fill("count(*) FILTER (WHERE @)", inner),
        same("string_agg(id, ',' ORDER BY id)"),
        fill("bool_or(@)", inner),
        fill("count_if(@)", inner),
    ]
    values = comma(draw(st.lists(st.sampled_from(forms), min_size=1, max_size=3, unique_by=lambda each: each.ours)))
    body = fill(" FROM @@", same(table), where(draw, [source], zone))
    if draw(st.booleans()):
        return Query(fill("SELECT @@", values, body), (table,))
    groups = _grouping(draw, source)
    having = draw(
        st.sampled_from((same(""), same(" HAVING count(*) > 1"), same(f" HAVING max({amount}) > 0"), fill(" HAVING bool_and(@)", inner)))
    )
    rolled = draw(st.sampled_from(("GROUP BY @", "GROUP BY @", "GROUP BY ROLLUP (@)", "GROUP BY CUBE (@)")))
    return Query(fill(f"SELECT @, @@ {rolled}@", groups, values, body, groups, having), (table,))


# -- joins


def joined(draw, zone: str) -> Query:
    """Return a join of two or three tables with conditions in ON and WHERE."""
    child, column, parent = draw(st.sampled_from(RELATED))
    sides = [Source(child, "a"), Source(parent, "b")]
    keys = fill(f"a.{column} = b.id")
    if draw(st.booleans()):
        sides.reverse()
    kind = draw(
        st.sampled_from(
            ("JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN", ",", "CROSS JOIN")
        )
    )
    condition = _on(draw, keys, sides, zone)
    seen = sides if kind not in ("SEMI JOIN", "ANTI JOIN") else sides[:1]
    first, second = (same(f"{each.table} {each.alias}") for each in sides)
    if kind in (",", "CROSS JOIN"):
        origin = fill(f" FROM @ {kind} @", first, second)
        filters = fill("@ AND (@)", condition, predicate(draw, sides, zone, 1))
    else:
        origin = fill(f" FROM @ {kind} @ ON @", first, second, condition)
        filters = predicate(draw, seen, zone, 2) if draw(st.integers(0, 3)) else same("true")
    if kind not in (",", "CROSS JOIN", "SEMI JOIN", "ANTI JOIN") and draw(st.integers(0, 3)) == 0:
        origin, seen = _third(draw, origin, seen, zone)
    items = comma(same(f"{each.alias}.{name}") for each in seen for name in ("id", draw(st.sampled_from(_comparable(each.table)))))
    if draw(st.integers(0, 3)) == 0:
        return Query(
            fill("SELECT count(*), count(DISTINCT @), min(@)@ WHERE @", *[same(f"{seen[-1].alias}.id")] * 2, origin, filters),
            _tables(seen, sides),
        )
    return Query(fill("SELECT @@ WHERE @", items, origin, filters), _tables(seen, sides))


_TEXT_JOINS = (
    ("charges", "billing_details_email", "customers", "email"),
    ("checkout_sessions", "customer_details_email", "customers", "email"),
    ("customers", "email", "checkout_sessions", "customer_details_email"),
    ("customers", "description", "products", "id"),
    ("charges", "description", "coupons", "id"),
    ("customers", "name", "prices", "lookup_key"),
    ("charges", "description", "promotion_codes", "code"),
    ("customers", "address_country", "tax_rates", "country"),
    ("refunds", "reason", "events", "type"),
    ("charges", "transfer_group", "charges", "transfer_group"),
)
"""Texts that are no keys, some empty or odd: (table, column, other table, its column)."""


def worded(draw, zone: str) -> Query:
    """Return a join, or a query in a query, on texts that are no foreign keys."""
    one, column, other, other_column = draw(st.sampled_from(_TEXT_JOINS))
    sides = [Source(one, "a"), Source(other, "b")]
    first, second = predicate(draw, sides[:1], zone, 1), predicate(draw, sides[1:], zone, 1)
    kind = draw(st.sampled_from(("JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN", "IN", "NOT IN")))
    tables = tuple(dict.fromkeys((one, other)))
    if kind in ("IN", "NOT IN"):
        inner = f"SELECT a.{column} FROM {one} a WHERE @"
        return Query(fill(f"SELECT b.id FROM {other} b WHERE b.{other_column} {kind} ({inner}) AND @", first, second), tables)
    items, last = ("a.id", same("true")) if kind in ("SEMI JOIN", "ANTI JOIN") else ("a.id, b.id", second)
    sql = fill(f"SELECT {items} FROM {one} a {kind} {other} b ON a.{column} = b.{other_column} AND @ WHERE @ AND @", second, first, last)
    return Query(sql, tables)


def _third(draw, origin: Sql, seen: list[Source], zone: str) -> tuple[Sql, list[Source]]:
    """Join one of the tables a second time, or another child of the parent."""
    parent = next(each for each in seen if each.alias == "b")
    child, column, _ = draw(st.sampled_from([each for each in RELATED if each[2] == parent.table]))
    third = Source(child, "c")
    kind = draw(st.sampled_from(("JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN")))
    on = _on(draw, same(f"c.{column} = b.id"), [*seen, third], zone)
    return fill(f"@ {kind} {child} c ON @", origin, on), [*seen, third]


def _on(draw, keys: Sql, sides: list[Source], zone: str) -> Sql:
    if draw(st.integers(0, 2)) == 0:
        return keys
    extra = predicate(draw, sides, zone, 1)
    return (
        fill(draw(st.sampled_from(("@ AND @", "@ AND (@)", "@ AND (@)"))), keys, extra)
        if draw(st.integers(0, 5))
        else fill("@ OR (@)", keys, extra)
    )


def _tables(*groups) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.table for group in groups for each in group))


def _comparable(table: str) -> list[str]:
    return [each.name for each in TABLES[table] if each.type != "JSON"]


SHAPES = (
    single,
    single,
    single,
    single,
    many,
    aggregate,
    joined,
    joined,
    joined,
    worded,
    nested,
    nested,
    limited,
    limited,
    derived,
    derived,
    derived,
    common,
    combined,
)


@st.composite
def queries(draw, zone: str) -> Query:
    """Draw a query of any shape."""
    return draw(st.sampled_from(SHAPES))(draw, zone)


@st.composite
def monotone(draw, zone: str) -> Query:
    """Draw SELECT ... FROM one table WHERE ..., or an inner join: more rows in the tables never mean fewer in the answer."""
    if draw(st.booleans()):
        source = Source(draw(st.sampled_from(LISTED)))
        return Query(fill(f"SELECT @ FROM {source.table}@", _items(draw, source), where(draw, [source], zone)), (source.table,))
    child, column, parent = draw(st.sampled_from(RELATED))
    sides = [Source(child, "a"), Source(parent, "b")]
    origin = fill(f"SELECT a.id, b.id FROM {child} a JOIN {parent} b ON @", _on(draw, same(f"a.{column} = b.id"), sides, zone))
    return Query(fill("@@", origin, where(draw, sides, zone)), (child, parent))
