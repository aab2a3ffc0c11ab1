"""Say which functions a statement may call.

In: tokens and tree. Out: nothing, or the error that names the function. The engine is locked down as well; this list
keeps out what is harmless to the machine and still not a query over Stripe: settings, variables, files, other
processes' data.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from sqlglot import exp

from stripesql.errors import NotSupportedError
from stripesql.sql.lexer import Token, TokenKind, position
from stripesql.sql.tree import Node

TABLE_FUNCTIONS: Final = frozenset({"unnest", "generate_series", "range", "json_each", "json_tree", "repeat"})
# What sqlglot calls them.
_OTHER_NAMES: Final = frozenset({"explode", "generateseries"})

_REFUSED: Final = frozenset(
    {
        "add_parquet_key", "arrow_scan", "arrow_scan_dumb", "checkpoint", "copy_database", "current_query", "current_setting",
        "disable_logging", "enable_logging", "enable_profiling", "disable_profiling", "force_checkpoint", "from_substrait",
        "from_substrait_json", "get_substrait", "get_substrait_json", "getenv", "getvariable", "glob", "icu_calendar_names",
        "iceberg_scan", "in_search_path", "json_execute_serialized_sql", "nextval", "currval", "pandas_scan", "parquet_bloom_probe",
        "parquet_file_metadata", "parquet_full_metadata", "parquet_kv_metadata", "parquet_metadata", "parquet_scan",
        "parquet_schema", "parse_duckdb_log_message", "python_map_function", "pragma_user_agent", "query", "query_table",
        "read_blob", "read_csv", "read_csv_auto", "read_duckdb", "read_json", "read_json_auto", "read_json_objects",
        "read_json_objects_auto", "read_ndjson", "read_ndjson_auto", "read_ndjson_objects", "read_parquet", "read_text",
        "reduce_sql_statement", "seq_scan", "setseed", "sniff_csv", "sql_auto_complete", "sqlsmith", "storage_info", "summary",
        "test_all_types", "test_vector_types", "truncate_duckdb_logs", "which_secret", "write_log",
    }
)  # fmt: skip
_REFUSED_PREFIXES: Final = ("duckdb_", "pragma_", "pg_", "read_", "iceberg_", "delta_", "sqlite_", "postgres_", "mysql_", "http_")


def check_names(text: str, stream: Sequence[Token]) -> None:
    """Refuse functions that a query over Stripe has no use for, by the tokens: whatever the parser makes of the text.

    Raises:
        NotSupportedError: names the function and where it stands.
    """
    for token, following in pairwise(stream):
        if following.text != "(" or token.kind not in (TokenKind.WORD, TokenKind.QUOTED):
            continue
        name = (token.text[1:-1].replace('""', '"') if token.kind is TokenKind.QUOTED else token.text).lower()
        if name in _REFUSED or name.startswith(_REFUSED_PREFIXES):
            raise NotSupportedError(
                f"function {name} is not available: {_reason(name)} (line {{}}, column {{}})".format(*position(text, token.start))
            )


def check_table_functions(tree: Node) -> None:
    """Refuse what gives rows and is neither a relation nor one of ``TABLE_FUNCTIONS``.

    Raises:
        NotSupportedError: names the function.
    """
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Func | exp.Anonymous):
            name = (table.this.name if isinstance(table.this, exp.Anonymous) else table.this.sql_name()).lower()
            if name not in TABLE_FUNCTIONS and name not in _OTHER_NAMES:
                raise NotSupportedError(f"table function {name} is not available; available are {', '.join(sorted(TABLE_FUNCTIONS))}")


def _reason(name: str) -> str:
    if name.startswith("read_") or name in ("glob", "sniff_csv", "parquet_scan"):
        return "SQL here reads Stripe, not files"
    return "it reaches into the engine rather than into Stripe"
