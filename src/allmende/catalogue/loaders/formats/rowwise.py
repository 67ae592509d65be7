"""What formats share that come row by row: cells as text in one way of writing, rows gathered into Arrow batches."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from allmende.catalogue.loaders.said import Unreadable

Cells = Sequence[str | bytes | None]

ROWS = 8192  # of a batch,
_BYTES = 8 * 2**20  # or so many bytes of text
LONGEST = 32 * 2**20  # bytes of one row
_LARGEST_EXACT = 2**53


def text_of(cell: Any) -> str | None:
    """A cell as text that `tabular` recognises: 1996.0 as 1996, dates as in ISO 8601, yes and no as true and false."""
    kind = cell.__class__
    if kind is str:
        return cell or None
    if kind is float:
        return str(int(cell)) if cell.is_integer() and abs(cell) < _LARGEST_EXACT else repr(cell)
    if cell is None:
        return None
    if kind is bool:
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(cell)


def schema_of(columns: Sequence[str], binary: frozenset[str] = frozenset()) -> pa.Schema:
    """Columns of text, and those of bytes."""
    return pa.schema([(name, pa.binary() if name in binary else pa.string()) for name in columns])


def batches_of(rows: Iterable[Cells], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Rows, each as wide as the schema, as batches that are neither long nor large. Raises Unreadable."""
    waiting: list[Cells] = []
    size = 0
    for row in rows:
        length = sum(len(cell) for cell in row if cell is not None)
        if length > LONGEST:
            raise Unreadable("row_too_long", limit=LONGEST)
        waiting.append(row)
        size += length
        if len(waiting) >= ROWS or size >= _BYTES:
            yield _batch(waiting, schema)
            waiting, size = [], 0
    if waiting:
        yield _batch(waiting, schema)


def _batch(rows: list[Cells], schema: pa.Schema) -> pa.RecordBatch:
    try:
        columns = [pa.array(cells, kind.type) for cells, kind in zip(zip(*rows, strict=True), schema, strict=True)]
    except UnicodeEncodeError:  # half of a pair of surrogates, which JSON can write and UTF-8 cannot
        mended = [[_whole(cell) for cell in row] for row in rows]
        columns = [pa.array(cells, kind.type) for cells, kind in zip(zip(*mended, strict=True), schema, strict=True)]
    return pa.record_batch(columns, schema=schema)


def _whole(cell: str | bytes | None) -> str | bytes | None:
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell
