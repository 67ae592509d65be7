"""Makes the file of a holding from the rows that a loader gave: numbered, keyed, sorted by place, with facts.

Rows of a table keep the order of the file. Features are sorted along a Hilbert curve, so that those of a small area lie
in few row groups, and have their box in four columns beside the geometry.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.holdings.columns import BOX, GEOMETRY, ColumnFacts
from allmende.catalogue.holdings.curve import Box, along
from allmende.catalogue.holdings.engine import cursor, quoted, text
from allmende.catalogue.holdings.files import keep, making

ROW_GROUP = 16_384  # rows: the quickest of 4 k to 64 k for boxes out of a million features (measured)
_ORDERED = ("integer", "number", "date", "datetime")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be built. columns: name, heading, type, unit of each; key: names of the columns that tell rows
    apart; placed: whether rows have a geometry and its box."""

    columns: tuple[ColumnFacts, ...]
    key: tuple[str, ...]
    placed: bool


@dataclass(frozen=True, slots=True)
class Built:
    """A finished file. key: the columns that really tell rows apart, empty where they do not; doubled: how many rows
    share the key that was asked for, or lack it; bbox: west, south, east, north, None without places."""

    digest: str
    size: int
    rows: int
    columns: tuple[ColumnFacts, ...]
    key: tuple[str, ...]
    doubled: int
    bbox: Box | None


def build(rows: pa.RecordBatchReader, plan: Plan) -> Built:
    """The file from rows with `_line`, the columns of the plan, and where placed `geometry` and its box.

    Takes memory for a batch and for what DuckDB needs to sort, not for the whole. Raises duckdb.IOException where the
    disk is full; then nothing is left.
    """
    with making() as loose, making() as final, cursor() as connection:
        box = _write_loose(connection, rows, loose, plan.placed)
        source = f"read_parquet({text(loose)})"
        doubled = _doubled(connection, source, plan.key)
        key = plan.key if not doubled else ()
        _write_final(connection, source, final, plan, key, box)
        facts, count = facts_of(connection, final, plan.columns)
        size = final.stat().st_size
        return Built(keep(final), size, count, facts, key, doubled, box)


def _write_loose(
    connection: duckdb.DuckDBPyConnection, rows: pa.RecordBatchReader, path: Path, placed: bool
) -> Box | None:
    """The rows as they come; returns the box of all of them."""
    box = _Sides()
    if placed:
        rows = pa.RecordBatchReader.from_batches(rows.schema, (box.seen(batch) for batch in rows))
    connection.register("incoming", rows)
    try:
        connection.execute(f"COPY incoming TO {text(path)} (FORMAT parquet, COMPRESSION zstd)")
    finally:
        connection.unregister("incoming")
    return box.whole()


class _Sides:
    """The box of all boxes seen."""

    def __init__(self) -> None:
        self._sides = [np.inf, np.inf, -np.inf, -np.inf]

    def seen(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        for place, name in enumerate(BOX):
            least, most = pc.min_max(batch[name]).as_py().values()
            if least is not None:
                side = self._sides[place]
                self._sides[place] = min(side, least) if place < 2 else max(side, most)
        return batch

    def whole(self) -> Box | None:
        west, south, east, north = self._sides
        return (west, south, east, north) if west <= east else None


def _doubled(connection: duckdb.DuckDBPyConnection, source: str, key: Sequence[str]) -> int:
    """How many rows share their key with another, or have none."""
    if not key:
        return 0
    names = ", ".join(quoted(name) for name in key)
    empty = " OR ".join(f"{quoted(name)} IS NULL" for name in key)
    row = connection.execute(
        f"SELECT count(*) - count(DISTINCT ({names})) + count(*) FILTER ({empty}) FROM {source}"
    ).fetchone()
    return int(row[0]) if row else 0


def _write_final(
    connection: duckdb.DuckDBPyConnection, source: str, path: Path, plan: Plan, key: Sequence[str], box: Box | None
) -> None:
    columns = [quoted(each.name) for each in plan.columns]
    if plan.placed:
        columns += [GEOMETRY, *BOX]
    order = "_line"
    curve = (
        f"along_curve_{secrets.token_hex(8)}"  # functions belong to the instance, and two files may be built at once
    )
    if plan.placed and box:
        settings: dict[str, Any] = {"type": "arrow", "null_handling": "special"}
        connection.create_function(curve, _curve(box), ["DOUBLE", "DOUBLE"], "BIGINT", **settings)
        order = f"{curve}((_xmin + _xmax) / 2, (_ymin + _ymax) / 2), _line"
    inner = f"SELECT {_identity(key)} AS _id, _line, {', '.join(columns)} FROM {source} ORDER BY {order}"
    numbered = f"SELECT row_number() OVER () - 1 AS _row, * FROM ({inner})"
    try:
        connection.execute(
            f"COPY ({numbered}) TO {text(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        )
    finally:
        if plan.placed and box:
            connection.remove_function(curve)


def _curve(box: Box) -> Callable[[pa.Array, pa.Array], pa.Array]:
    def along_curve(lon: pa.Array, lat: pa.Array) -> pa.Array:
        x, y = (pc.fill_null(_one(each), float("nan")).to_numpy(zero_copy_only=False) for each in (lon, lat))
        return pa.array(along(x, y, box))

    return along_curve


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _identity(key: Sequence[str]) -> str:
    """What a row is called in addresses: its key as text, several parts joined; else its number in the file."""
    if not key:
        return "CAST(_line AS VARCHAR)"
    parts = [f"CAST({quoted(name)} AS VARCHAR)" for name in key]
    return parts[0] if len(parts) == 1 else f"concat_ws('~', {', '.join(parts)})"


def facts_of(
    connection: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[ColumnFacts]
) -> tuple[tuple[ColumnFacts, ...], int]:
    """Facts of each column of a file, found by counting; and how many rows there are."""
    asked = ["count(*)"]
    for each in columns:
        name = quoted(each.name)
        asked += [f"count({name})", f"approx_count_distinct({name})"]
        asked += [f"CAST({side}({name}) AS VARCHAR)" if each.type in _ORDERED else "NULL" for side in ("min", "max")]
    row = connection.execute(f"SELECT {', '.join(asked)} FROM read_parquet({text(path)})").fetchone()
    assert row is not None
    count = int(row[0])
    found = (
        ColumnFacts(each.name, each.source, each.type, each.unit, count - filled, min(distinct, filled), least, most)
        for each, (filled, distinct, least, most) in zip(columns, _fours(row[1:]), strict=True)
    )
    return tuple(found), count


def _fours(cells: Sequence[Any]) -> Iterator[Any]:
    return (cells[place : place + 4] for place in range(0, len(cells), 4))
