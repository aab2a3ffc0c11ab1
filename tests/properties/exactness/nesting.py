"""Draw queries in queries: subqueries, common table expressions, set operations.

In: hypothesis. Out: ``Query``.
"""

from hypothesis import strategies as st

from exactness.atoms import Source
from exactness.shapes import LISTED, RELATED, Query, predicate, where
from exactness.sql import fill, quote, same
from exactness.tables import TABLES
from exactness.worlds import id_of
from stripesql.catalogue.load import catalogue


def nested(draw, zone: str) -> Query:
    """Return a query with a subquery: IN, EXISTS, scalar, correlated, lateral, derived table."""
    child, column, parent = draw(st.sampled_from(RELATED))
    a, b = Source(child, "a"), Source(parent, "b")
    inner, outer = predicate(draw, [b], zone, 1), predicate(draw, [a], zone, 1)
    both = predicate(draw, [a, b], zone, 1)
    outer_parent = predicate(draw, [b], zone, 1)
    on_child = predicate(draw, [a], zone, 1)
    forms = {
        f"SELECT a.id FROM {child} a WHERE a.{column} IN (SELECT b.id FROM {parent} b WHERE @) AND @": (inner, outer),
        f"SELECT a.id FROM {child} a WHERE a.{column} NOT IN (SELECT b.id FROM {parent} b WHERE @) AND @": (inner, outer),
        f"SELECT b.id FROM {parent} b WHERE b.id IN (SELECT a.{column} FROM {child} a WHERE @) AND @": (on_child, outer_parent),
        f"SELECT b.id FROM {parent} b WHERE b.id NOT IN (SELECT a.{column} FROM {child} a WHERE @) AND @": (on_child, outer_parent),
        f"SELECT b.id FROM {parent} b WHERE EXISTS (SELECT 1 FROM {child} a WHERE a.{column} = b.id AND @) AND @": (both, outer_parent),
        f"SELECT b.id FROM {parent} b WHERE NOT EXISTS (SELECT 1 FROM {child} a WHERE a.{column} = b.id AND @) OR @": (both, outer_parent),
        f"SELECT b.id, (SELECT count(*) FROM {child} a WHERE a.{column} = b.id AND @) FROM {parent} b WHERE @": (both, outer_parent),
        f"SELECT b.id, (SELECT max(a.id) FROM {child} a WHERE @) FROM {parent} b WHERE @": (on_child, outer_parent),
        f"SELECT a.id FROM {child} a WHERE a.id = (SELECT min(a.id) FROM {child} a WHERE @) OR @": (on_child, outer),
        f"SELECT a.id FROM {child} a WHERE a.id >= ALL (SELECT b.id FROM {parent} b WHERE @) AND @": (inner, outer),
        f"SELECT b.id, l.id FROM {parent} b, LATERAL (SELECT a.id FROM {child} a WHERE a.{column} = b.id AND @) l WHERE @": (both, outer_parent),
        f"SELECT b.id, l.id FROM {parent} b LEFT JOIN LATERAL (SELECT a.id FROM {child} a WHERE a.{column} = b.id AND @) l ON true WHERE @": (both, outer_parent),
        f"SELECT a.id, a.{column} FROM (SELECT * FROM {child} WHERE @) a WHERE @": (predicate(draw, [Source(child)], zone, 1), predicate(draw, [Source(child, "a", derived=True)], zone, 1)),
        f"SELECT s.id, b.id FROM (SELECT a.id, a.{column} FROM {child} a WHERE @ ORDER BY a.id LIMIT 3) s LEFT JOIN {parent} b ON s.{column} = b.id AND @": (on_child, inner),
        f"SELECT a.id FROM {child} a WHERE (SELECT count(*) FROM {parent} b WHERE @) > 1 AND @": (inner, outer),
        f"SELECT a.id FROM {child} a JOIN (VALUES ('{id_of(parent, 0)}'), ('{id_of(parent, 1)}'), (NULL)) v(k) ON a.{column} = v.k WHERE @": (outer,),
        f"SELECT a.id, w.n FROM {child} a {draw(st.sampled_from(('JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'ANTI JOIN')))} wanted w ON a.{column} = w.k AND @".replace("a.id, w.n", "count(*)"): (outer,),
        f"SELECT b.id FROM {parent} b WHERE b.id IN (SELECT k FROM wanted) AND @": (outer_parent,),
        f"SELECT a.id FROM {child} a WHERE (a.{column} = '{id_of(parent, 1)}' OR a.{column} IN (SELECT b.id FROM {parent} b WHERE @)) AND @": (inner, outer),
        f"SELECT b.id FROM {parent} b WHERE (b.id IN (SELECT a.{column} FROM {child} a WHERE @) OR b.id IN ('', '{id_of(parent, 2)}') OR b.id IN (SELECT k FROM wanted)) AND @": (on_child, outer_parent),
        f"SELECT b.id FROM {parent} b WHERE b.id IN (SELECT k FROM wanted WHERE n > 4) AND @": (outer_parent,),
        f"SELECT b.id FROM {parent} b WHERE b.id NOT IN (SELECT k FROM wanted WHERE k IS NOT NULL) AND @": (outer_parent,),
        f"SELECT w.n, a.id, b.id FROM wanted w LEFT JOIN {child} a ON a.{column} = w.k AND @ LEFT JOIN {parent} b ON b.id = w.k": (outer,),
        f"SELECT a.id FROM {child} a WHERE {draw(st.sampled_from(('', 'NOT ')))}EXISTS (SELECT 1 FROM wanted w WHERE w.k = a.{column}) AND @": (outer,),
        f"SELECT a.id FROM {child} a WHERE a.{column} IN (SELECT w.k FROM wanted w JOIN {parent} b ON w.k = b.id WHERE @) AND @": (inner, outer),
        f"SELECT a.id FROM {child} a WHERE a.{column} IN (SELECT b.id FROM {parent} b WHERE @ UNION ALL SELECT k FROM wanted) AND @": (inner, outer),
        f"SELECT a.id FROM {child} a WHERE a.{column} IN (SELECT b.id FROM {parent} b WHERE @ {draw(st.sampled_from(('UNION', 'EXCEPT', 'INTERSECT')))} SELECT a.{column} FROM {child} a WHERE @)": (inner, on_child),
        f"SELECT b.id FROM {parent} b WHERE b.id {draw(st.sampled_from(('', 'NOT ')))}IN (SELECT a.{column} FROM {child} a WHERE @ UNION SELECT id FROM {parent} WHERE id = '{id_of(parent, 1)}') AND @": (on_child, outer_parent),
        f"SELECT b.id FROM {parent} b WHERE b.id IN (SELECT a.{column} FROM {child} a WHERE @ UNION (SELECT k FROM wanted ORDER BY n LIMIT 5) EXCEPT SELECT '{id_of(parent, 0)}') AND @": (on_child, outer_parent),
        f"SELECT b.id, (SELECT a.id FROM {child} a WHERE a.{column} = b.id AND @ ORDER BY a.id DESC LIMIT 1) FROM {parent} b WHERE @": (both, outer_parent),
        f"SELECT a.id FROM {child} a, {parent} b LEFT JOIN {child} c ON c.{column} = b.id AND @ WHERE a.{column} = b.id AND @": (
            predicate(draw, [b, Source(child, "c")], zone, 1), predicate(draw, [a, b, Source(child, "c")], zone, 1)),
        f"SELECT c.id, a.id, b.id FROM {child} c LEFT JOIN ({child} a JOIN {parent} b ON a.{column} = b.id AND @) ON c.{column} = b.id WHERE @": (
            both, predicate(draw, [a, b, Source(child, "c")], zone, 1)),
        f"SELECT {column}, b.id, c.id FROM {child} b {draw(st.sampled_from(('JOIN', 'LEFT JOIN', 'FULL JOIN', 'RIGHT JOIN')))} {child} c USING ({column}) WHERE @": (
            predicate(draw, [Source(child, "b"), Source(child, "c")], zone, 1),),
        f"SELECT a.id FROM {child} a WHERE {_outside(draw, child, parent, zone)}": (),
        f"SELECT a.id, CASE WHEN @ THEN 1 ELSE (SELECT min(b.id) FROM {parent} b WHERE b.id = a.{column} AND @) = '' END FROM {child} a": (outer, inner),
    }  # fmt: skip
    form = draw(st.sampled_from(list(forms)))
    return Query(fill(form, *forms[form]), (child, parent))


def _outside(draw, child: str, parent: str, zone: str) -> str:
    """Return an EXISTS whose inner SELECT uses a column of the outer table without saying whose it is."""
    inner = catalogue().table(parent)
    outer = [each for each in TABLES[child] if inner is not None and inner.column(each.name) is None and each.type == "VARCHAR"]
    name = outer[0].name if outer else "a.id"
    operator = draw(st.sampled_from(("=", "<>", "IN")))
    value = quote(draw(st.sampled_from(("a", "open", "succeeded", "x"))))
    return f"EXISTS (SELECT 1 FROM {parent} WHERE {name} {operator} {f'({value})' if operator == 'IN' else value})"


def common(draw, zone: str) -> Query:
    """Return a query with common table expressions, used once, twice, or named like a table."""
    child, column, parent = draw(st.sampled_from(RELATED))
    a, b, bare, derived = Source(child, "a"), Source(parent, "b"), Source(child), Source(child, "a", derived=True)
    forms = {
        f"WITH s AS (SELECT * FROM {child} WHERE @) SELECT a.id, a.{column} FROM s a WHERE @": (predicate(draw, [bare], zone, 1), predicate(draw, [derived], zone, 1)),
        f"WITH s AS (SELECT * FROM {child} WHERE @) SELECT a.id, c.id FROM s a JOIN s c ON a.{column} = c.{column} WHERE @": (
            predicate(draw, [bare], zone, 1), predicate(draw, [derived], zone, 1)),
        f"WITH s AS MATERIALIZED (SELECT id, {column} FROM {child} WHERE @) SELECT b.id, s.id FROM {parent} b LEFT JOIN s ON s.{column} = b.id WHERE @": (
            predicate(draw, [bare], zone, 1), predicate(draw, [b], zone, 1)),
        f"WITH {child} AS (SELECT * FROM {child} WHERE @) SELECT a.id FROM {child} a WHERE @": (predicate(draw, [bare], zone, 1), predicate(draw, [derived], zone, 1)),
        f"WITH s AS (SELECT * FROM {child} a WHERE @), t AS (SELECT id FROM s LIMIT 1000) SELECT count(*) FROM t": (predicate(draw, [a], zone, 2),),
        f"SELECT x.id, y.id FROM {child} x LEFT JOIN {child} y ON x.{column} = y.{column} AND @ WHERE @": (
            predicate(draw, [Source(child, "y")], zone, 1), predicate(draw, [Source(child, "x")], zone, 1)),
        f"FROM {child} a SELECT a.id WHERE @": (predicate(draw, [a], zone, 2),),
        f"WITH RECURSIVE r AS (SELECT a.id, 1 AS n FROM {child} a WHERE @ UNION ALL SELECT r.id, n + 1 FROM r JOIN {child} a ON a.id = r.id WHERE n < 3 AND @) SELECT * FROM r": (
            predicate(draw, [a], zone, 1), predicate(draw, [a], zone, 1)),
    }  # fmt: skip
    form = draw(st.sampled_from(list(forms)))
    return Query(fill(form, *forms[form]), (child, parent))


def combined(draw, zone: str) -> Query:
    """Return a set operation, sometimes ordered and cut as a whole."""
    first, second = draw(st.sampled_from(LISTED)), draw(st.sampled_from(LISTED))
    second = draw(st.sampled_from((first, second)))
    operator = draw(st.sampled_from(("UNION", "UNION ALL", "EXCEPT", "EXCEPT ALL", "INTERSECT", "INTERSECT ALL")))
    halves = [fill(f"SELECT id FROM {name}@", where(draw, [Source(name)], zone, 1)) for name in (first, second)]
    tables = tuple(dict.fromkeys((first, second)))
    if draw(st.booleans()):
        return Query(fill(f"@ {operator} @ ORDER BY id LIMIT {draw(st.integers(0, 5))}", *halves), tables, ordered=True)
    return Query(fill(f"@ {operator} @", *halves), tables)


def limited(draw, zone: str) -> Query:
    """Return a LIMIT, or a newest time, over what lies between it and the table: subqueries and joins that keep each row."""
    timed = [each for each in RELATED if any(field.name == "created" for field in TABLES[each[0]])]
    child, column, parent = draw(st.sampled_from(timed))
    a, b, bare, derived = Source(child, "a"), Source(parent, "b"), Source(child), Source(child, "a", derived=True)
    inner, outer, over = predicate(draw, [bare], zone, 1), predicate(draw, [derived], zone, 1), predicate(draw, [a], zone, 1)
    on = draw(st.sampled_from((same("true"), predicate(draw, [b], zone, 0), predicate(draw, [a, b], zone, 0))))
    term = draw(st.sampled_from((same("true"), over, predicate(draw, [a, b], zone, 1))))
    number, offset = draw(st.sampled_from((0, 1, 2, 5, 100))), draw(st.sampled_from((0, 0, 1)))
    joined = fill(f"FROM {child} a LEFT JOIN {parent} b ON a.{column} = b.id AND @ WHERE @", on, term)
    through = fill(f"FROM (SELECT * FROM {child} WHERE @) a WHERE @", inner, outer)
    named = fill(f"WITH s AS (SELECT * FROM {child} WHERE @) SELECT a.id, a.created AS t FROM s a WHERE @", inner, outer)
    kind = draw(st.sampled_from(("any", "newest", "count", "max", "total", "inside")))
    rows = draw(
        st.sampled_from((fill("SELECT a.id, b.id, a.created AS t @", joined), fill("SELECT a.id, a.created AS t @", through), named))
    )
    tail = f" LIMIT {number} OFFSET {offset}"
    match kind:
        case "any":
            return Query(rows, (child, parent), limit=number, offset=offset, limited=rows.ours + tail)
        case "newest":
            ordered = fill("@ ORDER BY a.created DESC", rows)
            return Query(ordered, (child, parent), limit=number, offset=offset, limited=ordered.ours + tail, by=-1)
        case "total":
            return Query(fill(f"@ ORDER BY a.created DESC, a.id{tail}", rows), (child, parent), ordered=True)
        case "count":
            return Query(fill(f"SELECT count(*) FROM (@{tail})", rows), (child, parent))
        case "max":
            return Query(fill("SELECT max(a.created) @", draw(st.sampled_from((joined, through)))), (child, parent))
    newest = f"SELECT * FROM {child} WHERE @ ORDER BY created DESC, id{tail}"
    return Query(fill(f"SELECT a.id FROM ({newest}) a WHERE @", inner, outer), (child, parent))
