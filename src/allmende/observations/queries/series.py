"""Reads of observations. Callers have resolved the Datastream through `things`, and with it the right to read it."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa

from allmende.core.clock import town_zone
from allmende.observations.models import Holding
from allmende.observations.quality import UNUSABLE
from allmende.observations.steps import EQUAL, LONGEST_LIST, Step, TooManyBuckets, phase, starts
from allmende.observations.store.rows import Extent, Sample
from allmende.observations.stores import here
from allmende.observations.weighting import LONGEST_HOLD, weighted_means

_MOMENT = pa.timestamp("us", tz="UTC")


def latest(ids: Iterable[int]) -> dict[int, Sample]:
    """The newest Sample of each Datastream (by internal id); those without any are absent."""
    return here().latest(list(ids))


def extents(ids: Iterable[int]) -> dict[int, Extent]:
    """Count, first and last time of each Datastream (by internal id); those without observations are absent."""
    return here().extents(list(ids))


def series(
    datastream: int, begin: int | None, end: int | None, *, limit: int | None = None, descending: bool = False
) -> pa.Table:
    """Observations with begin <= time < end (µs UTC): time, value, quality, extra, in order of time."""
    return here().series(datastream, begin, end, limit=limit, descending=descending)


def series_batches(datastream: int, begin: int | None, end: int | None) -> Iterator[pa.RecordBatch]:
    """The same in batches, for downloads of any length."""
    return here().series_batches(datastream, begin, end)


def store_status() -> dict[str, Any]:
    """Facts on the store for the administrator and the status page."""
    return here().status()


def buckets(
    datastream: int,
    step: Step | str,
    begin: int,
    end: int,
    *,
    holding: str = Holding.INSTANT,
    zone: tzinfo | None = None,
) -> pa.Table:
    """Aggregates per bucket that has values: start, count, mean, minimum, maximum, sum, flagged, weighted_mean.

    Borders are those of the zone (default: the town's). Values flagged as out of range or as no value are left out and
    counted in `flagged`. weighted_mean is null unless holding is UNTIL_NEXT; then buckets without a value of their own
    appear too when a value held into them. Raises TooManyBuckets, ValueError for an unknown step.
    """
    step, zone = Step(step), zone or town_zone()
    if begin >= end:
        return _answer(here().buckets(datastream, 0, 0, [0]), None)
    if holding == Holding.UNTIL_NEXT:
        edges = starts(step, begin, end, zone)
        plain = here().buckets(datastream, begin, end, edges)
        return _answer(plain, _weighted(datastream, begin, end, edges))
    if step in EQUAL and (end - begin) // EQUAL[step] > LONGEST_LIST:
        raise TooManyBuckets(f"More than {LONGEST_LIST} buckets of one {step}; ask for a shorter range.")
    equal = (phase(step, zone, begin), EQUAL[step]) if step in EQUAL else None
    return _answer(here().buckets(datastream, begin, end, equal or starts(step, begin, end, zone)), None)


def _weighted(datastream: int, begin: int, end: int, edges: list[int]) -> pa.Table:
    """Columns start, weighted_mean for the buckets into which a value held."""
    rows = here().series(datastream, begin - LONGEST_HOLD, end)
    times = rows.column("time").cast(pa.int64()).to_numpy()
    values = rows.column("value").to_numpy().astype(np.float64)
    values = np.where(rows.column("quality").to_numpy() & UNUSABLE, np.nan, values)
    means = weighted_means(times, values, np.array([begin, *edges[1:], end], dtype=np.int64))
    known = ~np.isnan(means)
    return pa.table({"start": pa.array(np.array(edges)[known]), "weighted_mean": pa.array(means[known])})


def _answer(plain: pa.Table, weighted: pa.Table | None) -> pa.Table:
    if weighted is None:
        table = plain.append_column("weighted_mean", pa.nulls(plain.num_rows, pa.float64()))
    else:
        table = plain.join(weighted, "start", join_type="full outer").sort_by("start")
        zero = {name: table.column(name).fill_null(0) for name in ("count", "flagged")}
        for name, column in zero.items():
            table = table.set_column(table.column_names.index(name), name, column)
    start = table.column("start").cast(pa.timestamp("us")).cast(_MOMENT)
    return table.set_column(0, pa.field("start", _MOMENT), start)
