"""Profiles and keys: what is kept where, and which account a command is for."""

import io
import os
import re
import stat
import sys

import keyring
import pytest
from keyring.backend import KeyringBackend

import stripesql
from stripesql.cli import profiles
from stripesql.cli.account import account_of
from stripesql.cli.arguments import UsageError, read
from stripesql.cli.keys import IN_USE
from stripesql.cli.main import main

KEY = "rk_" + "test_" + "51HabcdefGHIJ"
OTHER = KEY.replace("51H", "99Z")


class Keyring(KeyringBackend):
    """Keep passwords in memory."""

    name = "a keyring of the tests"
    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture
def kept():
    before = keyring.get_keyring()
    made = Keyring()
    keyring.set_keyring(made)
    yield made.kept
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """Give the command a configuration folder and an environment of its own; return the file."""
    made = tmp_path / "config" / "stripesql" / "config.toml"
    monkeypatch.setattr(profiles, "path", lambda: made)
    for name in ("STRIPE_API_KEY", "STRIPESQL_PROFILE", "STRIPESQL_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(IN_USE, "_reveals", [*IN_USE._reveals])
    return made


def run(capfd, monkeypatch, *arguments, stdin=""):
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    code = main(arguments)
    out, err = capfd.readouterr()
    assert KEY not in out + err
    return code, out, err


def account(*arguments):
    return account_of(read(["-c", "SELECT 1", *arguments]))


def test_a_profile_is_made_shown_and_removed(file, capfd, monkeypatch):
    assert run(capfd, monkeypatch, "config") == (
        0,
        f"profiles in {file}:\n  none yet; stripesql config set NAME --store-key makes one\n",
        "",
    )
    assert run(capfd, monkeypatch, "config", "set", "work", "timezone=Europe/Berlin", "max_requests=50", "--key-env", "WORK_KEY") == (
        0,
        "profile work is made\n",
        "",
    )
    assert run(capfd, monkeypatch, "config", "show", "work")[1] == (
        "work\n  key in $WORK_KEY, which is not set\n  timezone = Europe/Berlin\n  max_requests = 50\n"
    )
    assert run(capfd, monkeypatch, "config", "remove", "work", "timezone")[1] == "profile work no longer has timezone\n"
    assert profiles.load().find("work") == profiles.Profile({"max_requests": 50}, key_env="WORK_KEY")
    assert run(capfd, monkeypatch, "config", "list", "--names")[1] == "work\n"
    assert run(capfd, monkeypatch, "config", "remove", "work")[1] == "profile work is removed\n"
    assert profiles.load() == profiles.Profiles()


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_only_the_user_reads_the_file(file, capfd, monkeypatch):
    run(capfd, monkeypatch, "config", "set", "work", "--key-env", "WORK_KEY")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_key_goes_from_standard_input_to_the_keyring_and_nowhere_else(file, kept, capfd, monkeypatch):
    code, out, err = run(capfd, monkeypatch, "config", "set", "work", "--store-key", stdin=f"{KEY}\n")
    assert (code, out, err) == (0, "profile work is made, its key in a keyring of the tests\n", "")
    assert kept == {("stripesql", "work"): KEY}
    assert KEY not in file.read_text()
    assert 'key = "keyring"' in file.read_text()
    assert account("--profile", "work").first.reveal() == KEY
    assert IN_USE.redacted(f"a {KEY}") == "a ***"
    run(capfd, monkeypatch, "config", "remove", "work")
    assert kept == {}


def test_another_place_for_the_key_empties_the_keyring(kept, capfd, monkeypatch):
    run(capfd, monkeypatch, "config", "set", "work", "--store-key", stdin=KEY)
    run(capfd, monkeypatch, "config", "set", "work", "--key-env", "WORK_KEY")
    assert kept == {}


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        ("", "that is no Stripe key"),
        ("hunter2\n", "that is no Stripe key"),
        ("pk_" + "live_abc\n", "this is a publishable key"),
        (f"{KEY} {KEY}\n", "that is no Stripe key"),
    ],
)
def test_what_is_no_key_changes_nothing(file, kept, capfd, monkeypatch, stdin, said):
    code, out, err = run(capfd, monkeypatch, "config", "set", "work", "--store-key", stdin=stdin)
    assert (code, out) == (2, "")
    assert said in err
    assert "hunter2" not in err
    assert not file.exists()
    assert kept == {}


def test_without_a_keyring_the_environment_is_offered(file, capfd, monkeypatch):
    before = keyring.get_keyring()
    from keyring.backends import fail

    keyring.set_keyring(fail.Keyring())
    try:
        code, _, err = run(capfd, monkeypatch, "config", "set", "work", "--store-key", stdin=KEY)
    finally:
        keyring.set_keyring(before)
    assert code == 2
    assert "this system has no keyring that protects what it keeps; --key-env VARIABLE names an environment variable instead" in err
    assert not file.exists()


class PlainFile(Keyring):
    """Stand for the keyrings that keep texts in the clear."""


PlainFile.__module__ = "keyrings.alt.file"


class Chain(KeyringBackend):
    """Stand for the backend that asks several others in turn."""

    priority = 1

    def __init__(self, *backends):
        super().__init__()
        self.backends = list(backends)

    def get_password(self, service, username):
        raise AssertionError("the usable one is asked itself")

    set_password = delete_password = get_password


def test_keyrings_that_keep_texts_in_the_clear_are_not_used(kept, capfd, monkeypatch):
    plain, good = PlainFile(), Keyring()
    keyring.set_keyring(plain)
    assert run(capfd, monkeypatch, "config", "set", "work", "--store-key", stdin=KEY)[0] == 2
    keyring.set_keyring(Chain(plain, good))
    assert run(capfd, monkeypatch, "config", "set", "work", "--store-key", stdin=KEY)[0] == 0
    assert plain.kept == {}
    assert good.kept == {("stripesql", "work"): KEY}


def test_a_keyring_that_fails_shows_no_key(kept, capfd, monkeypatch):
    def fail(self, service, username, password=None):
        raise RuntimeError(f"cannot keep {password}")

    monkeypatch.setattr(Keyring, "set_password", fail)
    code, _, err = run(capfd, monkeypatch, "config", "--debug", "set", "work", "--store-key", stdin=KEY)
    assert code == 2
    assert "the keyring did not take the key (RuntimeError)" in err


def test_without_the_package_the_extra_is_named(capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    code, _, err = run(capfd, monkeypatch, "config", "set", "work", "--store-key", stdin=KEY)
    assert code == 2
    assert "pip install 'stripesql[keyring]'" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["config", "set", "a b"], "a profile's name is made of letters, digits, - and _"),
        (["config", "set", "a", "hunter2"], "settings are written SETTING=VALUE"),
        (["config", "set", "a", "api_key=hunter2"], "a key is no setting"),
        (["config", "set", "a", "--key-env", "hunter2!"], "--key-env takes the name of an environment variable, not a key"),
        (["config", "set", "a", "timezon=UTC"], "'timezon' is not a setting; did you mean 'timezone'?"),
        (["config", "set", "a", "timezone=Mars"], "setting timezone takes an IANA time zone such as Europe/Berlin, not 'Mars'"),
        (["config", "set", "a", "base_url=http://example.com"], "base_url must be https"),
        (["config", "set", "a", "proxy=http://me:secret@proxy"], "a proxy with a password is not kept in a file"),
        (["config", "set", "a", "stripe_account=whsec_" + "abcdef"], "the value of stripe_account looks like a key"),
        (["config", "set", "a", "transport=x"], "transport is not for profiles"),
        (["config", "show", "a"], "there is no profile a; there are none yet"),
        (["config", "remove", "a"], "there is no profile a; there are none yet"),
        (["config", "show"], "the following arguments are required: NAME"),
    ],
)
def test_what_cannot_be_kept_is_refused(file, capfd, monkeypatch, arguments, said):
    code, _, err = run(capfd, monkeypatch, *arguments)
    assert code == 2
    assert said in err
    assert "hunter2" not in err
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'[profiles.a]\nkey = "{KEY}"\n', "holds what looks like a Stripe key, and keys are not read from files"),
        ('[profiles.a]\nkey = "hunter2"\n', 'key is either "keyring" or absent'),
        ("[profiles.a\n", "is not TOML"),
        ("[profile.a]\n", "profile is not known; a file has default and [profiles.NAME]"),
        ('default = "b"\n[profiles.a]\n', "the default profile b is not there"),
        ("[profiles.a]\ntimezon = 1\n", "profile a: 'timezon' is not a setting"),
        ("profiles = 1\n", "profiles are written [profiles.NAME]"),
        ("[profiles.a]\nkey_env = 1\n", "key_env is the name of an environment variable"),
    ],
)
def test_a_file_that_says_something_else_is_explained(file, capfd, monkeypatch, text, said):
    file.parent.mkdir(parents=True)
    file.write_text(text)
    code, _, err = run(capfd, monkeypatch, "config", "list")
    assert code == 2
    assert said in err
    assert "hunter2" not in err


def test_settings_survive_the_file():
    settings = {"timezone": 'a"\\\n\x7fé', "requests_per_second": 2.5, "max_requests": 7, "read_only": True}
    made = profiles.Profiles({"a": profiles.Profile(settings, True), "b-1": profiles.Profile({}, key_env="B")}, "a")
    import tomllib

    text = profiles.text_of(made)
    settings.pop("timezone")
    assert tomllib.loads(text)["profiles"]["a"] == {"key": "keyring", "timezone": 'a"\\\n\x7fé', **settings}
    assert tomllib.loads(text)["default"] == "a"
    assert re.search(r'^\[profiles\.b-1\]\nkey_env = "B"$', text, re.M)


def test_the_account_is_that_of_the_option_then_of_the_environment_then_the_default(kept, capfd, monkeypatch):
    run(capfd, monkeypatch, "config", "set", "work", "timezone=Europe/Berlin", "--store-key", stdin=KEY)
    run(capfd, monkeypatch, "config", "set", "other", "stripe_account=acct_1", "--key-env", "OTHER_KEY", "--default")
    monkeypatch.setenv("OTHER_KEY", OTHER)

    assert account().profile == "other"
    assert account().first.reveal() == OTHER
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_environment")
    assert account().profile is None, "a key in the environment comes before the default profile, settings and all"
    assert account().settings == {}
    monkeypatch.setenv("STRIPESQL_PROFILE", "work")
    assert account().first.reveal() == KEY
    assert account("--timezone", "UTC").settings == {"timezone": "UTC"}, "an option wins over the profile"
    assert account("--profile", "other").settings == {"stripe_account": "acct_1"}
    assert account("--demo").profile is None
    assert account("--url", "stripe:///?demo=1").first.reveal() == "stripe:///?demo=1"


def test_a_key_that_is_asked_for_by_name_is_not_replaced_by_another(kept, capfd, monkeypatch):
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_environment")
    run(capfd, monkeypatch, "config", "set", "work", "--store-key", stdin=KEY)
    run(capfd, monkeypatch, "config", "set", "other", "--key-env", "OTHER_KEY")
    kept.clear()
    with pytest.raises(UsageError, match="the keyring has no key for profile work"):
        account("--profile", "work")
    with pytest.raises(UsageError, match="profile other takes its key from the environment variable OTHER_KEY, which is not set"):
        account("--profile", "other")
    with pytest.raises(UsageError, match="there is no profile wrk; did you mean work"):
        account("--profile", "wrk")
    with pytest.raises(UsageError, match="--url and --profile both say which account"):
        account("--profile", "work", "--url", "stripe:///")


def test_a_command_runs_with_the_profile(capfd, monkeypatch):
    run(capfd, monkeypatch, "config", "set", "demo", "demo=true", "timezone=Asia/Kolkata", "--default")
    assert run(capfd, monkeypatch, "-c", "SHOW timezone", "--format", "csv") == (0, "timezone\nAsia/Kolkata\n", "")


def test_the_key_of_a_profile_is_in_no_message(kept, capfd, monkeypatch):
    run(capfd, monkeypatch, "config", "set", "work", "--store-key", stdin=KEY)

    def refuse(key, **settings):
        raise stripesql.AuthenticationFailed(f"Invalid API Key provided: {key}", status=401)

    monkeypatch.setattr(stripesql, "connect", refuse, raising=False)
    code, _, err = run(capfd, monkeypatch, "--profile", "work", "--debug", "-c", "SELECT 1")
    assert code == 1
    assert "Invalid API Key provided: ***" in err
