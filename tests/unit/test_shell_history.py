import os
import stat

import pytest

from stripesql.cli.keys import IN_USE, may_hold_key
from stripesql.cli.shell.history import MOST, PrivateHistory, read

SECRET = "sk_" + "test_" + "51HabcdefGHIJ"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "data" / "history.jsonl"


def test_texts_are_there_in_the_next_shell(file):
    first = PrivateHistory(file)
    for text in ("SELECT 1;", "SELECT\n  'é\u2028';\n", ".mode csv", ".mode csv"):
        first.append_string(text)
    assert first.get_strings() == ["SELECT 1;", "SELECT\n  'é\u2028';", ".mode csv"]
    assert list(PrivateHistory(file).load_history_strings()) == [".mode csv", "SELECT\n  'é\u2028';", "SELECT 1;"]


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_only_the_user_reads_the_file(file):
    file.parent.mkdir()
    file.touch(0o644)
    PrivateHistory(file).append_string("SELECT 1;")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "key",
    [
        SECRET,
        SECRET.upper(),
        SECRET.replace("sk", "rk").replace("test", "live"),
        "whsec_" + "abcdefGHIJ123",
        "pk_" + "live_" + "abcdef",
        "sk_" + "org_live_" + "abc",
    ],
)
def test_what_may_hold_a_key_is_kept_nowhere(file, key):
    history = PrivateHistory(file)
    history.append_string(f"CALL stripe.request('GET', '/v1/charges', headers => '{key}');")
    assert history.get_strings() == []
    assert not file.exists()


def test_a_key_that_does_not_look_like_one_is_known_when_it_is_in_use(file, monkeypatch):
    monkeypatch.setenv("STRIPE_API_KEY", "odd-key-123")
    monkeypatch.setattr(IN_USE, "_reveals", [*IN_USE._reveals])
    IN_USE.add("other-key-456")
    for text in ("SELECT 'odd-key-123';", "SELECT 'other-key-456';"):
        assert may_hold_key(text)
        PrivateHistory(file).append_string(text)
    assert not file.exists()


def test_what_is_no_key_is_kept():
    for text in ("SELECT pk_id FROM t", "SELECT task_test FROM t", "SELECT risk_level FROM charges"):
        assert not may_hold_key(text)


def test_lines_that_were_damaged_are_left_out(file):
    file.parent.mkdir()
    file.write_bytes(b'"SELECT 1;"\n\xff{"\n"SELECT 2\n7\n"SELECT 3;"\n' + f'"{SECRET}"\n'.encode())
    assert read(file) == ["SELECT 1;", "SELECT 3;"]


def test_the_file_does_not_grow_for_ever(file):
    file.parent.mkdir()
    file.write_text("".join(f'"SELECT {number};"\n' for number in range(MOST + 10)))
    newest, *_ = PrivateHistory(file).load_history_strings()
    assert newest == f"SELECT {MOST + 9};"
    assert len(read(file)) == MOST
    assert read(file)[0] == "SELECT 10;"


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path):
    (tmp_path / "file").touch()
    history = PrivateHistory(tmp_path / "file" / "history.jsonl")
    history.append_string("SELECT 1;")
    assert history.get_strings() == ["SELECT 1;"]
