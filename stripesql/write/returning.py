"""Give the rows of RETURNING.

For INSERT and UPDATE they are the objects that Stripe answered with, as rows of the table, so any expression over the
table's columns works. For DELETE, where nothing is left to answer with, they were read before. What cannot be computed is
found before anything is written.

In: the select list, then the answers. Out: ``Rows``.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from stripesql.catalogue.model import Column, Table
from stripesql.catalogue.relations import Local, System
from stripesql.decode.decoder import Decoder
from stripesql.decode.page import DecodeFailure
from stripesql.engine.cursor import Source
from stripesql.errors import NotSupportedError, UnknownName
from stripesql.fetch import failures
from stripesql.query import select
from stripesql.query.names import with_near_name
from stripesql.scan.sources import InMemory
from stripesql.sql.analysis import Analysis, Occurrence
from stripesql.sql.writes import Target
from stripesql.write.objects import Rows
from stripesql.write.places import in_statement
from stripesql.write.scene import Scene
from stripesql.write.work import Answers

Parents = tuple[object, ...]
"""Values of the columns that are not in the object: the ids of its parents, in the order of the table's key."""


@dataclass(frozen=True, slots=True)
class OfAnswers:
    """Compute a select list over the answers.

    Attributes:
        table: the table that was written to.
        analysis: the query over it.
        parents: parent ids of each row; empty for tables without.
    """

    table: Table
    analysis: Analysis
    parents: tuple[Parents, ...] = ()

    def rows(self, answers: Answers, scene: Scene) -> Rows:
        """Return a row for each answer, in the order of the statement."""
        columns = self._columns()
        batches = []
        for row, answer in answers.items():
            decoder = Decoder(columns, constants=dict(zip(self.table.key, self.parents[row], strict=False)) if self.parents else {})
            try:
                batches.append(decoder.single(answer.body).batch)
            except DecodeFailure as problem:
                raise failures.unreadable(answer, problem) from problem
        schema = pa.schema([column.type.field(column.name) for column in columns])
        return self._query(pa.Table.from_batches(batches, schema=schema), scene)

    @property
    def expand(self) -> tuple[str, ...]:
        """Return the fields that an answer leaves out unless they are asked for."""
        columns = [self.table.column(name) for name in self._own.expand]
        return tuple(column.expand for column in columns if column is not None and column.expand)

    @property
    def _own(self) -> Occurrence:
        return next(each for each in self.analysis.occurrences if each.relation is self.table)

    def _columns(self) -> list[Column]:
        return [column for column in self.table.columns if not column.hidden or column.name in self._own.hidden]

    def check(self, scene: Scene) -> None:
        """Compute it over no row.

        Raises:
            ProgrammingError, NotSupportedError: it cannot be computed.
        """
        self._query(pa.schema([column.type.field(column.name) for column in self._columns()]).empty_table(), scene)

    def _query(self, table: pa.Table, scene: Scene) -> Rows:
        around = scene.around
        sources = {}
        for each in self.analysis.occurrences:
            if isinstance(each.relation, Local | System):
                sources[each.name] = Source(around.relations.rows(each.relation), each.mentioned)
            else:
                sources[each.name] = Source(InMemory(table), each.mentioned)
        result = around.engine.run(self.analysis.text, sources)
        try:
            found = pa.Table.from_batches(list(result.batches()), schema=result.schema)
        finally:
            result.close()
        return Rows(result.types, found.rename_columns([label for label, _ in result.columns]))


def of_answers(text: str, table: Table, target: Target, scene: Scene, what: str) -> OfAnswers:
    """Return what computes RETURNING for INSERT and UPDATE; it was tried on no row.

    Raises:
        NotSupportedError: it reads another table of Stripe's.
        ProgrammingError: it cannot be computed.
    """
    query = f"SELECT {text} FROM {target.text}"
    with in_statement(query, scene.text):
        analysis = select.analysis_of(query, scene.around)
    tables = [each for each in analysis.occurrences if isinstance(each.relation, Table)]
    if len(tables) != 1 or tables[0].relation is not table:
        raise NotSupportedError(f"{what}: RETURNING reads the rows that were written, and no other table; nothing was sent")
    found = OfAnswers(table, analysis)
    with in_statement(analysis.text, scene.text):
        try:
            found.check(scene)
        except UnknownName as problem:
            raise with_near_name(problem, query, analysis.occurrences) from problem
    return found


@dataclass(frozen=True, slots=True)
class ReadBefore:
    """Give rows that were read before the write, one for each row of the statement."""

    read: Rows

    def rows(self, answers: Answers, scene: Scene) -> Rows:
        """Return the rows that were written, in the order of the statement."""
        return Rows(self.read.types, self.read.table.take(pa.array(list(answers), pa.int64())))
