"""A key, whatever it looks like, is in no log, file or text that others may see."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

import stripesql
from stripesql.simulator import Fault, Server, Simulator

SECRET = "51SECRETabcdefgh"
KEYS = ["sk_test_" + SECRET, "rk_test_" + SECRET, "sk_live_" + SECRET, "whsec_" + SECRET, "odd." + SECRET]
STATEMENTS = (
    "SELECT id, email FROM customers LIMIT 3",
    "SELECT count(*) FROM charges",
    "INSERT INTO customers (name) VALUES ('a') RETURNING *",
    "CALL customers.create(name => 'b')",
    "CREATE TEMP TABLE t AS SELECT * FROM customers LIMIT 2",
    "SELECT * FROM information_schema.tables LIMIT 1",
    "EXPLAIN ANALYZE SELECT id FROM charges LIMIT 1",
    "SELECT nothing FROM customers",
    "CALL stripe.request('GET', '/v1/nothing')",
    "SHOW TABLES",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Simulator(scale=0.02)) as made:
        yield made


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_a_key_is_in_no_log_and_no_file(
    server: Server, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "HOME", "TMPDIR", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    caplog.set_level(1)
    for name in list(logging.root.manager.loggerDict):
        monkeypatch.setattr(logging.getLogger(name), "level", 1)
    told: list[str] = []
    files: set[str] = set()
    settings = {
        "shared_limits": True,
        "read_only": False,
        "cache_ttl_s": 60.0,
        "requests_per_second": 5000.0,
        "endpoint_requests_per_second": 5000.0,
    }
    with stripesql.connect(key, base_url=server.url, **settings) as connection:
        for sql in STATEMENTS:
            cursor = connection.cursor()
            try:
                cursor.execute(sql)
                told.append(repr((cursor.description, cursor.fetchall() if cursor.description else None, cursor, cursor.stats)))
            except stripesql.Error as problem:
                told += [str(problem), repr(problem), repr(vars(problem)), repr(pickle.loads(pickle.dumps(problem)))]
        told += [repr(connection), str(connection), repr(vars(type(connection)))]
        files |= {str(each) for each in tmp_path.rglob("*") if each.is_file()}
        kept = [Path(each).read_bytes() for each in files]
    assert any("limits" in each for each in files), "the shared limits have their file"
    assert not any(SECRET.encode() in each for each in kept)
    assert not any(SECRET in each for each in files)
    assert not any(SECRET in each for each in told)
    assert SECRET not in caplog.text
    assert caplog.records, "something was logged, so that this test can fail"


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.HTML, Fault.NO_ANSWER, Fault.RESET_BEFORE])
def test_a_failed_write_keeps_the_key_out_of_its_error_and_of_a_pickle_of_it(
    server: Server, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripesql.fetch.retries.MOST_FAILURES", 0)
    simulator = server._simulator
    simulator.faults.every(fault, 1, method="POST")
    try:
        with stripesql.connect(KEYS[0], base_url=server.url, http_timeout_s=0.2, requests_per_second=5000.0) as connection:
            with pytest.raises(stripesql.BatchFailed) as caught:
                connection.cursor().executemany("INSERT INTO customers (name) VALUES (?)", [["a"], ["b"], ["c"]])
            problem = caught.value
            for each in (problem, problem.__cause__, *problem.problems.values()):
                assert SECRET not in f"{each} {each!r} {vars(each)}"
            copied = pickle.loads(pickle.dumps(problem))
            assert (copied.done, copied.failed, copied.unknown, copied.untried) == (
                problem.done,
                problem.failed,
                problem.unknown,
                problem.untried,
            )
            assert SECRET.encode() not in pickle.dumps(problem)
    finally:
        simulator.faults.clear()


def test_tables_of_another_connection_are_its_own(server: Server) -> None:
    with stripesql.connect(KEYS[0], base_url=server.url) as one, stripesql.connect(KEYS[0], base_url=server.url) as other:
        one.execute("CREATE TEMP TABLE mine AS SELECT 'canary-4711' AS secret")
        for name in ("mine", "temp.mine", "main.mine", "memory.main.mine", "memory.mine", "temp.main.mine"):
            with pytest.raises(stripesql.Error) as refused:
                other.execute(f"SELECT * FROM {name}").fetchall()
            assert "canary" not in str(refused.value)
            with pytest.raises(stripesql.Error):
                other.execute(f"DROP TABLE {name}")
            with pytest.raises(stripesql.Error):
                other.execute(f"INSERT INTO {name} VALUES ('x')")
        for sql in (
            "SHOW TABLES",
            "SELECT table_name FROM information_schema.tables",
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'mine'",
        ):
            assert "mine" not in {row[0] for row in other.execute(sql).fetchall()}
        other.execute("CREATE TEMP TABLE mine AS SELECT 1 AS x")
        assert one.execute("SELECT * FROM mine").fetchall() == [("canary-4711",)]


def test_with_local_files_only_uploads_and_downloads_touch_them(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("secret\ncanary-4711\n")
    with stripesql.connect(KEYS[0], base_url=server.url, local_files=True) as connection:
        for sql in (
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            f"COPY customers TO '{tmp_path}/out.parquet'",
            f"COPY customers FROM '{file}'",
            f"SELECT * FROM read_csv('{file}')",
            f"SELECT * FROM '{file}'",
            f"CREATE TEMP TABLE t AS FROM read_text('{file}')",
            f"INSERT INTO customers (name) SELECT content FROM read_text('{file}')",
            f"SELECT * FROM glob('{tmp_path}/*')",
            f"ATTACH '{tmp_path}/x.db'",
            "INSTALL httpfs",
            "SELECT getenv('HOME')",
        ):
            with pytest.raises(stripesql.Error) as refused:
                connection.execute(sql).fetchall()
            assert "canary" not in str(refused.value)
    assert [each.name for each in tmp_path.iterdir()] == ["secret.csv"]
