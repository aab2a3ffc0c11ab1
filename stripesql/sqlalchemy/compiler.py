"""Write SQLAlchemy's expressions in the SQL of the driver, which is DuckDB's.

In: expressions and types. Out: text. Only what differs from SQLAlchemy's own default is here.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Identity, cast
from sqlalchemy.dialects.postgresql.base import PGCompiler
from sqlalchemy.exc import CompileError
from sqlalchemy.sql import compiler, expression, sqltypes

# Words that the engine reserves beyond those of SQLAlchemy's own list: `duckdb_keywords()` of duckdb 2.0.
_RESERVED: Final = frozenset(
    {
        "anti", "asof", "at", "describe", "fetch", "glob", "ilike", "lambda", "lateral", "map", "pivot", "pivot_longer",
        "pivot_wider", "positional", "qualify", "returning", "semi", "show", "struct", "summarize", "try_cast", "tuple",
        "unpack", "unpivot", "values", "variadic", "window",
    }
)  # fmt: skip


class StripePreparer(compiler.IdentifierPreparer):
    """Quote what the engine reserves."""

    reserved_words = compiler.RESERVED_WORDS | _RESERVED


class StripeCompiler(compiler.SQLCompiler):
    """Write queries."""

    # -- clauses

    def limit_clause(self, select: Any, **kw: Any) -> str:
        """Write LIMIT and OFFSET, each alone where the other is missing."""
        text = ""
        if select._limit_clause is not None:
            text += "\n LIMIT " + self.process(select._limit_clause, **kw)
        if select._offset_clause is not None:
            text += "\n OFFSET " + self.process(select._offset_clause, **kw)
        return text

    def fetch_clause(self, select: Any, *_: Any, **kw: Any) -> str:
        """Write FETCH FIRST as LIMIT."""
        options = select._fetch_clause_options
        if options["with_ties"]:
            raise CompileError("FETCH ... WITH TIES is not available; use a window: func.rank().over(order_by=...)")
        text = "\n LIMIT " + self.process(select._fetch_clause, **kw) + (" PERCENT" if options["percent"] else "")
        if select._offset_clause is not None:
            text += "\n OFFSET " + self.process(select._offset_clause, **kw)
        return text

    def for_update_clause(self, select: Any, **kw: Any) -> str:
        """Refuse: a lock that is not taken must not look taken."""
        raise CompileError("Stripe has no row locks; leave out with_for_update()")

    def get_select_precolumns(self, select: Any, **kw: Any) -> str:
        """Write DISTINCT and DISTINCT ON."""
        if select._distinct_on:
            return f"DISTINCT ON ({', '.join(self.process(column, **kw) for column in select._distinct_on)}) "
        return "DISTINCT " if select._distinct else ""

    def visit_postgresql_distinct_on(self, element: Any, **kw: Any) -> str | None:
        """Write ``select(...).ext(distinct_on(...))``, which SQLAlchemy 2.1 has in its PostgreSQL package."""
        columns = ", ".join(self.process(column, **kw) for column in element._distinct_on)
        return f"ON ({columns})" if columns else None

    def visit_empty_set_expr(self, element_types: Any, **kw: Any) -> str:
        """Write a set without members."""
        types = [sqltypes.INTEGER() if each._isnull else each for each in element_types or [sqltypes.INTEGER()]]
        return f"SELECT {', '.join(f'CAST(NULL AS {self.dialect.type_compiler.process(each)})' for each in types)} WHERE 1!=1"

    # -- writes

    # SQLAlchemy has ON CONFLICT in `insert` of its PostgreSQL package; the engine's clause is the same.
    visit_on_conflict_do_nothing = PGCompiler.visit_on_conflict_do_nothing
    visit_on_conflict_do_update = PGCompiler.visit_on_conflict_do_update
    _on_conflict_target = PGCompiler._on_conflict_target

    def returning_clause(self, stmt: Any, returning_cols: Any, **kw: Any) -> str:
        """Write RETURNING."""
        if "populate_result_map" in kw:
            return super().returning_clause(stmt, returning_cols, **kw)
        label: Any = self._label_returning_column  # SQLAlchemy 1.4's
        columns: Any = expression._select_iterables(returning_cols)
        return "RETURNING " + ", ".join(label(stmt, column, fallback_label_name=column._non_anon_label) for column in columns)

    def update_from_clause(self, update_stmt: Any, from_table: Any, extra_froms: Any, from_hints: Any, **kw: Any) -> str:
        """Write the other tables of an UPDATE."""
        kw["asfrom"] = True
        return "FROM " + ", ".join(each._compiler_dispatch(self, fromhints=from_hints, **kw) for each in extra_froms)

    def delete_extra_from_clause(self, delete_stmt: Any, from_table: Any, extra_froms: Any, from_hints: Any, **kw: Any) -> str:
        """Write the other tables of a DELETE."""
        kw["asfrom"] = True
        return "USING " + ", ".join(each._compiler_dispatch(self, fromhints=from_hints, **kw) for each in extra_froms)

    # -- operators

    def visit_ilike_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write ILIKE."""
        return self._ilike(binary, "ILIKE", kw)

    def visit_not_ilike_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write NOT ILIKE."""
        return self._ilike(binary, "NOT ILIKE", kw)

    def _ilike(self, binary: Any, operator: str, kw: dict[str, Any]) -> str:
        text = f"{self.process(binary.left, **kw)} {operator} {self.process(binary.right, **kw)}"
        escape = binary.modifiers.get("escape")
        return text if escape is None else f"{text} ESCAPE {self.render_literal_value(escape, sqltypes.STRINGTYPE)}"

    def visit_ilike_case_insensitive_operand(self, element: Any, **kw: Any) -> str:
        """Write the operand as it is: ILIKE needs no lower()."""
        return self.process(element.element, **kw)

    def visit_regexp_match_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write a search for a pattern anywhere in the text."""
        return f"regexp_matches({self.process(binary.left, **kw)}, {self.process(binary.right, **kw)}{self._flags(binary)})"

    def visit_not_regexp_match_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write that no part of the text matches."""
        return f"NOT {self.visit_regexp_match_op_binary(binary, operator, **kw)}"

    def visit_regexp_replace_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write a replacement of the first match; flag ``g`` replaces all."""
        return f"regexp_replace({self.process(binary.left, **kw)}, {self.process(binary.right, **kw)}{self._flags(binary)})"

    def _flags(self, binary: Any) -> str:
        flags = binary.modifiers["flags"]
        return "" if flags is None else f", {self.render_literal_value(flags, sqltypes.STRINGTYPE)}"

    def visit_json_getitem_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write a look-up in JSON: ``->`` for JSON, ``->>`` for text, a cast of the text for the rest."""
        return self._json(binary, kw)

    def visit_json_path_getitem_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write a look-up along a path."""
        return self._json(binary, kw)

    def _json(self, binary: Any, kw: dict[str, Any]) -> str:
        as_text = kw.pop("_json_as_text", False)
        affinity = binary.type._type_affinity
        if not as_text and affinity not in (sqltypes.JSON, sqltypes.String):
            return self.process(cast(binary, binary.type), _json_as_text=True, **kw)
        arrow = "->" if affinity is sqltypes.JSON else "->>"
        # Always in parentheses: the engine's arrow binds weaker than any other operator.
        return f"({self.process(binary.left, **kw)} {arrow} {self.process(binary.right, **kw)})"

    def visit_getitem_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write a subscript of a list."""
        return f"{self.process(binary.left, **kw)}[{self.process(binary.right, **kw)}]"

    def visit_floordiv_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write a division without a rest."""
        left, right = self.process(binary.left, **kw), self.process(binary.right, **kw)
        if all(each.type._type_affinity is sqltypes.Integer for each in (binary.left, binary.right)):
            return f"{left} // {right}"
        return f"floor({left} / {right})"

    def visit_bitwise_xor_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write an exclusive or, for which the engine has a function; its ``^`` is a power."""
        return f"xor({self.process(binary.left, **kw)}, {self.process(binary.right, **kw)})"

    # -- functions

    def visit_now_func(self, fn: Any, **kw: Any) -> str:
        """Write the time of the statement."""
        return "now()"

    def visit_aggregate_strings_func(self, fn: Any, **kw: Any) -> str:
        """Write the aggregate that joins texts."""
        expression, delimiter = list(fn.clauses)[:2]
        order = getattr(fn.clauses, "aggregate_order_by", None)
        kw.pop("use_function_name", None)
        ordered = "" if order is None else f" ORDER BY {self.process(order, **kw)}"
        return f"string_agg({self.process(expression, **kw)}, {self.process(delimiter, **kw)}{ordered})"

    def visit_try_cast(self, cast: Any, **kw: Any) -> str:
        """Write a cast that gives NULL where it fails."""
        return f"TRY_CAST({self.process(cast.clause, **kw)} AS {self.process(cast.typeclause, **kw)})"


class StripeDDLCompiler(compiler.DDLCompiler):
    """Write CREATE TABLE for ``Table(..., prefixes=["TEMPORARY"])``: a connection has no other tables of its own."""

    def get_column_specification(self, column: Any, **kw: Any) -> str:
        """Write one column; a key that numbers itself is a SERIAL."""
        text: str = super().get_column_specification(column, **kw)  # type: ignore[no-untyped-call,unused-ignore]
        default = column.server_default
        numbers_itself = column.table is not None and column is column.table._autoincrement_column and default is None
        if not numbers_itself and not isinstance(default, Identity):
            return text
        kind = self.dialect.type_compiler.process(column.type, type_expression=column)
        return text.replace(f" {kind}", " SERIAL", 1)


class StripeTypeCompiler(compiler.GenericTypeCompiler):
    """Write types by the engine's names."""

    def visit_integer(self, type_: Any, **kw: Any) -> str:
        """Write 64 bits: amounts in minor units pass 32 of them."""
        return "BIGINT"

    def visit_FLOAT(self, type_: Any, **kw: Any) -> str:  # noqa: N802  SQLAlchemy's name
        """Write what Python calls a float; the engine's FLOAT has half its bits."""
        return "DOUBLE" if type_.precision is None or type_.precision > 24 else "REAL"

    def visit_DOUBLE_PRECISION(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """Write DOUBLE."""
        return "DOUBLE"

    def visit_NUMERIC(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """Write DECIMAL, by default with the places of Stripe's decimals."""
        return f"DECIMAL({38 if type_.precision is None else type_.precision}, {_scale(type_)})"

    visit_DECIMAL = visit_NUMERIC  # noqa: N815

    def visit_TIMESTAMP(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """Write a time with or without zone."""
        return "TIMESTAMP WITH TIME ZONE" if getattr(type_, "timezone", False) else "TIMESTAMP"

    visit_DATETIME = visit_TIMESTAMP  # noqa: N815

    def visit_TIME(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """Write a time of day with or without zone."""
        return "TIME WITH TIME ZONE" if getattr(type_, "timezone", False) else "TIME"

    def visit_INTERVAL(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """Write INTERVAL."""
        return "INTERVAL"

    def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """Write VARCHAR; the engine does not count characters."""
        return "VARCHAR"

    visit_CHAR = visit_NVARCHAR = visit_NCHAR = visit_TEXT = visit_CLOB = visit_VARCHAR  # noqa: N815

    def visit_BLOB(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """Write BLOB."""
        return "BLOB"

    visit_BINARY = visit_VARBINARY = visit_large_binary = visit_BLOB  # noqa: N815

    def visit_JSON(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """Write JSON."""
        return "JSON"

    def visit_uuid(self, type_: Any, **kw: Any) -> str:
        """Write UUID."""
        return "UUID"

    def visit_ARRAY(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        """Write a list of the item's type."""
        return self.process(type_.item_type, **kw) + "[]" * (type_.dimensions or 1)


def _scale(type_: Any) -> int:
    if type_.scale is not None:
        return int(type_.scale)
    return 12 if type_.precision is None else 0
