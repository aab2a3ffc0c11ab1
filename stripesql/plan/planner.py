"""Choose how a table's rows are read.

In: a table, the conjuncts on it, a limit. Out: ``ScanPlan``. Pure: nothing is fetched, and the same question always
gives the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from stripesql.catalogue.model import Column, ColumnKind, ColumnRole, Endpoint, Exactness, Filter, ListEndpoint, Paging, Table, TableShape
from stripesql.errors import ArgumentRequired, NotSupportedError
from stripesql.plan.cheapest import cheapest
from stripesql.plan.domains import Domain, Domains, combine
from stripesql.plan.question import Question
from stripesql.plan.rules import ONE_VALUE, SEVERAL_VALUES
from stripesql.plan.rules.by_id import ids_at_once, retrieve
from stripesql.plan.rules.parent import embedded_column, parent_of
from stripesql.plan.scans import AccessPath, ParentScan, Push, Read, ReadKind, ScanPlan
from stripesql.predicate import Instant
from stripesql.request import Params, Request, path_of

PAGE_ROWS: Final = 100
_MOST_READS: Final = 1000


def plan_scan(question: Question) -> ScanPlan:
    """Return the scan with the fewest requests.

    Expanding costs no request: it is added to whatever is read.

    Raises:
        ArgumentRequired: the list needs an argument that the conjuncts do not give.
        NotSupportedError: the table cannot be listed at all, or there would be too many lists.
    """
    plan = cheapest(question, _plan(question), _plan)
    if not question.expand and not question.expand_paths:
        return plan
    paths = list(dict.fromkeys(column.expand for name in question.expand if (column := question.table.column(name)) and column.expand))
    paths += [path for path in question.expand_paths if path not in paths]
    return replace(_with_paths(plan, paths), expand=question.expand)


def _with_paths(plan: ScanPlan, paths: Sequence[str]) -> ScanPlan:
    instead, fallback = plan.instead, plan.instead.fallback if plan.instead is not None else None
    if instead is not None and fallback is not None:
        instead = replace(instead, fallback=_with_paths(fallback, paths))
    return replace(plan, reads=tuple(_expanded(read, paths) for read in plan.reads), instead=instead)


def _expanded(read: Read, paths: Sequence[str]) -> Read:
    prefix = "" if read.kind is ReadKind.OBJECT else "data."
    params = tuple(("expand[]", prefix + path) for path in paths)
    return replace(read, request=replace(read.request, params=read.request.params + params))


def _plan(question: Question) -> ScanPlan:
    table, domains = question.table, combine(question.conjuncts)
    residual = tuple(conjunct.text for conjunct in question.conjuncts)
    _check_filter_only(question, domains)
    if domains.impossible or _argument_is_nothing(table, domains) or question.limit == 0 or question.newest == 0:
        return ScanPlan(table, AccessPath.NOTHING, residual=residual)
    if table.shape in (TableShape.SINGLETON, TableShape.BALANCE):
        request = Request("GET", table.retrieve.path if table.retrieve else "")
        return ScanPlan(table, AccessPath.SINGLE_OBJECT, (Read(ReadKind.OBJECT, request),), residual=residual, pages=(1, 1))
    by_id = table.list is None or (question.pushdown and not question.used and not _lists_ids_at_once(table, domains))
    if by_id and (reads := retrieve(table, domains)) is not None:
        left = tuple(text for text in residual if text not in _id_texts(table, domains) or text in domains.residual)
        return ScanPlan(table, AccessPath.RETRIEVE if reads else AccessPath.NOTHING, reads, residual=left, pages=(len(reads), len(reads)))
    if table.list is None:
        raise ArgumentRequired(f"{table.name} has no list: Stripe gives its rows by id alone; add WHERE id = '...'")
    return _plan_list(question, table.list, domains)


def _id_texts(table: Table, domains: Domains) -> frozenset[str]:
    """Return the terms that a retrieve answers: on the id, and on the parents in its path."""
    needed = len(table.retrieve.arguments) - 1 if table.retrieve is not None else 0
    parents = [column for _, column in table.list.required[:needed]] if table.list is not None else []
    return frozenset(text for name in ("id", *parents) for text in _exact_texts(domains, name))


def _lists_ids_at_once(table: Table, domains: Domains) -> bool:
    """Say whether a list takes several ids in one request (``products.ids``)."""
    domain = domains.columns.get("id")
    return ids_at_once(table) > 0 and domain is not None and domain.values is not None and len(domain.values) > 1


def _check_filter_only(question: Question, domains: Domains) -> None:
    for name in sorted(question.used):
        domain = domains.columns.get(name)
        if domain is None or domain.points is None or not domain.exact:
            column = question.table.column(name)
            example = "true" if column is not None and column.type.value == "BOOLEAN" else "'...'"
            raise ArgumentRequired(
                f"{question.table.name}.{name} is a parameter of Stripe's list and no field of its rows: "
                f"compare it with a constant by = or IN (...) at the top level of WHERE, for example WHERE {name} = {example}"
            )


def _argument_is_nothing(table: Table, domains: Domains) -> bool:
    """Say whether a needed argument is known and cannot be one (``''``, ``..``): no row has it."""
    names = [name for _, name in table.list.required] if table.list is not None else []
    known = [name for name in names if (domain := domains.columns.get(name.lower())) is not None and domain.points is not None]
    return any(not _argument_values(domains, name) for name in known)


# -- lists


def _plan_list(question: Question, endpoint: ListEndpoint, domains: Domains) -> ScanPlan:
    table = question.table
    missing = tuple((argument, name) for argument, name in endpoint.required if not _argument_values(domains, name))
    parent = _parent(question, endpoint, missing)
    required = _required(endpoint, domains, missing)
    pushes = _pushes(question, endpoint, domains)
    combinations = [
        _Combination(arguments, tuple(pair for params in chosen for pair in params[0]), tuple(c for params in chosen for c in params[1]))
        for arguments in required
        for chosen in product(*(_alternatives(table, push) for push in pushes))
    ]
    if len(combinations) * len(endpoint.variants) > _MOST_READS:
        raise NotSupportedError(f"this query would need {len(combinations)} lists of {table.name}; give fewer values")
    pushed_names = tuple(name for push in pushes for name in sorted(push.params))
    reads = tuple(
        dict.fromkeys(
            Read(
                ReadKind.LIST,
                Request("GET", path_of(endpoint.path, dict(each.path_arguments(endpoint))), params, base=endpoint.base),
                endpoint.paging,
                each.constants + each.parents(table),
                pushed_names,
            )
            for each in combinations
            for params in _variants(endpoint, each.query_arguments(endpoint) + each.params)
        )
    )
    exact_texts = {text for push in pushes if push.exact for text in push.texts}
    exact_texts |= {text for pair in endpoint.required if pair not in missing for text in _exact_texts(domains, pair[1])}
    residual = tuple(dict.fromkeys(c.text for c in question.conjuncts if c.text not in exact_texts or c.text in domains.residual))
    limit = question.limit if not residual and parent is None else None
    newest = question.newest if not residual and question.pushdown and parent is None else None
    filtered = bool(pushes) or bool(endpoint.required)
    pages = _pages(len(reads), limit) if newest is None else (len(reads), len(reads) * (1 + newest // PAGE_ROWS))
    overlapping = any(not push.disjoint and len(push.alternatives) > 1 for push in pushes)
    path = AccessPath.FILTERED_LIST if filtered else AccessPath.FULL_LIST
    if parent is not None:
        path = AccessPath.EMBEDDED if parent.embedded is not None else AccessPath.PER_PARENT
        pages = (parent.scan.pages[0], None)
    return ScanPlan(table, path, reads, pushes, residual, limit, overlapping, pages, newest=newest, parent=parent)


def _parent(question: Question, endpoint: ListEndpoint, missing: tuple[tuple[str, str], ...]) -> ParentScan | None:
    """Return the scan that gives the missing arguments, None where none is missing.

    Raises:
        ArgumentRequired: nothing that can be listed gives them.
    """
    if not missing:
        return None
    table = question.table
    found = parent_of(table, endpoint, missing, question.find)
    if found is None:
        raise _argument_required(table, endpoint, missing)
    parent, parent_table = found
    # What the child's objects leave out unless asked, those that come with the parent leave out in any case.
    embedded = embedded_column(parent, parent_table) if question.pushdown and not question.expand else None
    expand = (embedded.name,) if embedded is not None and embedded.expand else ()
    scan = plan_scan(Question(parent_table, pushdown=question.pushdown, find=question.find, expand=expand))
    return ParentScan(scan, parent.argument, parent.column, embedded)


def _pages(reads: int, limit: int | None) -> tuple[int, int | None]:
    if limit is None:
        return reads, None
    return min(reads, 1), reads + (limit - 1) // PAGE_ROWS


@dataclass(frozen=True, slots=True)
class _Combination:
    """Say one list: required arguments, parameters, and the columns they stand for."""

    arguments: tuple[tuple[str, str, str], ...]
    params: Params
    constants: tuple[tuple[str, str | int], ...]

    def path_arguments(self, endpoint: ListEndpoint) -> tuple[tuple[str, str], ...]:
        known = [(name, value) for name, _, value in self.arguments if "{" + name + "}" in endpoint.path]
        return tuple((name, value) for name, value in known if value != "{" + name + "}")

    def query_arguments(self, endpoint: ListEndpoint) -> Params:
        return tuple((name, value) for name, _, value in self.arguments if "{" + name + "}" not in endpoint.path)

    def parents(self, table: Table) -> tuple[tuple[str, str | int], ...]:
        known = [(table.column(name), value) for argument, name, value in self.arguments if value != "{" + argument + "}"]
        absent = [(column, value) for column, value in known if column is not None and column.role is not ColumnRole.FIELD]
        return tuple((column.name, int(value) if column.kind is ColumnKind.UNIX_TIME else value) for column, value in absent)


def _required(endpoint: ListEndpoint, domains: Domains, missing: tuple[tuple[str, str], ...]) -> list[tuple[tuple[str, str, str], ...]]:
    """Return every combination of required arguments: (argument, column, value); a missing value is ``{argument}``."""
    choices = [
        [(argument, name, "{" + argument + "}")]
        if (argument, name) in missing
        else [(argument, name, value) for value in _argument_values(domains, name)]
        for argument, name in endpoint.required
    ]
    return [tuple(each) for each in product(*choices)]


def _argument_values(domains: Domains, name: str) -> list[str]:
    domain = domains.columns.get(name.lower())
    return [text for value in domain.points or () if (text := _argument_text(value))] if domain is not None else []


def _exact_texts(domains: Domains, name: str) -> tuple[str, ...]:
    domain = domains.columns.get(name.lower())
    return domain.texts if domain is not None and domain.exact else ()


def _argument_text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Instant):
        return str(value.floor_s) if value.is_whole else None
    return str(value) if isinstance(value, str | int) and value not in ("", ".", "..") else None


def _argument_required(table: Table, endpoint: ListEndpoint, missing: tuple[tuple[str, str], ...]) -> ArgumentRequired:
    names = " and ".join(name for _, name in missing)
    example = " AND ".join(f"{needed} = '...'" for _, needed in endpoint.required)
    return ArgumentRequired(f"{table.name} is listed per {names}: Stripe needs it; add a predicate, for example WHERE {example}")


def _pushes(question: Question, endpoint: ListEndpoint, domains: Domains) -> tuple[Push, ...]:
    """Return at most one push per column, none that excludes another."""
    taken: list[Push] = []
    given = {column.lower() for _, column in endpoint.required}
    for name, domain in domains.columns.items():
        column = question.table.column(name)
        if column is None or name in given or not (question.pushdown or column.role is ColumnRole.FILTER_ONLY):
            continue
        filters = tuple(each for each in endpoint.filters if _usable(each, column, question.dropped))
        rules = ONE_VALUE if domain.values is None or len(domain.values) == 1 else SEVERAL_VALUES
        push = next((found for rule in rules if (found := rule(column, domain, filters)) is not None), None)
        if push is not None and not any(_clash(push, other) for other in taken):
            taken.append(_with_constants(push, column))
        elif column.role is ColumnRole.FILTER_ONLY:
            raise ArgumentRequired(f"{question.table.name}.{column.name} cannot be compared with this value")
    return tuple(_few_lists(taken, question.table))


def _usable(each: Filter, column: Column, dropped: frozenset[str]) -> bool:
    if each.exactness is Exactness.NEVER or each.column is None:
        return False
    # Stripe may name the whole of a nested parameter; what must go with one that was refused goes with it.
    if any(name.partition("[")[0] in dropped for name in (each.param, *(other for other, _ in each.also_send))):
        return False
    return each.column.lower() == column.name.lower()


def _clash(one: Push, other: Push) -> bool:
    names = {name.partition("[")[0] for name in one.params}, {name.partition("[")[0] for name in other.params}
    return bool(names[0] & set(other.excludes)) or bool(names[1] & set(one.excludes))


def _with_constants(push: Push, column: Column) -> Push:
    return push if column.role is ColumnRole.FILTER_ONLY else replace(push, constants=())


def _few_lists(pushes: Sequence[Push], table: Table) -> list[Push]:
    """Keep several lists for one column at most: products of alternatives grow faster than they help."""
    several = [push for push in pushes if len(push.alternatives) > 1 and not push.constants]
    keep = min(several, key=lambda push: len(push.alternatives)) if several else None
    return [push for push in pushes if len(push.alternatives) == 1 or push.constants or push is keep]


def _alternatives(table: Table, push: Push) -> list[tuple[Params, tuple[tuple[str, str | int], ...]]]:
    column = table.column(push.column)
    name = column.name if column is not None else push.column
    if not push.constants:
        return [(params, ()) for params in push.alternatives]
    return [(params, ((name, value),)) for params, value in zip(push.alternatives, push.constants, strict=True)]


def _variants(endpoint: ListEndpoint, params: Params) -> list[Params]:
    """Return the parameter sets that make the list complete, each overridden by ``params``."""
    names = {name for name, _ in params}
    return list(dict.fromkeys((*(pair for pair in variant if pair[0] not in names), *params) for variant in endpoint.variants))


def describe_variants(endpoint: ListEndpoint) -> Mapping[str, tuple[str, ...]]:
    """Return what the complete scan asks for beside the plain list: parameter and its values."""
    found: dict[str, tuple[str, ...]] = {}
    for variant in endpoint.variants:
        for name, value in variant:
            found[name] = (*found.get(name, ()), value)
    return found


__all__ = ["PAGE_ROWS", "Domain", "Endpoint", "Paging", "Question", "describe_variants", "plan_scan"]
