"""Draw queries whose conditions stand outside the subquery that they speak of.

A condition may be carried into a subquery only where it means the same there: past renames, through DISTINCT and both
sides of a UNION, not past a LIMIT, a window, or a name that stands for something else.
"""

from dataclasses import replace

from hypothesis import strategies as st

from exactness.atoms import Source
from exactness.shapes import LISTED, RELATED, Query, predicate
from exactness.sql import Sql, fill
from exactness.tables import TABLES, field_of

# Each gives the columns k (an id), m (a time), v (any other); @ is a condition, $v the third column.
_INNER = (
    "SELECT id AS k, created AS m, $v AS v FROM $t WHERE @",
    "SELECT DISTINCT id AS k, created AS m, $v AS v FROM $t WHERE @",
    "SELECT DISTINCT ON ($v) id AS k, created AS m, $v AS v FROM $t WHERE @ ORDER BY $v, id",
    "SELECT min(id) AS k, max(created) AS m, $v AS v FROM $t WHERE @ GROUP BY $v",
    "SELECT min(id) AS k, created AS m, max($v) AS v FROM $t WHERE @ GROUP BY 2",
    "SELECT min(id) AS k, date_trunc('day', created) AS m, $v AS v FROM $t WHERE @ GROUP BY ALL",
    "SELECT min(id) AS k, max(created) AS m, $v AS v FROM $t WHERE @ GROUP BY ROLLUP ($v)",
    "SELECT min(id) AS k, max(created) AS m, $v AS v FROM $t GROUP BY $v HAVING count(*) > 1 AND bool_or(@)",
    "SELECT id AS k, created AS m, $v AS v FROM $t WHERE @ UNION ALL SELECT id, created, $v FROM $t WHERE @",
    "SELECT id AS k, created AS m, $v AS v FROM $t WHERE @ UNION SELECT id, created, $v FROM $t WHERE @",
    "SELECT id AS k, created AS m, $v AS v FROM $t WHERE @ EXCEPT SELECT id, created, $v FROM $t WHERE @",
    "SELECT id AS k, created AS m, $v AS v FROM $t WHERE @ INTERSECT SELECT id, created, $v FROM $t WHERE @",
    "SELECT id AS k, created AS m, $v AS v FROM $t WHERE @ UNION ALL BY NAME SELECT created AS m, id AS k, $v AS v FROM $t WHERE @",
    "(SELECT id AS k, created AS m, $v AS v FROM $t WHERE @) UNION ALL (SELECT id, created, NULL FROM $t WHERE @ ORDER BY id LIMIT 2)",
    "SELECT id AS k, created AS m, $v AS v FROM $t WHERE @ ORDER BY created DESC, id LIMIT 3",
    "SELECT id AS k, created AS m, $v AS v FROM $t WHERE @ ORDER BY id OFFSET 2",
    "SELECT id AS k, created AS m, $v AS v FROM $t WHERE @ QUALIFY row_number() OVER (PARTITION BY $v ORDER BY id) = 1",
    "SELECT id AS k, max(created) OVER () AS m, $v AS v FROM $t WHERE @",
    "SELECT upper(id) AS k, created + INTERVAL 1 DAY AS m, $v AS v FROM $t WHERE @",
    "SELECT 'x' AS k, created AS m, $v AS v FROM $t WHERE @",
    "SELECT a.id AS k, b.created AS m, b.$v AS v FROM $t a LEFT JOIN (SELECT * FROM $t WHERE @) b ON a.id = b.id",
    "SELECT a.id AS k, b.created AS m, a.$v AS v FROM $t a JOIN $t b ON a.id = b.id WHERE a.id IN (SELECT id FROM $t WHERE @)",
    "SELECT z.k, z.m, z.v FROM (SELECT id AS k, created AS m, $v AS v FROM $t WHERE @) z WHERE z.k <> 'x'",
    "SELECT k, m, v FROM (SELECT created, id, $v FROM $t WHERE @) AS z(m, k, v)",
    "SELECT coalesce(id, 'x') AS k, created AS m, nullif($v, $v) AS v FROM $t WHERE @",
)
_OUTER = (
    "SELECT k, m, v FROM ($i) d WHERE @",
    "SELECT k, m, v FROM ($i) d WHERE @",
    "WITH d AS ($i) SELECT k, m, v FROM d WHERE @",
    "WITH d AS ($i), e AS (SELECT * FROM d WHERE @) SELECT k, m, v FROM e d WHERE @",
    "WITH d AS ($i) SELECT k, m, v FROM d WHERE @ UNION ALL SELECT k, m, v FROM d WHERE @",
    "SELECT count(*), max(m), min(v) FROM ($i) d WHERE @",
    "SELECT v, count(*) FROM ($i) d WHERE @ GROUP BY v HAVING count(*) > 0",
    "SELECT u.id, d.k, d.m FROM $t u LEFT JOIN ($i) d ON u.id = d.k AND @",
    "SELECT u.id, d.k, d.m FROM $t u LEFT JOIN ($i) d ON u.id = d.k WHERE @",
    "SELECT u.id, d.k, d.m FROM $t u FULL JOIN ($i) d ON u.id = d.k AND @ WHERE @",
    "SELECT u.id FROM $t u WHERE u.id IN (SELECT k FROM ($i) d WHERE @)",
    "SELECT u.id FROM $t u WHERE u.id NOT IN (SELECT k FROM ($i) d WHERE @)",
    "SELECT u.id FROM $t u WHERE EXISTS (SELECT 1 FROM ($i) d WHERE d.k = u.id AND @)",
    "SELECT u.id FROM $t u WHERE NOT EXISTS (SELECT 1 FROM ($i) d WHERE d.k = u.id AND @)",
    "SELECT u.id FROM $t u WHERE u.created = (SELECT max(m) FROM ($i) d WHERE @)",
    "SELECT c.id, d.k FROM $c c JOIN ($i) d ON c.$f = d.k WHERE @",
    "SELECT c.id, d.k FROM $c c LEFT JOIN ($i) d ON c.$f = d.k AND @",
    "SELECT c.id FROM $c c WHERE c.$f IN (SELECT k FROM ($i) d WHERE @)",
    "SELECT d.k, c.id FROM ($i) d LEFT JOIN $c c ON c.$f = d.k WHERE @",
    "SELECT d.k FROM ($i) d WHERE d.k IN (SELECT $f FROM $c) AND @",
)


def derived(draw, zone: str) -> Query:
    """Return a query over a subquery, with conditions outside and inside."""
    timed = [name for name in LISTED if any(each.name == "created" for each in TABLES[name]) and any(each[2] == name for each in RELATED)]
    child, column, table = draw(st.sampled_from([each for each in RELATED if each[2] in timed]))
    value = draw(
        st.sampled_from([each for each in TABLES[table] if each.type not in ("JSON", "DOUBLE") and each.name not in ("id", "created")])
    )
    columns = (
        replace(field_of(child, column), name="k", path=("k",)),
        replace(field_of(table, "created"), name="m"),
        replace(value, name="v", path=("v",)),
    )
    outside, bare = Source(table, "d", derived=True, given=columns), Source(table)
    names = {"$t": table, "$v": value.name, "$c": child, "$f": column}
    inner = _filled(draw(st.sampled_from(_INNER)), names, lambda: predicate(draw, [bare], zone, 1))
    outer = draw(st.sampled_from(_OUTER)).replace("$i", "\0")
    conditions = _filled(outer, names, lambda: predicate(draw, [outside], zone, 1))
    return Query(Sql(conditions.ours.replace("\0", inner.ours), conditions.plain.replace("\0", inner.plain)), (table, child))


def _filled(form: str, names: dict[str, str], condition) -> Sql:
    for name, text in names.items():
        form = form.replace(name, text)
    return fill(form, *(condition() for _ in range(form.count("@"))))
