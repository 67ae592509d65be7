"""Large batches as Arrow tables, checked column by column; the same rules as `checking`, row for row."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.accounts.actors import Actor
from allmende.core.clock import MAX_US, MIN_US
from allmende.observations.care.live import live
from allmende.observations.quality import Quality
from allmende.observations.services.checking import Checked, settled, several_words
from allmende.observations.store.rows import ROWS
from allmende.observations.streams import StreamInfo, book

Mask = npt.NDArray[np.bool_]


class WrongColumns(Exception):
    """The table does not have the columns datastream, time and value in types that can be read."""


def check_table(actor: Actor, table: pa.Table) -> tuple[pa.Table, Checked]:
    """(rows that can be kept, schema ROWS; the receipt so far). table: datastream, time, value; other columns ignored.

    time: timestamp with a zone (a timestamp without one is refused: nobody should guess); value: any number.
    Blocks: may ask the database for Datastreams. Raises WrongColumns.
    """
    codes, index = _streams(table)
    times, values, missing = _times(table), *_values(table)
    streams = settled(actor, codes)
    mine = book.writable(actor, codes, streams)
    infos = [mine.get(code) for code in codes]
    checked = Checked()
    usable = _refuse_rows(checked, codes, infos, streams, index, times, values, missing)
    quality, missing = _quality(infos, index, values, missing)
    ids = np.array([info.id if info else -1 for info in infos] or [0], dtype=np.int32)
    if not live.known.keys().isdisjoint(ids.tolist()):
        quality |= live.flag_rows(ids[index].astype(np.int64), times, values, usable & (quality == 0))
    rows = pa.Table.from_arrays(
        [
            pa.array(ids[index]),
            pa.array(times),
            pa.array(values, mask=missing),
            pa.array(quality),
            _extras(infos, index),
            pa.array(np.zeros(len(times), dtype=np.uint16)),
        ],
        schema=ROWS,
    )
    if not usable.all():
        rows, quality = rows.filter(pa.array(usable)), quality[usable]
    checked.receipt.accepted = rows.num_rows
    checked.receipt.flagged = int(np.count_nonzero(quality))
    return rows, checked


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise WrongColumns(f"The table has no column «{name}»; it needs datastream, time and value.")
    return table.column(name)


def _streams(table: pa.Table) -> tuple[list[str], npt.NDArray[np.int64]]:
    """(distinct codes, per row the place of its code)."""
    column = _column(table, "datastream")
    if not (pa.types.is_dictionary(column.type) or _is_text(column.type)):
        raise WrongColumns(f"The column «datastream» is {column.type}; it needs to be text.")
    if pa.types.is_dictionary(column.type) and not _is_text(column.type.value_type):
        raise WrongColumns(f"The column «datastream» is {column.type}; it needs to be text.")
    if column.null_count:
        column = pc.fill_null(column.cast(pa.string()), "")
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        if not whole.num_chunks:
            return [], np.empty(0, dtype=np.int64)
        whole = pa.concat_arrays(whole.chunks)
    return whole.dictionary.to_pylist(), whole.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _times(table: pa.Table) -> npt.NDArray[np.int64]:
    column = _column(table, "time")
    if not pa.types.is_timestamp(column.type):
        raise WrongColumns(f"The column «time» is {column.type}; it needs to be a timestamp with a time zone.")
    if column.type.tz is None:
        raise WrongColumns("The column «time» has no time zone; say which, for example UTC.")
    if column.null_count:
        raise WrongColumns("The column «time» has rows without a time.")
    cast = pc.cast(column, pa.timestamp("us", tz=column.type.tz), safe=False)
    return cast.cast(pa.int64()).to_numpy()


def _values(table: pa.Table) -> tuple[npt.NDArray[np.float64], Mask]:
    """(values, where there is none)."""
    column = _column(table, "value")
    kind = column.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        raise WrongColumns(f"The column «value» is {kind}; it needs to be numbers.")
    numbers = column.cast(pa.float64(), safe=False)
    missing = numbers.is_null().to_numpy() if numbers.null_count else np.zeros(len(numbers), dtype=bool)
    return numbers.fill_null(0.0).to_numpy(), missing


def _refuse_rows(
    checked: Checked,
    codes: list[str],
    infos: list[StreamInfo | None],
    streams: Mapping[str, StreamInfo],
    index: npt.NDArray[np.int64],
    times: npt.NDArray[np.int64],
    values: npt.NDArray[np.float64],
    missing: Mask,
) -> Mask:
    """Notes every row that cannot be kept; returns which can."""
    no_stream = np.array([info is None for info in infos] or [True])[index]
    several = np.array([info is not None and info.parts > 0 for info in infos] or [False])[index]
    no_time = (times < MIN_US) | (times > MAX_US)
    no_number = ~(np.isfinite(values) | missing)
    bad = no_stream | several | no_time | no_number
    for row in np.flatnonzero(bad)[:100].tolist():
        code = codes[index[row]]
        if no_stream[row]:
            known = code in streams
            words = f"You may not write to the datastream {code}." if known else f"There is no datastream {code}."
            checked.refuse(row, "datastream", "not_allowed" if known else "unknown_datastream", words)
        elif several[row]:
            checked.refuse(row, "datastream", "multi_datastream", several_words(infos[index[row]]))
        elif no_time[row]:
            checked.refuse(row, "time", "time_out_of_range", "The time lies outside the years 1700 to 2200.")
        else:
            words = "The value is not a finite number; leave it empty where there is no value."
            checked.refuse(row, "value", "not_finite", words)
    checked.receipt.refused_total = int(np.count_nonzero(bad))
    return ~bad


def _extras(infos: list[StreamInfo | None], index: npt.NDArray[np.int64]) -> pa.Array:
    """What every row of a Datastream carries: the feature of where its Thing is now, if it has moved."""
    own = [info.extra if info else None for info in infos]
    if not any(own):
        return pa.nulls(len(index), pa.string())
    return pa.array(own, pa.string()).take(pa.array(index))


def _quality(
    infos: list[StreamInfo | None],
    index: npt.NDArray[np.int64],
    values: npt.NDArray[np.float64],
    missing: Mask,
) -> tuple[npt.NDArray[np.int32], Mask]:
    """(flags per row, where there is no value after sentinels were taken out)."""
    sentinels = frozenset[float]().union(*(info.sentinels for info in infos if info))
    if sentinels:
        # Few rows hold a number that is a sentinel anywhere; only those are looked at one by one.
        rows = np.flatnonzero(np.isin(values, np.array(sorted(sentinels))) & ~missing)
        missing = missing.copy()
        missing[[row for row in rows.tolist() if _is_sentinel(infos[index[row]], values[row])]] = True
    low = np.array([info.low if info else 0.0 for info in infos] or [0.0])
    high = np.array([info.high if info else 0.0 for info in infos] or [0.0])
    outside = ((values < low[index]) | (values > high[index])) & ~missing
    quality = outside.astype(np.int32) * int(Quality.OUT_OF_RANGE) + missing.astype(np.int32) * int(Quality.NO_VALUE)
    return quality, missing


def _is_sentinel(info: StreamInfo | None, value: float) -> bool:
    return info is not None and value in info.sentinels
