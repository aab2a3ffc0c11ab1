"""Hold what earlier reads may answer: wider lists, longer ranges, more columns; never narrower ones."""

from dataclasses import replace

import pyarrow as pa
import pytest

from stripesql.catalogue.load import catalogue
from stripesql.decode import Page
from stripesql.plan.scans import AccessPath, Read, ReadKind, ScanPlan
from stripesql.request import Request
from stripesql.scan.cache import Cache
from stripesql.scan.recall import Recall

SCOPE = (None, None, None)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def table(name):
    found = catalogue().table(name)
    assert found is not None
    return found


def columns(name, *names):
    return [table(name).column(each) for each in names]


def page(*ids, more=False, **values):
    arrays = {"id": list(ids), **{name: [value] * len(ids) for name, value in values.items()}}
    return Page(ids, (), has_more=more, next_url=None, batch=pa.RecordBatch.from_pydict(arrays), rows=len(ids))


def read(name, *params, pushed=True, kind=ReadKind.LIST, path=None, constants=()):
    request = Request("GET", path or table(name).list.path, tuple(params))
    return Read(kind, request, constants=constants, pushed=tuple(key for key, _ in params if key != "expand[]") if pushed else ())


def plan(name, *reads, **more):
    return ScanPlan(table(name), AccessPath.FILTERED_LIST, reads, pages=(1, None), **more)


def kept(recall, of, *pages, names=("id",)):
    keeper = recall.keeper(of, columns(of.table.name, *names))
    for each in pages:
        keeper.take(of.reads[0], each)
    keeper.done()


def ids(recall, of, *names):
    """Return the ids that are known of a plan, or None where something is missing."""
    wanted = columns(of.table.name, *(names or ("id",)))
    known = recall.known(of, wanted)
    return None if known.missing else [each for _, page in known.pages(wanted) for each in page.ids]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def recall(clock):
    return Recall(Cache(1_000_000, clock), SCOPE, 60)


@pytest.mark.parametrize(
    ("wide", "narrow", "answers"),
    [
        ([], [], True),
        ([], [("created[gte]", "5")], True),
        ([("created[gte]", "5")], [("created[gte]", "5")], True),
        ([("created[gte]", "5")], [("created[gt]", "4")], True),
        ([("created[gte]", "5")], [("created[gte]", "6"), ("created[lt]", "9")], True),
        ([("created[gte]", "5")], [("created[gte]", "4")], False),
        ([("created[gte]", "5")], [], False),
        ([("created[lt]", "9")], [("created[lte]", "9")], False),
        ([("created[lte]", "9")], [("created[lt]", "10")], True),
        ([("created[lt]", "9")], [("created[gte]", "5")], False),
        ([("type", "x")], [], False),
        ([("type", "x")], [("type", "y")], False),
        ([], [("type", "x")], True),
        ([("type", "x")], [("type", "x"), ("created[gte]", "5")], True),
        ([("created[gte]", "5")], [("created[gte]", "6"), ("type", "x")], True),
        ([("currency", "eur")], [("type", "x"), ("currency", "eur"), ("created[gte]", "5")], True),
        ([("currency", "eur")], [("type", "x"), ("currency", "usd")], False),
    ],
)
def test_a_wider_list_answers_a_narrower_one(recall, wide, narrow, answers):
    name = "balance_transactions"
    kept(recall, plan(name, read(name, *wide)), page("txn_1", "txn_2"))
    assert ids(recall, plan(name, read(name, *narrow))) == (["txn_1", "txn_2"] if answers else None)


def test_a_parameter_that_stands_for_a_column_is_not_left_out(recall):
    name = "balance_transactions"
    kept(recall, plan(name, read(name)), page("txn_1"))
    assert ids(recall, plan(name, read(name, ("payout", "po_1"), constants=(("payout", "po_1"),)))) is None


def test_the_set_of_lists_that_is_complete_answers_each_of_them(recall):
    both = [read("prices", ("active", value), pushed=False) for value in ("true", "false")]
    kept(recall, plan("prices", both[0]), page("price_1"))
    assert ids(recall, plan("prices", read("prices", ("active", "true")))) == ["price_1"]
    assert ids(recall, plan("prices", *both)) is None
    kept(recall, plan("prices", both[1]), page("price_2"))
    assert ids(recall, plan("prices", *both)) == ["price_1", "price_2"]
    assert ids(recall, plan("prices", read("prices", ("type", "recurring"), ("active", "true")))) == ["price_1"]


def test_a_filter_by_a_key_may_show_rows_that_the_list_hides(recall):
    assert table("subscriptions").beyond_list
    kept(recall, plan("subscriptions", read("subscriptions", ("status", "all"), pushed=False)), page("sub_1"))
    assert ids(recall, plan("subscriptions", read("subscriptions", ("status", "active")))) == ["sub_1"]
    assert ids(recall, plan("subscriptions", read("subscriptions", ("status", "all"), ("customer", "cus_1")))) is None


def test_columns_must_be_known(recall):
    kept(recall, plan("products", read("products")), page("prod_1", name="x"), names=("id", "name"))
    assert ids(recall, plan("products", read("products")), "name") == ["prod_1"]
    assert ids(recall, plan("products", read("products")), "name", "description") is None


def test_what_is_expanded_changes_what_is_around_it(recall):
    expanded = ("expand[]", "data.customer")
    kept(recall, plan("charges", read("charges", expanded)), page("ch_1", customer="cus_1", _raw="{}"), names=("id", "customer", "_raw"))
    assert ids(recall, plan("charges", read("charges")), "customer") == ["ch_1"]
    assert ids(recall, plan("charges", read("charges")), "_raw") is None
    assert ids(recall, plan("charges", read("charges", expanded)), "_raw") == ["ch_1"]
    assert ids(recall, plan("charges", read("charges", expanded, ("expand[]", "data.invoice")))) is None


def test_the_first_rows_answer_as_many_or_fewer(recall):
    newest = plan("charges", read("charges"), newest=2)
    kept(recall, newest, page("ch_3", "ch_2", more=True))
    assert ids(recall, newest) == ids(recall, replace(newest, newest=1)) == ["ch_3", "ch_2"]
    assert ids(recall, replace(newest, newest=3)) is None
    assert ids(recall, plan("charges", read("charges"), limit=1)) is None
    assert ids(recall, plan("charges", read("charges"))) is None


def test_fewer_rows_than_asked_for_are_all_there_are(recall):
    kept(recall, plan("charges", read("charges"), limit=10), page("ch_1"))
    assert ids(recall, plan("charges", read("charges"))) == ["ch_1"]


def test_a_row_of_a_list_answers_a_look_up_where_the_list_shows_every_row(recall):
    def look_up(name, identity):
        path = f"{table(name).list.path}/{identity}"
        return replace(plan(name, read(name, kind=ReadKind.OBJECT, path=path)), path=AccessPath.RETRIEVE)

    for name in ("tax_rates", "subscriptions"):
        variant = table(name).list.variants[0]
        kept(recall, plan(name, read(name, *variant, pushed=False)), page("a", "b"))
    assert not table("tax_rates").notes
    assert ids(recall, look_up("tax_rates", "b")) == ["b"]
    assert ids(recall, look_up("tax_rates", "c")) == []
    assert ids(recall, look_up("subscriptions", "b")) is None


def test_rows_are_given_once_whatever_they_answer(recall):
    name = "balance_transactions"
    kept(recall, plan(name, read(name)), page("txn_1"))
    assert ids(recall, plan(name, read(name, ("type", "x")), read(name, ("type", "y")))) == ["txn_1"]


def test_only_what_is_not_known_is_missing(recall):
    name = "balance_transactions"
    kept(recall, plan(name, read(name, ("type", "x"))), page("txn_1"))
    known = recall.known(plan(name, read(name, ("type", "x")), read(name, ("type", "y"))), columns(name, "id"))
    assert known.missing == (read(name, ("type", "y")),)
    assert known.is_ambiguous


def test_a_reading_that_did_not_end_is_not_kept(recall):
    keeper = recall.keeper(plan("charges", read("charges")), columns("charges", "id"))
    keeper.take(read("charges"), page("ch_1", more=True))
    assert not keeper.is_complete
    assert ids(recall, plan("charges", read("charges"))) is None


def test_rows_are_forgotten_with_time(recall, clock):
    kept(recall, plan("charges", read("charges")), page("ch_1"))
    clock.now = 60
    assert ids(recall, plan("charges", read("charges"))) == ["ch_1"]
    assert recall.age_s(plan("charges", read("charges")), columns("charges", "id")) == 60
    clock.now = 60.5
    assert ids(recall, plan("charges", read("charges"))) is None


def test_each_reader_says_how_old_rows_may_be(clock):
    cache = Cache(1_000_000, clock)
    kept(Recall(cache, SCOPE, 60), plan("charges", read("charges")), page("ch_1"))
    clock.now = 10
    assert ids(Recall(cache, SCOPE, 5), plan("charges", read("charges"))) is None
    assert ids(Recall(cache, SCOPE, 600), plan("charges", read("charges"))) == ["ch_1"]


def test_accounts_are_told_apart(clock):
    cache = Cache(1_000_000, clock)
    kept(Recall(cache, ("acct_1", None, None), 60), plan("charges", read("charges")), page("ch_1"))
    assert ids(Recall(cache, ("acct_2", None, None), 60), plan("charges", read("charges"))) is None


def test_the_cache_is_bounded_and_forgets_what_was_used_least_recently(clock):
    size = 2 * len(page("ch_1").ids) * 150
    recall = Recall(Cache(size, clock), SCOPE, 60)
    first, second, third = (plan("charges", read("charges", ("customer", f"cus_{n}"))) for n in range(3))
    kept(recall, first, page("ch_1"))
    kept(recall, second, page("ch_2"))
    assert ids(recall, first) == ["ch_1"]
    kept(recall, third, page("ch_3"))
    assert [ids(recall, each) for each in (first, second, third)] == [["ch_1"], None, ["ch_3"]]
    assert recall._cache.size <= size
    kept(recall, second, page(*(f"ch_{n}" for n in range(20))))
    assert ids(recall, second) is None
    assert ids(recall, third) == ["ch_3"]


def test_rows_that_were_being_read_during_a_write_are_not_kept(recall):
    keeper = recall.keeper(plan("charges", read("charges")), columns("charges", "id"))
    recall._cache.drop()
    keeper.take(read("charges"), page("ch_1"))
    keeper.done()
    assert ids(recall, plan("charges", read("charges"))) is None


def test_the_same_list_is_held_once(recall):
    for names in (("id",), ("id", "amount"), ("id",)):
        kept(recall, plan("charges", read("charges")), page("ch_1", **({"amount": 1} if "amount" in names else {})), names=names)
    held = recall._cache.size
    kept(recall, plan("charges", read("charges")), page("ch_1", amount=1), names=("id", "amount"))
    assert recall._cache.size <= held
