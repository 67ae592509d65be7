"""What goes into the store and what comes out of it, as plain tuples and Arrow tables."""

from typing import NamedTuple

import pyarrow as pa

# (ds, t, v, q, x, k); the same order as the columns of the columnar store. The key is (ds, t, k): k is 0 for the
# observation of a time, and counts on where SensorThings clients keep several of one time in one Datastream.
StoredRow = tuple[int, int, float | None, int, str | None, int]

GONE = -1  # as quality: the observation of this key was deleted; the drain takes both out
MOST_AT_ONCE = 65_535

ROWS = pa.schema(
    [
        pa.field("ds", pa.int32(), nullable=False),
        pa.field("t", pa.int64(), nullable=False),
        pa.field("v", pa.float64()),
        pa.field("q", pa.int32(), nullable=False),
        pa.field("x", pa.string()),
        pa.field("k", pa.uint16(), nullable=False),
    ]
)

SERIES = pa.schema(
    [
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("quality", pa.int32(), nullable=False),
        pa.field("extra", pa.string()),
        pa.field("rank", pa.int32(), nullable=False),
    ]
)


class Sample(NamedTuple):
    """One observation. time: µs UTC; value: None where the source said «no value»; quality: flags; extra: JSON text;
    rank: 0 for the only one of its time."""

    time: int
    value: float | None
    quality: int = 0
    extra: str | None = None
    rank: int = 0


class Extent(NamedTuple):
    """How much there is of a Datastream. count: observations; first, last: µs UTC; result_first, result_last: of those
    with a result time; they may lie further apart than they are after one was changed."""

    count: int  # type: ignore[assignment]
    first: int
    last: int
    result_first: int | None = None
    result_last: int | None = None


class Written(NamedTuple):
    """What a write to the columnar store did: rows that were new, rows that changed, rows that were there already."""

    inserted: int
    changed: int
    unchanged: int


def table_of(rows: list[StoredRow]) -> pa.Table:
    """An Arrow table of schema ROWS from tuples."""
    if not rows:
        return ROWS.empty_table()
    columns = zip(*rows, strict=True)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, ROWS, strict=True)], schema=ROWS
    )
