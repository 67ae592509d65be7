"""What formats share whose columns have types: as Arrow columns that `tabular` knows, in batches of a handy size."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.formats.rowwise import LONGEST
from allmende.catalogue.loaders.said import Unreadable

_EXACT = 15  # digits that a number holds
_BATCH = 16 * 2**20  # bytes


def sliced(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Pieces that are not too large to be handed on. Raises Unreadable."""
    if batch.nbytes <= _BATCH:
        yield batch
    elif batch.num_rows > 1:
        half = batch.num_rows // 2
        yield from sliced(batch.slice(0, half))
        yield from sliced(batch.slice(half))
    elif batch.nbytes > LONGEST:
        raise Unreadable("row_too_long", limit=LONGEST)
    else:
        yield batch


def plain(column: pa.Array, as_text: bool) -> pa.Array:
    """As a type that `tabular` knows: texts, numbers, booleans, dates, instants; times without a zone as texts, since
    only their owner knows whose clock they show."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return texts(column)
    if pa.types.is_timestamp(kind):
        instants = pc.cast(column, pa.timestamp("us", kind.tz), safe=False)
        return instants if kind.tz and not as_text else pc.cast(instants, pa.string())
    if pa.types.is_boolean(kind) or pa.types.is_date32(kind):
        return pc.cast(column, pa.string()) if as_text else column
    if pa.types.is_integer(kind):
        return pc.cast(column, pa.string()) if as_text or kind == pa.uint64() else column
    if pa.types.is_floating(kind):
        return written(column, repr) if as_text else pc.cast(column, pa.float64())
    if pa.types.is_decimal(kind) and kind.precision <= _EXACT:
        return pc.cast(column, pa.float64())
    if pa.types.is_nested(kind):
        return written(column, _json)
    return written(column, str)


def written(column: pa.Array, how: Callable[[Any], str]) -> pa.Array:
    """The cells as texts."""
    return pa.array([None if cell is None else how(cell) for cell in column.to_pylist()], pa.string())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def texts(column: pa.Array) -> pa.Array:
    """Texts; what is no UTF-8 in them is replaced."""
    try:
        column.validate(full=True)
        return pc.cast(column, pa.string())
    except pa.ArrowInvalid:
        cells = column.cast(pa.binary(), safe=False).to_pylist()
        return pa.array([None if cell is None else cell.decode("utf-8", "replace") for cell in cells], pa.string())
