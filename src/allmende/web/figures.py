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
    if is_amount(unit, holding):
        return _bucketed(stream_id, "sum", chosen.sum_step, holding, chosen)
    raw = series(stream_id, chosen.begin, chosen.end, limit=MOST_POINTS + 1)
    if raw.num_rows <= MOST_POINTS:
        return _raw(stream_id, raw, holding, expected_interval, chosen)
    kind = "weighted_mean" if holding == _HOLDS else "mean"
    return _bucketed(stream_id, kind, chosen.step, holding, chosen)


def _raw(stream_id: int, table: pa.Table, holding: str, expected_interval: int | None, chosen: Range) -> Series:
    points = _points(table)
    known = [point.value for point in points if point.value is not None]
    count, flagged = len(known), len(points) - len(known)
    mean = sum(known) / len(known) if known else None
    if holding == _HOLDS:
        points = _held(stream_id, points, chosen)
        mean = _time_weighted(points, chosen)
    return Series(
        points=tuple(_with_gaps(points, _longest_rest(points, holding, expected_interval))),
        step=None,
        kind="value",
        holding=holding,
        count=count,
        flagged=flagged,
        mean=mean,
        total=None,
    )


def _points(table: pa.Table) -> list[Point]:
    """Raw rows as points; a value that is not usable is a gap with a note."""
    times = pc.cast(table.column("time"), pa.int64()).to_pylist()
    values, qualities = table.column("value").to_pylist(), table.column("quality").to_pylist()
    return [
        Point(time, time, None if quality & UNUSABLE else value, note=", ".join(words(quality)))
        for time, value, quality in zip(times, values, qualities, strict=True)
    ]


def _held(stream_id: int, points: list[Point], chosen: Range) -> list[Point]:
    """The points with the value that held at the beginning of the range, and the last one held on to its end.

    What is added was not reported in the range: its count is 0, so that the table leaves it out.
    """
    before = _points(series(stream_id, chosen.begin - LONGEST_HOLD, chosen.begin, limit=1, descending=True))
    carried = [Point(chosen.begin, chosen.begin, before[0].value, count=0)] if before else []
    found = [*carried, *points]
    if found and found[-1].value is not None:
        last = found[-1]
        until = min(chosen.end, last.start + LONGEST_HOLD)
        found.append(Point(until, until, last.value, count=0))
    return found


def _time_weighted(points: list[Point], chosen: Range) -> float | None:
    """The mean of a series whose values hold until the next one."""
    times = np.array([point.start for point in points], dtype=np.int64)
    values = np.array([np.nan if point.value is None else point.value for point in points], dtype=np.float64)
    mean = float(weighted_means(times, values, np.array([chosen.begin, chosen.end], dtype=np.int64))[0])
    return None if np.isnan(mean) else mean


def _longest_rest(points: list[Point], holding: str, expected_interval: int | None) -> int:
    """How far apart two values may lie before the line between them would claim what nobody measured (µs)."""
    if holding == _HOLDS:
        return LONGEST_HOLD
    if expected_interval:
        return 3 * expected_interval * 1_000_000
    rests = [later.start - earlier.start for earlier, later in pairwise(points)]
    return int(5 * median(rests)) if rests else LONGEST_HOLD


def _with_gaps(points: list[Point], longest: int) -> Iterator[Point]:
    """The points with an empty one wherever the rest between two is too long, so that no line is drawn across."""
    for earlier, later in zip([None, *points], points, strict=False):
        if earlier is not None and later.start - earlier.start > longest:
            yield Point(earlier.start + longest, earlier.start + longest, None, count=0)
        yield later


def _bucketed(stream_id: int, kind: str, step: Step, holding: str, chosen: Range) -> Series:
    table = buckets(stream_id, step, chosen.begin, chosen.end, holding=holding)
    columns = {
        name: table.column(name).to_pylist() for name in ("count", "mean", "minimum", "maximum", "sum", "flagged")
    }
    starts = pc.cast(table.column("start"), pa.int64()).to_pylist()
    values = table.column(kind).to_pylist()
    rows = {
        start: (value, columns["minimum"][place], columns["maximum"][place], columns["count"][place])
        for place, (start, value) in enumerate(zip(starts, values, strict=True))
    }
    points = tuple(_fill(rows, kind, step, chosen))
    count = sum(columns["count"])
    total = sum(value for value in columns["sum"] if value is not None)
    if kind == "weighted_mean":
        held = [(point.value, point.end - point.start) for point in points if point.value is not None]
        mean = sum(value * length for value, length in held) / sum(length for _, length in held) if held else None
    else:
        mean = total / count if count else None
    return Series(
        points=points,
        step=step,
        kind=kind,
        holding=holding,
        count=count,
        flagged=sum(columns["flagged"]),
        mean=mean,
        total=total if kind == "sum" else None,
    )


def _fill(
    rows: dict[int, tuple[float | None, float | None, float | None, int]], kind: str, step: Step, chosen: Range
) -> Iterator[Point]:
    """Every bucket of the range, also those without values: gaps are gaps."""
    borders = [*starts(step, chosen.begin, chosen.end, town_zone()), chosen.end]
    for start, end in pairwise(borders):
        value, low, high, count = rows.get(start, (None, None, None, 0))
        band = (None, None) if kind == "sum" else (low, high)
        yield Point(start, end, value, *band, count=count)
