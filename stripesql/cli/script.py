"""Read SQL text from its sources and split it into statements."""

from __future__ import annotations

import sys
from pathlib import Path

from stripesql.cli.arguments import Options, Origin, Source, UsageError


def statements(options: Options) -> list[str]:
    """Return the statements of all sources, in order; empty ones are left out.

    Raises:
        UsageError: a file that cannot be read, or is not UTF-8.
        SqlSyntaxError: text that cannot be split, such as an open quote.
    """
    from stripesql.sql.statements import split

    dialect = str(options.settings.get("sql_dialect", "duckdb"))
    return [statement for source in options.sources for statement in split(_text(source), dialect) if statement.strip()]


def _text(source: Source) -> str:
    try:
        match source.origin:
            case Origin.ARGUMENT:
                return source.text
            case Origin.FILE:
                # Editors on Windows put a byte order mark before UTF-8.
                return Path(source.text).read_text(encoding="utf-8-sig")
            case Origin.STDIN:
                return sys.stdin.buffer.read().decode("utf-8-sig")
    except OSError as problem:
        raise UsageError(f"cannot read {source.text}: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise UsageError(f"{source.text or 'standard input'} is not UTF-8 text (byte {problem.start})") from problem
