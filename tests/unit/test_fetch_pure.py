"""Pin the small pure parts of fetch: names of endpoints, rates, the clock's bounds, what a request looks like."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stripesql.errors import InterfaceError, QueryCancelled
from stripesql.fetch import Control
from stripesql.fetch import clock as clocks
from stripesql.fetch.buckets import InFile, InProcess, limits_folder
from stripesql.fetch.endpoints import endpoint_of, is_search
from stripesql.fetch.limiter import LIVE_RATE, SEARCH_RATE, TEST_RATE, Limiter, Rates, limiter_for, rates_of
from stripesql.settings import ApiKey, Settings
from stripesql.stats import Stats

# Busy machines are slow; that is no defect of what is tested.
ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/v1/charges", "GET /v1/charges"),
        ("/v1/charges/ch_3MmlLrLkdIwHu7ix0snN0B15", "GET /v1/charges/{}"),
        ("/v1/charges/search", "GET /v1/charges/search"),
        ("/v1/customers/cus_9s6XKzkNRiz8i3/tax_ids/txi_1NuMB12eZvKYlo2C", "GET /v1/customers/{}/tax_ids/{}"),
        ("/v1/billing_portal/sessions", "GET /v1/billing_portal/sessions"),
        ("/v1/coupons/25OFF", "GET /v1/coupons/{}"),
        ("/v1/coupons/a%2Fb", "GET /v1/coupons/{}"),
        ("/v2/core/accounts/acct_1/persons", "GET /v2/core/accounts/{}/persons"),
    ],
)
def test_an_endpoint_is_the_path_without_its_ids(path: str, endpoint: str) -> None:
    assert endpoint_of("GET", path) == endpoint
    assert is_search(endpoint) is path.endswith("/search")


def test_the_mode_of_the_key_gives_the_rate_unless_a_setting_does() -> None:
    assert [rates_of(Settings(), mode).account for mode in ("live", "test", "unknown")] == [LIVE_RATE, TEST_RATE, TEST_RATE]
    assert rates_of(Settings(requests_per_second=7, endpoint_requests_per_second=3), "live") == Rates(7, 3)


def test_search_is_never_faster_than_its_own_limit() -> None:
    assert Rates(50, 25).of("GET /v1/charges/search") == SEARCH_RATE
    assert Rates(50, 5).of("GET /v1/charges/search") == 5
    assert Rates(50, 25).of("GET /v1/charges") == 25


def waits(limiter: Limiter, endpoint: str, rates: Rates, times: int) -> list[float]:
    """Return how long each of several requests waits, while the limiter's clock stands still."""
    found = []
    for _ in range(times):
        pauses = [0.0]
        limiter.admit(endpoint, rates, Control(stats=Stats(), pause=pauses.append))
        found.append(sum(pauses))
    return found


def test_endpoints_queue_apart_and_the_account_binds_them_together() -> None:
    limiter = Limiter(InProcess(), lambda: 0.0)
    rates = Rates(account=4, endpoint=2)
    assert waits(limiter, "a", rates, 2) == pytest.approx([0.0, 0.5])
    # The account has given both of its tokens; endpoint b has its own left.
    assert waits(limiter, "b", rates, 1) == pytest.approx([0.25])


def test_refusals_slow_what_they_name() -> None:
    limiter = Limiter(InProcess(), lambda: 0.0)
    rates = Rates(account=1000, endpoint=2)
    waits(limiter, "a", rates, 1)
    waits(limiter, "b", rates, 1)
    limiter.refused("a", "endpoint-rate")
    limiter.refused("b", "resource-specific")
    limiter.refused("never seen", "endpoint-rate")
    assert waits(limiter, "a", rates, 1) == pytest.approx([1.0])
    assert waits(limiter, "b", rates, 1) == pytest.approx([0.5])


def test_endpoints_that_look_idle_are_forgotten() -> None:
    now, buckets = 0.0, InProcess()
    limiter = Limiter(buckets, lambda: now)
    for i in range(3000):
        now += 10.0
        waits(limiter, f"GET /v1/coupons/{i}", Rates(25, 25), 1)
    with buckets.held() as held:
        assert len(held) <= 1024


def test_limiters_of_one_file_share_its_limits(tmp_path: Path) -> None:
    path = tmp_path / "private" / "limits.json"
    one, other = Limiter(InFile(path), lambda: 0.0), Limiter(InFile(path), lambda: 0.0)
    rates = Rates(account=1000, endpoint=2)
    assert [waits(each, "a", rates, 1)[0] for each in (one, other, one)] == pytest.approx([0.0, 0.5, 1.0])
    one.refused("a", "endpoint-rate")
    # Two tokens were promised; two that were sent ahead are paid back; then one leaves at a time, a little slower.
    assert waits(other, "a", rates, 1)[0] > 1.5
    if os.name == "posix":
        assert [stat.S_IMODE(each.stat().st_mode) for each in (path.parent, path)] == [0o700, 0o600]


def test_a_file_that_was_cut_short_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"
    path.write_bytes(b'{"a": {"ceil')
    assert waits(Limiter(InFile(path), lambda: 0.0), "a", Rates(1000, 2), 2) == pytest.approx([0.0, 0.5])


def test_a_clock_that_was_set_back_does_not_stop_everything() -> None:
    now = 1e9
    limiter = Limiter(InProcess(), lambda: now)
    waits(limiter, "a", Rates(5, 5), 3)
    now = 0.0
    assert waits(limiter, "a", Rates(5, 5), 1) == [0.0]


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InterfaceError, match=r"shared_limits=True needs the file .*limits\.json, which cannot be opened"):
        waits(Limiter(InFile(tmp_path / "file" / "limits.json"), lambda: 0.0), "a", Rates(5, 5), 1)


def test_a_process_that_keeps_the_file_locked_does_not_stop_everything_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr("stripesql.fetch.buckets.LONGEST_LOCK_S", 0.05)
    path = tmp_path / "limits.json"
    with path.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(InterfaceError, match=r"limits\.json, which another process has kept locked for 0\.05 s"):
            waits(Limiter(InFile(path), lambda: 0.0), "a", Rates(5, 5), 1)
    assert waits(Limiter(InFile(path), lambda: 0.0), "a", Rates(5, 5), 1) == [0.0]


def test_shared_limits_lie_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", str(tmp_path))
    assert limits_folder() == tmp_path / "stripesql" / "limits"
    key = ApiKey("sk_test_shared_file")
    waits(limiter_for("https://api.stripe.com", key, None, shared=True), "a", Rates(5, 5), 1)
    (file,) = limits_folder().iterdir()
    assert "sk_test_shared_file" not in file.name + file.read_text()


def test_a_cancelled_request_is_not_admitted() -> None:
    control = Control(stats=Stats())
    control.cancel()
    with pytest.raises(QueryCancelled):
        Limiter(InProcess(), lambda: 0.0).admit("a", Rates(1, 1), control)


def test_one_key_acting_for_one_account_has_one_limiter() -> None:
    base = "https://api.stripe.com"
    key, same, other = ApiKey("sk_test_1"), ApiKey("sk_test_1"), ApiKey("sk_test_2")
    assert limiter_for(base, key, None) is limiter_for(base, same, None)
    assert len({id(each) for each in (limiter_for(base, key, None), limiter_for(base, key, "acct_1"), limiter_for(base, other, None))}) == 3
    assert limiter_for(base, key, None) is not limiter_for("http://127.0.0.1:1", key, None)


@ANY_SPEED
@given(
    offset=st.floats(-(10**6), 10**6),
    exchanges=st.lists(st.tuples(st.floats(0, 100), st.floats(0, 5), st.floats(0, 1)), min_size=1, max_size=30),
)
def test_the_true_offset_is_always_within_the_bounds(offset: float, exchanges: list[tuple[float, float, float]]) -> None:
    now, bounds = 1_700_000_000.0, None
    for pause, took, share in exchanges:
        sent = now + pause
        now = sent + took
        written = sent + took * share + offset
        bounds = clocks.observed(bounds, date=int(written // 1), sent=sent, received=now)
        assert bounds.low - 1e-3 <= offset <= bounds.high + 1e-3
        assert abs(bounds.estimate_s - offset) <= bounds.high - bounds.low + 1e-3


def test_clocks_that_may_agree_do() -> None:
    assert clocks.observed(None, date=100, sent=100.2, received=100.4).estimate_s == 0.0


def test_bounds_narrow_with_every_answer() -> None:
    bounds = clocks.observed(None, date=110, sent=100.1, received=100.1)
    assert (bounds.low, bounds.high) == pytest.approx((9.9, 10.9))
    bounds = clocks.observed(bounds, date=110, sent=100.9, received=100.9)
    assert bounds.estimate_s == pytest.approx(10.0)


def test_a_clock_that_was_set_starts_anew() -> None:
    bounds = clocks.observed(clocks.Offset(-0.1, 0.1), date=5000, sent=100.0, received=100.0)
    assert bounds == clocks.Offset(4900.0, 4901.0)
