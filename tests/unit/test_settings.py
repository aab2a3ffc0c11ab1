"""The one list of settings."""

import dataclasses
import re

import pytest

from stripesql.errors import InterfaceError
from stripesql.settings import SETTINGS, ApiKey, Settings, from_keywords, setting


def test_every_setting_is_listed_once_with_its_default_allowed():
    names = [each.name for each in SETTINGS]
    assert sorted(names) == sorted(field.name for field in dataclasses.fields(Settings))
    for each in SETTINGS:
        assert each.read(getattr(Settings(), each.name)) == getattr(Settings(), each.name)


@pytest.mark.parametrize("text", ["true", "ON", "1", "yes", True])
def test_truth_has_several_spellings(text):
    assert from_keywords({"read_only": text}).read_only is True


@pytest.mark.parametrize("text", ["false", "Off", "0", "no", False])
def test_falsehood_has_several_spellings(text):
    assert from_keywords({"read_only": text}).read_only is False


@pytest.mark.parametrize("text", ["none", "NULL", "", None])
def test_none_is_said_where_a_setting_may_be_none(text):
    assert from_keywords({"max_requests": text}).max_requests is None


@pytest.mark.parametrize(("value", "kept"), [("true", True), ("1", True), (True, True), ("shop", "shop"), ("0", False), (False, False)])
def test_demo_is_a_truth_or_a_name(value, kept):
    assert from_keywords({"demo": value}).demo == kept


def test_a_changed_setting_leaves_the_old_settings_alone():
    before = Settings()
    after = before.changed("max_requests", "5")
    assert (before.max_requests, after.max_requests) == (None, 5)
    assert dataclasses.replace(after, max_requests=None) == before


@pytest.mark.parametrize(
    ("written", "meant"),
    [("timezon", "timezone"), ("maxrequests", "max_requests"), ("statement_timeout", "statement_timeout_s"), ("readonly", "read_only")],
)
def test_a_near_name_is_offered(written, meant):
    with pytest.raises(InterfaceError, match=f"did you mean '{meant}'"):
        setting(written)


def test_a_place_is_checked():
    with pytest.raises(InterfaceError, match="proxy cannot be given here; it can be given in connect"):
        from_keywords({"proxy": "http://x"}, place="url")


def test_a_message_tells_what_is_taken_and_what_was_given():
    with pytest.raises(InterfaceError, match=re.escape("setting max_requests takes a whole number or none, not 'many'")):
        from_keywords({"max_requests": "many"})


def test_settings_do_not_show_the_password_of_a_proxy():
    assert "password" not in repr(from_keywords({"proxy": "http://user:password@x"}))


def test_keys_compare_by_their_text_and_hide_it():
    assert ApiKey("sk_test_a") == ApiKey("sk_test_a")
    assert ApiKey("sk_test_a") != ApiKey("sk_test_b")
    assert len({ApiKey("sk_test_a"), ApiKey("sk_test_a")}) == 1
    assert "sk_test" not in f"{ApiKey('sk_test_a')!r} {ApiKey('sk_test_a')!s}"
