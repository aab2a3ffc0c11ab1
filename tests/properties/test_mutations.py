"""Break one rule at a time on purpose: each mutation must be caught by its example, or the properties are blunt.

A mutation replaces one function or constant. Its example is a query over the small account whose answer is right without
the mutation and wrong, too dear or an error with it. Rules that move take their mutation with them.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

import pytest
from exactness.account import TABLES, small_account
from exactness.answers import Query, Ways, check
from exactness.sql import Sql

from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.model import Exactness
from stripesql.plan import domains, planner
from stripesql.plan.domains import Domains
from stripesql.plan.rules import by_id, equality, in_list, or_union, ranges, search
from stripesql.predicate import NullTest, Operator, Prefix
from stripesql.query import stages
from stripesql.query.relations import Relations
from stripesql.scan import carry, expanded, fanout, keyed, newest, pieces, tested
from stripesql.sql import descend, limits, links, parts, predicates, scopes, terms, times


@dataclass(frozen=True)
class Mutation:
    """Say what is broken, and the query that must notice it."""

    name: str
    target: object
    attribute: str
    broken: Any  # takes the original, returns its replacement
    sql: str
    plain: str = ""
    zone: str = "UTC"
    limit: int | None = None


ALL: list[Mutation] = []


def mutation(name, target, attribute, sql, *, plain="", zone="UTC", limit=None):
    """Add a mutation: the function below takes the original and returns what stands in its place."""

    def add(broken):
        ALL.append(Mutation(name, target, attribute, broken, sql, plain, zone, limit))
        return broken

    return add


def result(change):
    """Return a mutation of what a function returns: ``change(found, *arguments)``."""
    return lambda original: lambda *arguments, **named: change(original(*arguments, **named), *arguments)


OLD = ", ".join(f"'ch_many{n}'" for n in range(100, 130))
NOON = "TIMESTAMPTZ '2024-11-01 12:00:{}+00'"


# -- bounds


@mutation("gte is sent as gt", ranges, "_low", f"SELECT id FROM customers WHERE created >= {NOON.format('03')}")
def _(original):
    return result(lambda found, *_: found and ("gt", *found[1:]))(original)


@mutation("lte is sent as lt", ranges, "_high", f"SELECT id FROM customers WHERE created <= {NOON.format('03')}")
def _(original):
    return result(lambda found, *_: found and ("lt", *found[1:]))(original)


@mutation("a fractional lower bound is rounded up", ranges, "_floor", f"SELECT id FROM customers WHERE created > {NOON.format('02.5')}")
def _(original):
    return lambda bound, times: (-(-bound.value // 1_000_000), True) if times else (bound.value, True)


@mutation("a fractional upper bound is cut", ranges, "_floor", f"SELECT id FROM customers WHERE created < {NOON.format('02.5')}")
def _(original):
    return lambda bound, times: (bound.value // 1_000_000, True) if times else (bound.value, True)


@mutation(
    "the looser of two bounds becomes the tighter",
    domains,
    "_looser",
    f"SELECT id FROM customers WHERE created >= {NOON.format('03')} OR created >= {NOON.format('01')}",
)
def _(original):
    return lambda one, other, *, lowest: domains._tighter(one, other, lowest=lowest)


@mutation(
    "days are UTC days", times.Spans, "__init__", "SELECT id FROM customers WHERE created::DATE = DATE '2024-11-05'", zone="Asia/Kathmandu"
)
def _(original):
    return lambda self, constants, zone: original(self, constants, "UTC")


@mutation(
    "the later of two instants is taken",
    times.Spans,
    "_instants",
    "SELECT id FROM customers WHERE (created AT TIME ZONE 'Europe/Berlin')::TIMESTAMP >= TIMESTAMP '2024-10-27 02:15:00'",
)
def _(original):
    return result(lambda found, *_: found and [max(found)])(original)


# -- values


@mutation(
    "only the first value of IN is sent", equality, "parameter_values", "SELECT id FROM charges WHERE payment_intent IN ('pi_0', 'pi_1')"
)
def _(original):
    return result(lambda found, *_: found and found[:1])(original)


@mutation("only the first value of a list is sent", in_list, "parameter_values", "SELECT id FROM prices WHERE lookup_key IN ('k0', 'k1')")
def _(original):
    return result(lambda found, *_: found and found[:1])(original)


@mutation(
    "an address is compared without regard to case", equality, "parameter_values", "SELECT id FROM customers WHERE email = 'A@example.com'"
)
def _(original):
    return result(lambda found, *_: found and tuple(each.lower() for each in found))(original)


@mutation("only the first of several ids is read", planner, "retrieve", "SELECT id FROM customers WHERE id IN ('cus_0', 'cus_1')")
def _(original):
    return result(lambda found, *_: found and found[:1])(original)


@mutation("<> is read as =", predicates, "_OPERATORS", "SELECT id FROM prices WHERE product <> 'prod_off'")
def _(original):
    return {kind: Operator.EQ if operator is Operator.NE else operator for kind, operator in original.items()}


@mutation("NOT flag is read as the flag", predicates.Reader, "_truth", "SELECT id FROM prices WHERE NOT active")
def _(original):
    return lambda self, term, truth: original(self, term, True)


@mutation("IS NOT TRUE is read as FALSE", predicates.Reader, "_not", "SELECT id FROM products WHERE shippable IS NOT TRUE")
def _(original):
    return lambda self, term: self._truth(
        term.this.unnest().this if isinstance(term.this.unnest(), predicates.exp.Is) else term.this, False
    )


@mutation("a LIKE with _ is a prefix", predicates.Reader, "_prefix", "SELECT id FROM events WHERE type LIKE 'invoic_.%'")
def _(original):
    def broken(self, term):
        found = self._column(term.this)
        return predicates.Demand(found[0], Prefix(found[1].name, term.expression.name.rstrip("%"))) if found is not None else None

    return broken


@mutation(
    "an OR is read as its first branch",
    predicates.Reader,
    "_disjunction",
    "SELECT id FROM customers WHERE email = 'a@example.com' OR name = 'd'",
)
def _(original):
    return lambda self, term: self.demands(predicates.conjuncts(term.left).__next__())


@mutation("NULL is a value that = finds", predicates.Reader, "_is", "SELECT id FROM invoice_items WHERE invoice IS NULL")
def _(original):
    return result(lambda found, *_: found and replace(found, predicate=NullTest(found.predicate.column, negated=True)))(original)


@mutation("a filter documented as cut at 100 rows is used", Catalogue, "table", "SELECT id FROM charges WHERE transfer_group = 'many'")
def _(original):
    return lambda self, name: _with_filters(original(self, name), Exactness.NEVER, Exactness.EXACT, "transfer_group")


@mutation("an id that is a path of its own is read there", by_id, "is_segment", "SELECT name FROM products WHERE id = 'search'")
def _(original):
    return lambda *_: True


# -- where a conjunct may go


@mutation(
    "a term enters a null-extended side",
    terms,
    "_may_push",
    "SELECT c.id, i.id FROM customers c LEFT JOIN invoice_items i ON i.customer = c.id WHERE i.invoice IS NULL",
)
def _(original):
    return lambda demand, source, reach: source.pushable


@mutation(
    "a predicate that is TRUE on NULLs is thought not to be",
    terms,
    "rejects_null",
    "SELECT c.id, i.id FROM customers c LEFT JOIN invoice_items i ON i.customer = c.id WHERE i.invoice IS NULL",
)
def _(original):
    return lambda predicate: True


@mutation(
    "the ON of a LEFT JOIN restricts the left side",
    terms,
    "reach_of",
    "SELECT c.id, h.id FROM customers c LEFT JOIN charges h ON h.customer = c.id AND c.email = 'a@example.com'",
)
def _(original):
    return lambda join, sources: sources


@mutation(
    "the ON of a FULL JOIN restricts both sides",
    terms,
    "reach_of",
    "SELECT c.id, i.id FROM customers c FULL JOIN invoice_items i ON i.customer = c.id AND i.invoice = 'in_0' AND c.email = 'a@example.com'",
)
def _(original):
    return lambda join, sources: sources


@mutation(
    "the term of one table is given to the other",
    predicates.Reader,
    "_column",
    "SELECT c.id, h.id FROM customers c, charges h WHERE h.customer = c.id AND c.created <= TIMESTAMPTZ '2024-11-01 12:00:01+00'",
)
def _(original):
    return lambda self, node: (found := original(self, node)) and (self._scope.sources[-1], found[1])


@mutation(
    "WHERE reaches into a CTE that hides the table",
    scopes,
    "visible_cte",
    "WITH prices AS (SELECT * FROM prices WHERE NOT active) SELECT id FROM prices",
)
def _(original):
    return lambda node: None


# -- what a scan must read


@mutation("canceled subscriptions are not asked for", planner, "_variants", "SELECT id, status FROM subscriptions")
def _(original):
    return lambda endpoint, params: [params]


@mutation("one of the two lists of prices is read", planner, "_variants", "SELECT id FROM prices")
def _(original):
    return result(lambda found, *_: found[:1])(original)


@mutation("has_more is not heeded", pieces.pages, "following", "SELECT count(*) FROM charges")
def _(original):
    return lambda *_, **__: None


@mutation("the last row of a page is dropped", pieces, "_decoded", "SELECT count(*) FROM charges")
def _(original):
    return result(lambda page, *_: pieces.taken(page, list(range(page.rows - 1))))(original)


@mutation("rows that two lists give come twice", carry, "_unseen", "SELECT id FROM promotion_codes WHERE code IN ('SPRING', 'spring')")
def _(original):
    return lambda page, read, seen: page


@mutation("a refused key is an error", pieces.Piece, "_is_missing_key", "SELECT id FROM subscription_items WHERE subscription = 'nope'")
def _(original):
    return lambda self, problem: False


@mutation("an embedded list is thought complete", fanout, "_embedded", "SELECT count(*) FROM subscription_items")
def _(original):
    return _Complete(original)


# -- limits


@mutation("LIMIT travels beside a term that is checked here", planner, "_plan_list", "SELECT id FROM charges WHERE amount % 7 = 5", limit=3)
def _(original):
    return lambda question, *rest: replace(original(question, *rest), limit=question.limit)


@mutation("a wider set is taken for the right one", Catalogue, "table", "SELECT id FROM promotion_codes WHERE code = 'SPRING'", limit=1)
def _(original):
    return lambda self, name: _with_filters(original(self, name), Exactness.SUPERSET, Exactness.EXACT, "code")


@mutation("OFFSET is forgotten", limits, "_number", "SELECT id FROM (SELECT id FROM customers LIMIT 3 OFFSET 10)", limit=100)
def _(original):
    return lambda clause: 0 if isinstance(clause, limits.exp.Offset) else original(clause)


@mutation("LIMIT travels through DISTINCT", limits, "_BLOCKS", "SELECT count(*) FROM (SELECT DISTINCT transfer_group FROM charges LIMIT 2)")
def _(original):
    return tuple(each for each in original if each != "distinct")


@mutation("LIMIT travels through ORDER BY", limits, "_limited", "SELECT id FROM customers ORDER BY id LIMIT 2")
def _(original):
    def broken(select, *rest):
        unordered = select.copy()
        unordered.set("order", None)
        return original(unordered, *rest)

    return broken


@mutation("LIMIT travels through an aggregate", limits, "ROW_BY_ROW", "SELECT count(*) FROM charges LIMIT 1")
def _(original):
    return (object,)


@mutation("ties of the last row are cut", newest.Newest, "is_complete", "SELECT id FROM customers ORDER BY created DESC, id LIMIT 2")
def _(original):
    return lambda self, times: True


@mutation(
    "an alias that hides the column is sorted as the column",
    limits,
    "_names_something_else",
    "SELECT id, -amount AS created FROM charges ORDER BY created DESC LIMIT 2",
)
def _(original):
    return lambda *_: False


@mutation(
    "a term is carried past a LIMIT",
    descend,
    "_is_open",
    "SELECT id FROM (SELECT id, amount FROM topups ORDER BY created DESC LIMIT 2) t WHERE amount < 20",
)
def _(original):
    return lambda scope: True


# -- several scans


@mutation(
    "only one branch of an OR is read", or_union, "_together", "SELECT id FROM charges WHERE customer = 'cus_1' OR payment_intent = 'pi_0'"
)
def _(original):
    return lambda branches, conjuncts: original(branches[:1], conjuncts)


@mutation("two different scans are one", stages, "_groups", "SELECT a.id, b.id FROM prices a, prices b WHERE a.active AND NOT b.active")
def _(original):
    return lambda occurrences, questions: [stages._merged([(each.name, planner.plan_scan(questions[each.name])) for each in occurrences])]


@mutation(
    "only the first key is looked up",
    keyed.Keyed,
    "_by_keys",
    "SELECT c.id, h.id FROM customers c JOIN charges h ON h.customer = c.id WHERE c.email = 'a@example.com'",
)
def _(original):
    return lambda self, keys: original(self, list(keys)[:1])


@mutation(
    "a deleted object that was expanded is a row",
    expanded.Decoder,
    "objects",
    "SELECT h.id, c.id FROM charges h LEFT JOIN customers c ON h.customer = c.id WHERE h.amount < 12",
)
def _(original):
    return lambda self, items: original(self, [re.sub(rb'"deleted":\s*true', b'"deleted":false', bytes(each)) for each in items])


@mutation("a deleted object is a row", pieces, "_decoded", "SELECT id FROM customers WHERE id = 'cus_4'")
def _(original):
    def broken(decode, response):
        return original(lambda body: decode(re.sub(rb'"deleted":\s*true', b'"deleted":false', body)), response)

    return broken


@mutation(
    "what is asked of the key's own column is asked of the key's place in the plan",
    stages,
    "combine",
    "SELECT h.id FROM charges h JOIN customers c ON h.customer = c.id WHERE c.email = 'A@example.com' AND starts_with(h.customer, 'cus')",
)
def _(original):
    return lambda conjuncts: Domains()


@mutation(
    "a key of a semi-join is another",
    keyed,
    "_key",
    "SELECT id FROM charges WHERE customer IN (SELECT id FROM customers WHERE email = 'A@example.com')",
)
def _(original):
    return lambda value: "cus_nobody" if value == "cus_1" else original(value)


@mutation(
    "only the first id of a list of them is looked up",
    keyed,
    "read_of_ids",
    "SELECT t.id, d.id FROM topups t JOIN products d ON d.id = t.description WHERE t.id IN ('tu_0', 'tu_1', 'tu_2')",
)
def _(original):
    return lambda table, ids, params: original(table, ids[:1], params)


@mutation(
    "ids that the first pages have not shown are forgotten",
    keyed.Keyed,
    "_by_keys",
    f"SELECT id FROM charges WHERE id IN ({OLD})",
)
def _(original):
    return lambda self, keys: iter(())


@mutation("only the first key of a frame is asked for", Relations, "keys", "SELECT id FROM customers WHERE id IN (SELECT k FROM wanted)")
def _(original):
    return lambda self, name, column, kind: ("cus_1",)


@mutation(
    "only the first side of a UNION gives keys",
    links,
    "_sides",
    "SELECT id FROM charges WHERE customer IN "
    "(SELECT id FROM customers WHERE email = 'c@example.com' UNION SELECT customer FROM payment_intents WHERE id = 'pi_1')",
)
def _(original):
    return result(lambda found, *_: found[:1])(original)


@mutation(
    "the constants beside a subquery are forgotten",
    links,
    "_of_disjunction",
    "SELECT id FROM charges WHERE customer = 'cus_3' OR customer IN (SELECT id FROM customers WHERE email = 'c@example.com')",
)
def _(original):
    return lambda *arguments: (replace(each, values=()) for each in original(*arguments))


@mutation(
    "a frame restricts the side that an outer join keeps",
    links,
    "reach_of",
    "SELECT i.id, w.n FROM invoices i LEFT JOIN wanted w ON w.k = i.id",
)
def _(original):
    return lambda join, sources: sources


@mutation(
    "only the first day of a list is read",
    predicates.Reader,
    "_in_spans",
    "SELECT id FROM customers WHERE created::DATE IN (DATE '2024-10-27', DATE '2024-11-01')",
)
def _(original):
    return result(lambda found, *_: found and replace(found, predicate=found.predicate.branches[0][0].predicate))(original)


# -- Search


@mutation(
    "a backslash is searched for as it stands",
    search,
    "_quoted",
    "SELECT id FROM customers WHERE metadata.note = 'a\\b'",
    plain="SELECT id FROM customers WHERE metadata->>'note' = 'a\\b'",
)
def _(original):
    return lambda value: f'"{value}"'


@mutation("a key is searched for in lower case", predicates, "Entry", "SELECT id FROM customers WHERE metadata->>'Note' = 'x'")
def _(original):
    return lambda column, key, values: original(column, key.lower(), values)


@mutation(
    "a search for one of two asks for the first",
    search,
    "_either",
    "SELECT id FROM customers WHERE metadata->>'note' = 'x' OR name LIKE '%d%ddd%' OR email LIKE '%tie%'",
)
def _(original):
    return lambda table, conjunct, branches, known: original(table, conjunct, branches[:1], known)


@mutation(
    "only the first metadata value is searched for",
    predicates.Reader,
    "_entry",
    "SELECT id FROM customers WHERE metadata->>'note' IN ('a\\b', 'x')",
)
def _(original):
    return result(lambda found, *_: found and replace(found, predicate=replace(found.predicate, values=found.predicate.values[:1])))(
        original
    )


@mutation("a bound is searched for without itself", search, "_low", "SELECT id FROM charges WHERE amount >= 129")
def _(original):
    return result(lambda found, *_: found and found.replace(">=", ">"))(original)


@mutation("an upper bound is searched for without itself", search, "_high", "SELECT id FROM charges WHERE amount <= 0")
def _(original):
    return result(lambda found, *_: found and found.replace("<=", "<"))(original)


@mutation("a part of a text is searched for as a word", search, "_part", "SELECT id FROM customers WHERE email LIKE '%ampl%'")
def _(original):
    return result(lambda found, *_: found and found.replace("~", ":"))(original)


@mutation("a wildcard is searched for as a letter", parts, "_WILDCARDS", "SELECT id FROM customers WHERE email LIKE '%exa_ple%'")
def _(original):
    return re.compile("%+")


@mutation("NOT LIKE is searched for as LIKE", predicates.Reader, "_simple", "SELECT id FROM customers WHERE name NOT LIKE '%abc%'")
def _(original):
    def broken(self, term):
        inner = term.this.unnest() if isinstance(term, predicates.exp.Not) else term
        return self._part(inner) if isinstance(inner, predicates.exp.Like) else original(self, term)

    return broken


@mutation(
    "what a search finds late is not tested here",
    tested,
    "pc",
    "SELECT c.id, h.id FROM customers c JOIN charges h ON h.customer = c.id WHERE c.name LIKE '%b%' AND c.email = 'A@example.com'",
)
def _(original):
    return _MatchesNothing(original)


# -- the test


class _MatchesNothing:
    """Stand for pyarrow's functions; no text has any part."""

    def __init__(self, original):
        self._original = original

    def __getattr__(self, name):
        return getattr(self._original, name)

    def match_substring(self, column, pattern):
        return self._original.equal(column, "nothing at all")


class _Complete:
    def __init__(self, original):
        self._original = original

    def decode(self, text):
        found = self._original.decode(text)
        found.has_more = False
        return found


def _with_filters(table, was, becomes, param):
    if table is None or table.list is None:
        return table
    filters = tuple(
        replace(each, exactness=becomes, column=each.column or each.param) if each.exactness is was and each.param == param else each
        for each in table.list.filters
    )
    return replace(table, list=replace(table.list, filters=filters))


@pytest.fixture(scope="module")
def filled_ways():
    found = Ways()
    found.take(small_account(), TABLES, "UTC")
    return found


@pytest.fixture
def ways(filled_ways):
    filled_ways.forget()
    return filled_ways


def holds(ways, each):
    sql = Sql(each.sql, each.plain or each.sql)
    query = Query(
        sql, TABLES[:1], ordered="ORDER BY" in each.sql, limit=each.limit, limited=f"{each.sql} LIMIT {each.limit}" if each.limit else ""
    )
    ways.zone(each.zone)
    return check(ways, query, {}, each.zone)


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_example_is_right_without_its_mutation(ways, each):
    assert holds(ways, each)


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_mutation_is_caught(ways, each, monkeypatch):
    original = vars(each.target)[each.attribute]
    monkeypatch.setattr(each.target, each.attribute, each.broken(original))
    with pytest.raises(AssertionError, match="-- problems"):
        holds(ways, each)


def test_there_are_enough_mutations():
    assert len(ALL) >= 25
