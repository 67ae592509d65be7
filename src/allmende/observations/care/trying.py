"""Trying a quality rule on history before it is switched on: how many values it would flag, and which."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from allmende.observations.care.flagging import Flags, Floats, Gap, Ints, Rules, flag_series, gaps
from allmende.observations.care.live import memory_of
from allmende.observations.quality import UNUSABLE, Quality
from allmende.observations.stores import here

EXAMPLES = 10


class Limits(NamedTuple):
    """What can be judged without the value before. low, high: the plausible range, None where it is open; sentinels:
    numbers that mean «no value»."""

    low: float | None = None
    high: float | None = None
    sentinels: tuple[float, ...] = ()


class Example(NamedTuple):
    """A value that would be flagged, with the one before it. Times in µs UTC."""

    time: int
    value: float
    before: float | None
    flags: int


class Trial(NamedTuple):
    """What a rule would have done. seen: values looked at; flagged: of those; examples: spread over the whole time;
    times, values, flags: all of them, for a chart, (seen,) each."""

    seen: int
    flagged: int
    examples: list[Example]
    times: Ints
    values: Floats
    flags: Flags

    @property
    def share(self) -> float:
        """Flagged of all values, 0 to 1."""
        return self.flagged / self.seen if self.seen else 0.0


class GapTrial(NamedTuple):
    """When a gap rule would have called: the gaps longer than `late`, oldest first, and how many beyond `silent`."""

    seen: int
    gaps: list[Gap]
    silent: int


def judge(values: Floats, missing: "np.ndarray[tuple[int], np.dtype[np.bool_]]", limits: Limits) -> Flags:
    """OUT_OF_RANGE and NO_VALUE per value, (n,). missing: where there is no number; nothing is said of those."""
    sentinel = np.isin(values, np.array(limits.sentinels)) & ~missing
    low = -np.inf if limits.low is None else limits.low
    high = np.inf if limits.high is None else limits.high
    outside = ((values < low) | (values > high)) & ~missing & ~sentinel
    return outside.astype(np.int32) * int(Quality.OUT_OF_RANGE) + sentinel.astype(np.int32) * int(Quality.NO_VALUE)


def try_limits(stream: int, limits: Limits, begin: int, end: int) -> Trial:
    """The plausible range and sentinels over begin <= time < end (µs UTC). Reads from the store."""
    times, values, _quality = numbers(here().series(stream, begin, end))
    return _trial(times, values, judge(values, np.zeros(len(values), dtype=bool), limits))


def try_rules(stream: int, rules: Rules, begin: int, end: int) -> Trial:
    """Jumps and stuck values over begin <= time < end, with what lay before; values that are out of range or missing
    today are left out. Reads from the store."""
    times, values, quality = numbers(here().series(stream, begin, end))
    good = quality & UNUSABLE == 0
    times, values = times[good], values[good]
    flags, _memory = flag_series(times, values, rules, memory_of(stream, rules, begin))
    return _trial(times, values, flags)


def try_gaps(stream: int, late: int, silent: int, begin: int, end: int) -> GapTrial:
    """Gaps of more than `late` seconds over begin <= time < end. Reads from the store."""
    times = here().series(stream, begin, end).column("time").cast(pa.int64()).to_numpy()
    found = gaps(times, late)
    return GapTrial(len(times), found, sum(gap.length > silent * 1_000_000 for gap in found))


def numbers(table: pa.Table) -> tuple[Ints, Floats, Flags]:
    """(times, values, quality) of the rows of a series that hold a number."""
    values = table.column("value").to_numpy().astype(np.float64)
    there = ~np.isnan(values)
    times = table.column("time").cast(pa.int64()).to_numpy()
    return times[there], values[there], table.column("quality").to_numpy()[there]


def _trial(times: Ints, values: Floats, flags: Flags) -> Trial:
    places = np.flatnonzero(flags)
    return Trial(len(times), len(places), list(_examples(places, times, values, flags)), times, values, flags)


def _examples(places: Ints, times: Ints, values: Floats, flags: Flags) -> Iterable[Example]:
    """At most EXAMPLES of them, the first and the last among them."""
    chosen = places
    if len(places) > EXAMPLES:
        chosen = places[np.linspace(0, len(places) - 1, EXAMPLES).astype(np.int64)]
    for place in chosen.tolist():
        before = float(values[place - 1]) if place else None
        yield Example(int(times[place]), float(values[place]), before, int(flags[place]))
