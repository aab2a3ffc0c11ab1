import pyarrow as pa
import pytest

from stripesql.catalogue.model import Paging
from stripesql.decode import Page
from stripesql.errors import InternalError
from stripesql.fetch import pages
from stripesql.request import Request

LIST = Request("GET", "/v1/charges", (("created[gte]", "5"), ("expand[]", "data.customer"), ("expand[]", "data.invoice")))
V2 = Request("GET", "/v2/core/events", (("limit", "100"),))


def page(*ids: str, has_more: bool = True, next_url: str | None = None, next_page: str | None = None, last_id: str | None = None) -> Page:
    last = last_id if last_id is not None else (ids[-1] if ids else "")
    return Page(ids, (), has_more, next_url, pa.RecordBatch.from_pylist([], schema=pa.schema([])), len(ids), last, next_page)


def following(request: Request, after: Page, paging: Paging = Paging.CURSOR, remaining: int | None = None, **more: str) -> Request | None:
    return pages.following(request, after, paging=paging, remaining=remaining, **more)  # type: ignore[arg-type]


def test_the_first_page_asks_for_no_more_rows_than_wanted() -> None:
    assert [pages.first(LIST, limit=limit).params[-1] for limit in (None, 10, 100, 250, 0)] == [
        ("limit", "100"),
        ("limit", "10"),
        ("limit", "100"),
        ("limit", "100"),
        ("limit", "1"),
    ]
    assert pages.first(LIST, limit=None, page_size=30).params[-1] == ("limit", "30")


def test_a_list_without_pages_takes_no_limit() -> None:
    assert pages.first(LIST, limit=5, paging=Paging.NONE) is LIST
    assert following(LIST, page("a"), Paging.NONE) is None


def test_the_next_page_starts_after_the_last_row_and_keeps_the_filters() -> None:
    first = pages.first(LIST, limit=None)
    second = following(first, page("ch_1", "ch_2"))
    assert second is not None
    assert second.display() == ("GET /v1/charges?created[gte]=5&expand[]=data.customer&expand[]=data.invoice&limit=100&starting_after=ch_2")
    third = following(second, page("ch_3"))
    assert third is not None
    assert third.params[-2:] == (("limit", "100"), ("starting_after", "ch_3"))


def test_the_last_page_is_cut_to_what_is_wanted() -> None:
    second = following(pages.first(LIST, limit=130), page("ch_1"), remaining=30)
    assert second is not None
    assert ("limit", "30") in second.params


@pytest.mark.parametrize("paging", list(Paging))
def test_nothing_follows_the_end_or_enough(paging: Paging) -> None:
    assert following(LIST, page("a", has_more=False), paging) is None
    assert following(LIST, page("a", next_url="/v2/x?page=2"), paging, remaining=0) is None


def test_a_tombstone_at_the_end_is_still_the_cursor() -> None:
    second = following(LIST, page("a", last_id="deleted_1"))
    assert second is not None
    assert second.params[-1] == ("starting_after", "deleted_1")


def test_an_empty_page_that_claims_more_is_an_error() -> None:
    with pytest.raises(InternalError, match="an empty page and says that more follows"):
        following(LIST, page())


def test_rows_without_ids_cannot_be_read_on() -> None:
    with pytest.raises(InternalError, match="last object has no id"):
        following(LIST, page("a", ""))


@pytest.mark.parametrize("limit", ["100", "7"])
def test_the_same_cursor_again_is_an_error(limit: str) -> None:
    request = LIST.with_params(("limit", limit), ("starting_after", "ch_2"))
    with pytest.raises(InternalError, match="the same page again"):
        following(request, page("ch_1", "ch_2"))


def test_search_goes_on_by_its_token() -> None:
    request = Request("GET", "/v1/charges/search", (("query", "amount>5"), ("limit", "100")))
    second = following(request, page("ch_1", next_page="tok=="))
    assert second is not None
    assert second.params == (("query", "amount>5"), ("limit", "100"), ("page", "tok=="))
    with pytest.raises(InternalError, match="the same page again"):
        following(second, page("ch_1", next_page="tok=="))


def test_v2_goes_on_at_the_url_it_gives() -> None:
    for url in (
        "/v2/core/events?limit=100&page=p%202&types[0]=a",
        "https://api.stripe.com/v2/core/events?limit=100&page=p+2&types%5B0%5D=a",
    ):
        second = following(V2, page("evt_1", next_url=url), Paging.PAGE_URL)
        assert second is not None
        assert (second.path, second.params) == ("/v2/core/events", (("limit", "100"), ("page", "p 2"), ("types[0]", "a")))


@pytest.mark.parametrize(
    "url", ["https://evil.example/v2/x?page=2", "//evil.example/v2/x", "http://api.stripe.com/v2/x", "v2/x", "https:/v2"]
)
def test_v2_does_not_leave_the_host(url: str) -> None:
    with pytest.raises(InternalError, match="another host"):
        following(V2, page("evt_1", next_url=url), Paging.PAGE_URL)


def test_v2_may_name_the_host_that_was_asked() -> None:
    base = "http://127.0.0.1:12111"
    assert following(V2, page("evt_1", next_url=f"{base}/v2/x?page=2"), Paging.PAGE_URL, base_url=base) is not None


def test_v2_without_a_url_or_with_its_own_is_an_error() -> None:
    with pytest.raises(InternalError, match="gives no URL"):
        following(V2, page("evt_1"), Paging.PAGE_URL)
    with pytest.raises(InternalError, match="the same page again"):
        following(V2, page("evt_1", next_url="/v2/core/events?limit=100"), Paging.PAGE_URL)


def test_account_and_version_travel_with_every_page() -> None:
    request = Request("GET", "/v1/charges", account="acct_1", context="ctx", version="2026-01-01")
    second = following(request, page("ch_1"))
    assert second is not None
    assert (second.account, second.context, second.version) == ("acct_1", "ctx", "2026-01-01")
