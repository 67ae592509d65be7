"""What the order of times and values tells: how often a series reports, and whether it reports only changes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allmende.catalogue.loaders.said import Said

_STEPS = 50  # so many steps of the smallest size are needed before their company says anything
_EQUAL = 0.1  # equal neighbours, as a share of steps of one: about 0.5 where every value is reported
_STEADY = 0.8  # share of intervals of the usual length


@dataclass(frozen=True, slots=True)
class Rhythm:
    """interval: seconds between values where that is steady; why_interval, why_holding: evidence."""

    holding: str
    interval: int | None
    why_holding: Said
    why_interval: Said


def rhythm_of(series: npt.NDArray[np.int32], utc: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> Rhythm:
    """The rhythm of one value column. series, utc, values: (n,) in the order of the file, without gaps or sentinels."""
    order = np.lexsort((utc, series))
    same = np.diff(series[order]) == 0
    gaps = np.rint(np.diff(utc[order])[same] / 1_000_000).astype(np.int64)
    steps = np.abs(np.diff(values[order])[same])
    interval, share = _usual(gaps[gaps > 0])
    steady = interval is not None and share >= _STEADY
    percent = round(100 * share)
    why_interval = Said.of("interval_steady" if steady else "interval_loose", seconds=interval or 0, share=percent)
    equal, ones = _equal_and_ones(steps)
    kept = interval if steady else None
    if ones >= _STEPS and equal < _EQUAL * ones and share < 0.95:
        return Rhythm("until_next", kept, Said.of("holding_changes", equal=equal, ones=ones), why_interval)
    return Rhythm("instant", kept, Said.of("holding_all", equal=equal, pairs=len(steps)), why_interval)


def _usual(gaps: npt.NDArray[np.int64]) -> tuple[int | None, float]:
    """(the commonest interval in seconds, its share); a second more or less is the same."""
    if not len(gaps):
        return None, 0.0
    found, counts = np.unique(gaps, return_counts=True)
    usual = int(found[np.argmax(counts)])
    near = counts[np.abs(found - usual) <= max(1, usual // 100)].sum()
    return usual, float(near / len(gaps))


def _equal_and_ones(steps: npt.NDArray[np.float64]) -> tuple[int, int]:
    """How many neighbours are equal, and how many lie one smallest step apart."""
    moved = steps[steps > 1e-12]
    if not len(moved):
        return len(steps), 0
    smallest = moved.min()
    return int(len(steps) - len(moved)), int(np.count_nonzero(moved < 1.5 * smallest))
