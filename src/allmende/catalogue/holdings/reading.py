"""Questions to a holding: rows by condition, order and page; counts; the whole as a stream.

A question reads the Parquet file, or its serving copy (`serving`) where there is one: the same rows in the same order.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from time import monotonic
from typing import TypeVar

import duckdb
import pyarrow as pa

from allmende.catalogue.holdings.columns import BOX, GEOMETRY, SQL_TYPES, ColumnFacts
from allmende.catalogue.holdings.engine import cursor, quoted
from allmende.catalogue.holdings.serving import ask, source_of
from allmende.catalogue.holdings.terms import Call, Column, Sql, Term, UnknownColumn, Value
from allmende.core.deadlines import Watch

T = TypeVar("T")
_STREAM_ROWS = 20_000
_watch = Watch("holdings-watch")
_LONGEST = 15.0  # seconds that a question with conditions may take


class TooCostly(Exception):
    """The question took too long and was stopped."""

    def __init__(self) -> None:
        super().__init__(f"The question takes more than {_LONGEST:g} s; narrow it, for example by a box.")


@dataclass(frozen=True)
class Holding:
    """A file that can be asked. digest: its SHA-256; columns: those that a reader may see; placed: whether rows have a
    geometry; rows: how many; bbox: west, south, east, north."""

    digest: str
    columns: tuple[ColumnFacts, ...]
    placed: bool
    rows: int
    key: tuple[str, ...] = ()
    bbox: tuple[float, float, float, float] | None = None

    @cached_property
    def types(self) -> dict[str, str]:
        """The SQL type of each column, by name."""
        return {each.name: SQL_TYPES[each.type] for each in self.columns}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(each.name for each in self.columns)


@dataclass(frozen=True, slots=True)
class Question:
    """where: which rows (None: all); order: columns, each with whether it falls; then by `_row`; columns: None for all;
    geometry: whether to add `geometry`; box: whether to add the box; beyond: only rows whose `_row` is larger."""

    where: Term | None = None
    order: tuple[tuple[str, bool], ...] = ()
    columns: tuple[str, ...] | None = None
    geometry: bool = True
    box: bool = False
    limit: int | None = 100
    skip: int = 0
    beyond: int | None = None


def rows(holding: Holding, question: Question) -> pa.Table:
    """One page: `_row`, `_id`, the columns, `geometry` (WKB). Raises UnknownColumn, TooCostly."""

    def found(connection: duckdb.DuckDBPyConnection, source: str) -> pa.Table:
        statement, values = _statement(holding, question, source)
        with _limited(connection, question.where):
            return connection.execute(statement, values).to_arrow_table()

    return ask(holding.digest, holding.rows, found)


def row(holding: Holding, id_: str, columns: tuple[str, ...] | None = None) -> pa.Table:
    """The row of this id: a table of one row, or of none. columns: None for all."""
    wanted = Call("eq", (Column("_id"), Value(id_)))
    return rows(holding, Question(where=wanted, columns=columns, limit=1))


def count(holding: Holding, where: Term | None = None) -> int:
    """How many rows match. Raises UnknownColumn, TooCostly."""
    return holding.rows if where is None else _count(holding, where)


@lru_cache(maxsize=2_000)  # a holding never changes
def _count(holding: Holding, where: Term) -> int:
    def found(connection: duckdb.DuckDBPyConnection, source: str) -> int:
        sql = Sql(holding.types)
        condition = sql.of(where)
        with _limited(connection, where):
            row = connection.execute(f"SELECT count(*) FROM {source} WHERE {condition}", sql.values).fetchone()
        return int(row[0]) if row else 0

    return ask(holding.digest, holding.rows, found)


@contextmanager
def _limited(connection: duckdb.DuckDBPyConnection, where: Term | None) -> Iterator[None]:
    """Stops what runs on the connection when it takes too long."""
    if where is None:
        yield
        return
    with _watch.over(connection, monotonic() + _LONGEST):
        try:
            yield
        except duckdb.InterruptException as error:
            raise TooCostly from error


def batches(holding: Holding, question: Question) -> Iterator[pa.RecordBatch]:
    """The rows as a stream, in memory a batch at a time, from the Parquet file. Raises UnknownColumn."""
    with cursor() as connection:
        statement, values = _statement(holding, question, source_of(holding.digest))
        yield from connection.execute(statement, values).to_arrow_reader(_STREAM_ROWS)


def _statement(holding: Holding, question: Question, source: str) -> tuple[str, list[object]]:
    names = holding.names if question.columns is None else question.columns
    for name in names:
        if name not in holding.types:
            raise UnknownColumn(name)
    columns = ["_row", "_id", *(quoted(name) for name in names)]
    if holding.placed and question.geometry:
        columns.append(GEOMETRY)
    if holding.placed and question.box:
        columns += BOX
    sql = Sql(holding.types)
    conditions = [sql.of(question.where)] if question.where is not None else []
    if question.beyond is not None:
        conditions.append(f"_row > {question.beyond:d}")
    text = f"SELECT {', '.join(columns)} FROM {source}"
    if conditions:
        text += f" WHERE {' AND '.join(conditions)}"
    return text + _tail(holding, question), sql.values


def _tail(holding: Holding, question: Question) -> str:
    """Order and page. Rows lie in the order of `_row`, which DuckDB keeps, so that order need not be asked for."""
    order = [f"{_known(holding, name)} {'DESC' if falls else 'ASC'} NULLS LAST" for name, falls in question.order]
    text = f" ORDER BY {', '.join([*order, '_row'])}" if order else ""
    if question.limit is not None:
        text += f" LIMIT {question.limit:d} OFFSET {question.skip:d}"
    return text


def _known(holding: Holding, name: str) -> str:
    if name not in holding.types and name != "_id":
        raise UnknownColumn(name)
    return quoted(name)


def distinct(holding: Holding, name: str, limit: int = 50) -> Sequence[tuple[object, int]]:
    """The most frequent values of a column with their counts. Raises UnknownColumn."""
    column = _known(holding, name)

    def found(connection: duckdb.DuckDBPyConnection, source: str) -> list[tuple[object, int]]:
        return connection.execute(
            f"SELECT {column}, count(*) FROM {source} WHERE {column} IS NOT NULL "
            f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {limit:d}"
        ).fetchall()

    return ask(holding.digest, holding.rows, found)
