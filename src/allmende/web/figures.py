"""The numbers of one datastream over a range, as chart and table both show them: raw where few, buckets where many."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allmende.core.clock import town_zone
from allmende.observations.quality import UNUSABLE, words
from allmende.observations.queries import Step, buckets, series
from allmende.observations.steps import starts
from allmende.observations.weighting import LONGEST_HOLD, weighted_means
from allmende.web.quantities import is_amount
from allmende.web.ranges import Range

MOST_POINTS = 500  # more raw values than this are drawn as buckets
_HOLDS = "until_next"


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a time (raw), or over a bucket. Times in µs UTC; value None: a gap. end: of the bucket, else start."""

    start: int
    end: int
    value: float | None
    low: float | None = None
    high: float | None = None
    count: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """What a chart draws. step None: raw values; kind: what `value` is."""

    points: tuple[Point, ...]
    step: Step | None
    kind: str  # value | mean | weighted_mean | sum
    holding: str
    count: int
    flagged: int
    mean: float | None
    total: float | None

    @property
    def lowest(self) -> Point | None:
        """The point with the smallest value seen (of a bucket: its minimum)."""
        known = [point for point in self.points if _low(point) is not None]
        return min(known, key=lambda point: _low(point) or 0.0, default=None)

    @property
    def highest(self) -> Point | None:
        """The point with the largest value seen (of a bucket: its maximum)."""
        known = [point for point in self.points if _high(point) is not None]
        return max(known, key=lambda point: _high(point) or 0.0, default=None)


def _low(point: Point) -> float | None:
    return point.value if point.low is None else point.low


def _high(point: Point) -> float | None:
    return point.value if point.high is None else point.high


def load(stream_id: int, unit: str, holding: str, expected_interval: int | None, chosen: Range) -> Series:
    """Reads what suits the range; the caller has checked that the reader may see the datastream."""
    raw = series(stream_id, chosen.begin, chosen.end, limit=MOST_POINTS + 1)
    if raw.num_rows <= MOST_POINTS:
        return _raw(stream_id, raw, unit, holding, expected_interval, chosen)
    table = buckets(stream_id, chosen.step, chosen.begin, chosen.end, holding=holding)
    return _bucketed(table, unit, holding, chosen)


def _raw(
    stream_id: int, table: pa.Table, unit: str, holding: str, expected_interval: int | None, chosen: Range
) -> Series:
    times = pc.cast(table.column("time"), pa.int64()).to_pylist()
    qualities = table.column("quality").to_pylist()
    values = [
        None if quality & UNUSABLE else value
        for value, quality in zip(table.column("value").to_pylist(), qualities, strict=True)
    ]
    points = [
        Point(time, time, value, note=", ".join(words(quality)))
        for time, value, quality in zip(times, values, qualities, strict=True)
    ]
    known = [value for value in values if value is not None]
    if holding == _HOLDS:
        mean = _time_weighted(stream_id, times, values, chosen)
    else:
        mean = sum(known) / len(known) if known else None
    amount = is_amount(unit, holding)
    return Series(
        points=tuple(_with_gaps(points, _longest_rest(times, holding, expected_interval))),
        step=None,
        kind="value",
        holding=holding,
        count=len(known),
        flagged=len(values) - len(known),
        mean=mean,
        total=sum(known) if amount else None,
    )


def _time_weighted(stream_id: int, times: list[int], values: list[float | None], chosen: Range) -> float | None:
    """The mean of a series whose values hold until the next one, with the value that held at the beginning."""
    before = series(stream_id, chosen.begin - LONGEST_HOLD, chosen.begin, limit=1, descending=True)
    earlier = [] if before.num_rows == 0 else [pc.cast(before.column("time"), pa.int64())[0].as_py()]
    carried = [] if before.num_rows == 0 else before.column("value").to_pylist()
    all_times = np.array([*earlier, *times], dtype=np.int64)
    all_values = np.array([np.nan if value is None else value for value in (*carried, *values)], dtype=np.float64)
    if not len(all_times):
        return None
    mean = float(weighted_means(all_times, all_values, np.array([chosen.begin, chosen.end], dtype=np.int64))[0])
    return None if np.isnan(mean) else mean


def _longest_rest(times: list[int], holding: str, expected_interval: int | None) -> int:
    """How far apart two values may lie before the line between them would claim what nobody measured (µs)."""
    if holding == _HOLDS:
        return LONGEST_HOLD
    if expected_interval:
        return 3 * expected_interval * 1_000_000
    rests = [later - earlier for earlier, later in pairwise(times)]
    return int(5 * median(rests)) if rests else LONGEST_HOLD


def _with_gaps(points: list[Point], longest: int) -> Iterator[Point]:
    """The points with an empty one wherever the rest between two is too long, so that no line is drawn across."""
    for earlier, later in zip([None, *points], points, strict=False):
        if earlier is not None and later.start - earlier.start > longest:
            yield Point(earlier.start + longest, earlier.start + longest, None, count=0)
        yield later


def _bucketed(table: pa.Table, unit: str, holding: str, chosen: Range) -> Series:
    kind = "sum" if is_amount(unit, holding) else "weighted_mean" if holding == _HOLDS else "mean"
    columns = {
        name: table.column(name).to_pylist() for name in ("count", "mean", "minimum", "maximum", "sum", "flagged")
    }
    starts = pc.cast(table.column("start"), pa.int64()).to_pylist()
    values = table.column(kind).to_pylist()
    rows = {
        start: (value, columns["minimum"][place], columns["maximum"][place], columns["count"][place])
        for place, (start, value) in enumerate(zip(starts, values, strict=True))
    }
    points = tuple(_fill(rows, kind, chosen))
    count = sum(columns["count"])
    total = sum(value for value in columns["sum"] if value is not None)
    if kind == "weighted_mean":
        held = [(point.value, point.end - point.start) for point in points if point.value is not None]
        mean = sum(value * length for value, length in held) / sum(length for _, length in held) if held else None
    else:
        mean = total / count if count else None
    return Series(
        points=points,
        step=chosen.step,
        kind=kind,
        holding=holding,
        count=count,
        flagged=sum(columns["flagged"]),
        mean=mean,
        total=total if kind == "sum" else None,
    )


def _fill(
    rows: dict[int, tuple[float | None, float | None, float | None, int]], kind: str, chosen: Range
) -> Iterator[Point]:
    """Every bucket of the range, also those without values: gaps are gaps."""
    borders = [*starts(chosen.step, chosen.begin, chosen.end, town_zone()), chosen.end]
    for start, end in pairwise(borders):
        value, low, high, count = rows.get(start, (None, None, None, 0))
        band = (None, None) if kind == "sum" else (low, high)
        yield Point(start, end, value, *band, count=count)
