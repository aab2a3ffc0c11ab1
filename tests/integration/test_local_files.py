"""Uploads read local files and downloads write them, only where ``local_files`` allows it, and never over something."""

from __future__ import annotations

import stat
from email.parser import BytesParser
from email.policy import HTTP

import httpx
import pytest
from crafted import InFront, connected

from stripesql import errors
from stripesql.simulator import Simulator

CONTENT = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def sim():
    return Simulator(empty=True)


def playing(request: httpx.Request) -> httpx.Response:
    if request.method == "POST":
        return httpx.Response(200, json={"id": "file_1", "object": "file", "purpose": "dispute_evidence", "size": len(request.content)})
    if "gone" in request.url.path:
        return httpx.Response(404, json={"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such file"}})
    return httpx.Response(200, content=CONTENT, headers={"Content-Type": "application/pdf"})


@pytest.fixture
def front(sim):
    return InFront(sim, playing)


def test_a_file_is_uploaded_to_the_files_host(front, tmp_path):
    path = tmp_path / "receipt é.png"
    path.write_bytes(CONTENT)
    with connected(front, local_files=True) as connection:
        cursor = connection.execute("CALL files.create(file => ?, purpose => 'dispute_evidence')", [str(path)])
        assert cursor.lastrowid == "file_1"
    (request,) = front.seen
    assert (request.url.host, request.url.path) == ("files.stripe.com", "/v1/files")
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + request.headers["Content-Type"].encode() + b"\r\n\r\n" + request.content
    )
    parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
    assert parts["purpose"].get_payload(decode=True) == b"dispute_evidence"
    assert parts["file"].get_payload(decode=True) == CONTENT
    assert parts["file"].get_filename() == "receipt é.png"
    assert request.headers["Idempotency-Key"]


def test_a_lost_upload_is_repeated_with_the_same_bytes(sim, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(CONTENT)
    seen: list[tuple[str, bytes]] = []

    def craft(request: httpx.Request) -> httpx.Response:
        seen.append((request.headers["Idempotency-Key"], request.content))
        path.write_bytes(b"changed meanwhile")
        if len(seen) == 1:
            raise httpx.ReadError("reset", request=request)
        return playing(request)

    with connected(InFront(sim, craft), local_files=True) as connection:
        connection.execute("CALL files.create(file => ?, purpose => 'dispute_evidence')", [str(path)])
    assert len(seen) == 2
    assert seen[0] == seen[1]


def test_without_local_files_nothing_is_read_or_written(front, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(CONTENT)
    with connected(front) as connection:
        for statement in (
            f"CALL files.create(file => '{path}', purpose => 'dispute_evidence')",
            f"CALL files.download('file_1', path => '{tmp_path}/b')",
            f"CALL quotes.pdf('qt_1', path => '{tmp_path}/b')",
        ):
            with pytest.raises(errors.NotSupportedError, match=r"needs connect\(..., local_files=True\)"):
                connection.execute(statement)
    assert front.seen == []
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_file_that_cannot_be_read_is_told_before_anything_is_sent(front, tmp_path):
    with connected(front, local_files=True) as connection, pytest.raises(errors.DataError, match="cannot be read: No such file"):
        connection.execute("CALL files.create(file => ?, purpose => 'dispute_evidence')", [str(tmp_path / "nothing")])
    assert front.seen == []


@pytest.mark.parametrize(("call", "path"), [("files.download('x_1'", "/v1/files/x_1/contents"), ("quotes.pdf('x_1'", "/v1/quotes/x_1/pdf")])
def test_a_download_is_saved_under_a_path(front, tmp_path, call, path):
    target = tmp_path / "out.pdf"
    with connected(front, local_files=True, read_only=True) as connection:
        cursor = connection.execute(f"CALL {call}, path => ?)", [str(target)])
        assert cursor.fetchall() == [("x_1", "application/pdf", len(CONTENT), str(target), None)]
    assert target.read_bytes() == CONTENT
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["out.pdf"]
    assert [(each.method, each.url.host, each.url.path) for each in front.seen] == [("GET", "files.stripe.com", path)]


def test_without_a_path_the_row_holds_the_bytes(front):
    with connected(front) as connection:
        cursor = connection.execute("CALL files.download('file_1')")
        assert cursor.description[4][:2] == ("content", "BLOB")
        assert cursor.fetchall() == [("file_1", "application/pdf", len(CONTENT), None, CONTENT)]


def test_a_file_for_each_row_of_a_query(front, tmp_path):
    connection = connected(front, local_files=True)
    connection.register("wanted", {"id": ["qt_1", "qt_2", "qt_3"]})
    with connection:
        cursor = connection.execute("CALL quotes.pdf(id, path => ? || '/' || id || '.pdf') FROM wanted", [str(tmp_path)])
        assert [row[0] for row in cursor.fetchall()] == ["qt_1", "qt_2", "qt_3"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["qt_1.pdf", "qt_2.pdf", "qt_3.pdf"]


def test_what_is_there_is_never_replaced_unasked(front, tmp_path):
    target = tmp_path / "out"
    target.write_bytes(b"precious")
    with connected(front, local_files=True) as connection:
        with pytest.raises(errors.DataError, match="is there already; choose another path, or say overwrite => true"):
            connection.execute("CALL files.download('file_1', path => ?)", [str(target)])
        assert (front.seen, target.read_bytes()) == ([], b"precious")
        with pytest.raises(errors.DataError, match="it is a folder"):
            connection.execute("CALL files.download('file_1', path => ?)", [str(tmp_path)])
        with pytest.raises(errors.DataError, match="its folder does not exist"):
            connection.execute("CALL files.download('file_1', path => ?)", [str(tmp_path / "no" / "out")])
        connection.execute("CALL files.download('file_1', path => ?, overwrite => true)", [str(target)])
    assert target.read_bytes() == CONTENT


def test_what_comes_to_be_there_meanwhile_is_not_replaced_either(sim, tmp_path):
    target = tmp_path / "out"

    def craft(request: httpx.Request) -> httpx.Response:
        target.write_bytes(b"precious")
        return playing(request)

    with connected(InFront(sim, craft), local_files=True) as connection, pytest.raises(errors.DataError, match="is there already"):
        connection.execute("CALL files.download('file_1', path => ?)", [str(target)])
    assert target.read_bytes() == b"precious"
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_two_downloads_to_one_path_are_refused_before_anything_is_sent(front, tmp_path):
    connection = connected(front, local_files=True)
    connection.register("wanted", {"id": ["qt_1", "qt_2"]})
    with connection, pytest.raises(errors.DataError, match="two downloads would be saved under"):
        connection.execute("CALL quotes.pdf(id, path => ?) FROM wanted", [str(tmp_path / "same.pdf")])
    assert front.seen == []


def test_a_download_that_fails_leaves_no_file(front, tmp_path):
    with connected(front, local_files=True) as connection, pytest.raises(errors.NotFound):
        connection.execute("CALL files.download('gone', path => ?)", [str(tmp_path / "out")])
    assert list(tmp_path.iterdir()) == []
