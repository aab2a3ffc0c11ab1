"""Fetch what is no JSON: the contents of files, the PDF of a quote.

In: a procedure and its arguments. Out: a request; from its answer a row that tells what came, and where it was saved. Without
a path the row holds the bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from stripesql.catalogue.procedures import Procedure
from stripesql.errors import DataError
from stripesql.fetch.response import Response
from stripesql.request import Request
from stripesql.settings import Settings
from stripesql.types import SqlType, ValueType
from stripesql.write import files
from stripesql.write.arguments import Argument
from stripesql.write.objects import Rows, value_type
from stripesql.write.requests import Slot, request_of
from stripesql.write.scalars import When

_BLOB: Final = ValueType("BLOB", "BLOB")


@dataclass(frozen=True, slots=True)
class Download:
    """Say one download.

    Attributes:
        id: of the file or quote.
        request: what is sent.
        path: where the bytes go; None for the row itself.
        overwrite: a file that is there already is replaced.
    """

    id: str
    request: Request
    path: str | None
    overwrite: bool


def download_of(procedure: Procedure, slots: Sequence[Slot], arguments: Sequence[Argument], settings: Settings, when: When) -> Download:
    """Return what one call downloads, its target checked.

    Raises:
        DataError: an argument does not fit, or the target is there already.
        NotSupportedError: ``local_files`` does not allow a target.
    """
    ids = [(slot, each) for slot, each in zip(slots, arguments, strict=True) if slot.in_path]
    given = {slot.name.lower(): each.value for slot, each in zip(slots, arguments, strict=True) if not slot.in_path}
    request = request_of(procedure, ids, None, when, files.reader(settings))
    path, overwrite = given.get("path"), given.get("overwrite") is True
    if path is not None:
        if not isinstance(path, str) or not path:
            raise DataError(f"CALL {procedure.full_name}: path takes the path of a local file, not {path!r}")
        files.check_target(path, settings, overwrite=overwrite)
    return Download(str(ids[-1][1].value), request, path, overwrite)


def check_distinct(downloads: Sequence[Download]) -> None:
    """Return if no two downloads are saved under one path.

    Raises:
        DataError: two are.
    """
    paths = [each.path for each in downloads if each.path is not None]
    twice = next((path for path, count in Counter(paths).items() if count > 1), None)
    if twice is not None:
        raise DataError(f"two downloads would be saved under {twice!r}; make the path of each row its own, as in path => id || '.pdf'")


def download_rows(downloads: Sequence[Download], answers: Sequence[Response]) -> Rows:
    """Save what has a path, and return a row for each download."""
    paths = [
        None if each.path is None else files.save(each.path, answer.body, overwrite=each.overwrite)
        for each, answer in zip(downloads, answers, strict=True)
    ]
    table = pa.table(
        {
            "id": pa.array([each.id for each in downloads], pa.string()),
            "content_type": pa.array([each.headers.get("content-type") for each in answers], pa.string()),
            "bytes": pa.array([len(each.body) for each in answers], pa.int64()),
            "path": pa.array(paths, pa.string()),
            "content": pa.array([each.body if at is None else None for each, at in zip(answers, paths, strict=True)], pa.binary()),
        }
    )
    text, number = value_type(SqlType.VARCHAR), value_type(SqlType.BIGINT)
    return Rows((text, text, number, text, _BLOB), table)
