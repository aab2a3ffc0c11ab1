"""Run a query in several ways and compare: pushed down, by Search too, not pushed down, and over plain tables of the truth."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import httpx
import pyarrow as pa
import pyarrow.compute as pc

from exactness.shapes import Query
from exactness.sql import utc
from exactness.tables import NOW_US
from exactness.worlds import World, completed, filled, id_of, load, object_of
from stripesql.catalogue.load import catalogue
from stripesql.dbapi.connection import Connection
from stripesql.scan.noted import Notebook
from stripesql.session.owned import Owned
from stripesql.session.session import Session
from stripesql.settings import ApiKey, from_keywords
from stripesql.simulator import Simulator, search


class Switch(httpx.BaseTransport):
    """Send each request to the account of the example at hand."""

    def __init__(self) -> None:
        self.account: Simulator | None = None
        self._inner: httpx.BaseTransport | None = None

    def turn(self, account: Simulator) -> None:
        """Take another account."""
        self.account, self._inner = account, account.transport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer from the account."""
        assert self._inner is not None
        return self._inner.handle_request(request)


class Frozen(Owned):
    """Answer every statement at one moment, so that the three ways see the same now()."""

    def now(self) -> dt.datetime:
        return utc(NOW_US)

    def forget(self) -> None:
        """Forget how long lists were, so that an example does not depend on those before it."""
        self._notebook = Notebook()


def connection(transport: httpx.BaseTransport) -> Connection:
    """Open a connection whose rate limits never make it wait."""
    settings = from_keywords({"transport": transport, "requests_per_second": 5000, "endpoint_requests_per_second": 5000})
    return Connection(Session(Frozen(settings, ApiKey("sk_test_exactness"), transport=transport)))


@dataclass(frozen=True)
class Answer:
    """Say what one way gave: rows, or the error."""

    rows: tuple[tuple, ...] = ()
    error: str = ""
    requests: int = 0
    sent: tuple[str, ...] = ()


WANTED = pa.table(
    {
        "k": [
            None,
            "nope",
            "",
            "cus_1",
            "cus_2",
            *(id_of(table, index) for table in ("customers", "products", "charges", "subscriptions") for index in (0, 1, 3)),
        ],
        "n": range(17),
    }
)
"""A frame of the user's own, with keys that some tables have."""


_NO_LAG_S = -(10**12)
"""The index of Search is ahead of every row's time."""


class Ways:
    """Hold what is reused from example to example."""

    def __init__(self) -> None:
        self.switch = Switch()
        self.pushed, self.unpushed = connection(self.switch).cursor(), connection(self.switch).cursor()
        self.unpushed.execute("SET pushdown = off")
        self.searching = connection(self.switch).cursor()
        self.searching.execute("SET allow_stale_search = on")
        self._ours = (self.pushed, self.unpushed, self.searching)
        for cursor in self._ours:
            cursor.connection.register("wanted", WANTED)
        self.plain = duckdb.connect(":memory:", config={"threads": 1})
        self.plain.register("wanted", WANTED)
        self._zone = ""

    def settle(self, world: World, tables: tuple[str, ...], zone: str, *, informed: bool = False) -> None:
        """Take a world and a zone; ``informed``: the connections know how long the lists are."""
        self.take(filled(world), tables, zone)
        for table in tables if informed else ():
            self.ask(f"SELECT count(*) FROM {table}", pushdown=True)

    def take(self, account: Simulator, tables: tuple[str, ...], zone: str, *, without=lambda table, found: False) -> None:
        """Take an account that is filled, and a zone; ``without`` keeps rows out of the plain tables."""
        self.switch.turn(account)
        self.forget()
        load(self.plain, account, list(tables), without=without)
        self.zone(zone)

    def forget(self) -> None:
        """Let the connections forget what they saw."""
        for cursor in self._ours:
            cursor.connection._session_or_raise().owned.forget()

    def zone(self, zone: str) -> None:
        """Set the session's zone everywhere."""
        if zone != self._zone:
            for cursor in self._ours:
                cursor.execute(f"SET timezone = '{zone}'")
            self.plain.execute(f"SET TimeZone = '{zone}'")
            self._zone = zone

    def ask(self, text: str, *, pushdown: bool) -> Answer:
        """Run our text on the simulator."""
        return self._ask(self.pushed if pushdown else self.unpushed, text)

    def search(self, text: str) -> Answer:
        """Run our text on the simulator, where Search may answer and knows every row at once."""
        lag, search.LAG_S = search.LAG_S, _NO_LAG_S
        try:
            return self._ask(self.searching, text)
        finally:
            search.LAG_S = lag

    def _ask(self, cursor, text: str) -> Answer:
        account = self.switch.account
        account.clear_log()
        try:
            found = rows_of(cursor.execute(text).fetch_arrow_table())
        except Exception as problem:  # noqa: BLE001  an error is an answer too, and is compared
            return Answer(error=f"{type(problem).__name__}: {problem}", sent=_sent(account))
        return Answer(found, requests=cursor.stats.requests, sent=_sent(account))

    def brute(self, text: str) -> Answer:
        """Run the plain text on the plain tables."""
        try:
            return Answer(rows_of(self.plain.sql(text).to_arrow_table()))
        except duckdb.Error as problem:
            return Answer(error=f"{type(problem).__name__}: {problem}")


def _sent(account: Simulator) -> tuple[str, ...]:
    return tuple(f"{each.method} {each.path}?{'&'.join('='.join(pair) for pair in each.params)} -> {each.status}" for each in account.log)


def rows_of(table: pa.Table) -> tuple[tuple, ...]:
    """Return rows of values that compare equal whichever way they were computed."""
    columns = [[_plain(each) for each in _timeless(column).to_pylist()] for column in table.columns]
    return tuple(zip(*columns, strict=True)) if columns else ()


def _timeless(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return instants as microseconds: what zone they are shown in is not compared."""
    return pc.cast(column.cast(pa.timestamp("us")), pa.int64()) if pa.types.is_timestamp(column.type) else column


def _plain(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.9g}")  # sums depend on the order of their terms in the last digits
    return (
        tuple(map(_plain, value))
        if isinstance(value, list)
        else int(value)
        if isinstance(value, Decimal) and value == value.to_integral()
        else value
    )


# -- the laws


MOST_LOOK_UPS = 50
"""Pages that the planner takes a list for which it knows nothing of: so many keys are looked up rather than read it."""


def slack(query: Query, world: World, *, informed: bool) -> int:
    """Return how many requests pushing may cost beyond not pushing.

    The planner does not know how large a table is: each constant may have become a list or a look-up of its own, and
    two uses of one table, which one plain list would serve, may have become two. Until a connection has read a list to
    its end, each row may be a key that is looked up.
    """
    constants = query.sql.ours.count("'") // 2 + query.sql.ours.count(" true") + query.sql.ours.count(" false")
    keys = 0 if informed or len(query.tables) < 2 else sum(min(len(seeds), MOST_LOOK_UPS) for seeds in world.values())
    wanted = len(WANTED) if "wanted" in query.sql.ours else 0
    return constants + 2 * len(query.tables) + 2 + keys + wanted


def check(ways: Ways, query: Query, world: World, zone: str, *, informed: bool = False) -> bool:
    """Hold the three answers together; return False where the query itself is an error for plain DuckDB.

    Raises:
        AssertionError: with the SQL, the data, the answers and the requests.
    """
    brute = ways.brute(query.sql.plain)
    text = query.limited or query.sql.ours
    pushed, unpushed = ways.ask(text, pushdown=True), ways.ask(text, pushdown=False)
    if brute.error:
        return False
    problems = [*_differences("pushed", pushed, brute, query), *_differences("not pushed", unpushed, brute, query)]
    if any(catalogue().table(each).search_path for each in query.tables) and "WHERE" in text:
        searched = ways.search(text)
        problems += _differences("searched", searched, brute, query)
        problems += [f"searched: {each}" for each in searched.sent if problems]
    most = unpushed.requests + slack(query, world, informed=informed)
    if not problems and pushed.requests > most:
        problems.append(f"pushing took {pushed.requests} requests, not pushing {unpushed.requests}, and at most {most} are allowed")
    if problems:
        raise AssertionError(report(query, world, zone, brute, pushed, unpushed, problems))
    return True


def _differences(way: str, found: Answer, brute: Answer, query: Query) -> list[str]:
    if found.error:
        return [f"{way}: {found.error}"]
    have, want = Counter(found.rows), Counter(brute.rows)
    if query.by is not None and query.limit is not None:
        keys = [row[query.by] for row in brute.rows[query.offset : query.offset + query.limit]]
        right = [row[query.by] for row in found.rows] == keys and not have - want
        return (
            []
            if right
            else [f"{way}: keys {[row[query.by] for row in found.rows]} where {keys} were asked for; not rows: {list(have - want)}"]
        )
    if query.limit is not None:
        number = min(query.limit, max(0, len(brute.rows) - query.offset))
        extra = have - want
        right = len(found.rows) == number and not extra
        return (
            []
            if right
            else [f"{way}: {len(found.rows)} rows where {number} of the {len(brute.rows)} were asked for; not among them: {list(extra)}"]
        )
    if have != want:
        return [f"{way}: missing {list(want - have)}, extra {list(have - want)}"]
    return [f"{way}: the order differs"] if query.ordered and found.rows != brute.rows else []


def report(query: Query, world: World, zone: str, brute: Answer, pushed: Answer, unpushed: Answer, problems: list[str]) -> str:
    """Return everything that is needed to understand a failure."""
    world = completed(world) if world else {}
    objects = [
        f"  {table}: {object_of(table, index, seed, world)}"
        for table in query.tables
        for index, seed in enumerate(world.get(table, ())[:40])
    ]
    parts = {
        "problems": problems,
        "SQL": [query.limited or query.sql.ours],
        "plain": [query.sql.plain],
        "zone": [zone],
        "world": [repr(world)],
        "rows": objects,
        "brute force": [f"{len(brute.rows)} rows", *map(repr, brute.rows[:20])],
        "pushed": [f"{len(pushed.rows)} rows", *map(repr, pushed.rows[:20]), *pushed.sent[:30]],
        "not pushed": [f"{len(unpushed.rows)} rows", *map(repr, unpushed.rows[:20]), *unpushed.sent[:10]],
    }
    return "\n".join(line for name, lines in parts.items() for line in (f"-- {name}", *lines))
