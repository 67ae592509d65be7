"""Time-weighted means of series whose value holds until the next one. Pure functions on NumPy arrays."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A value is carried forward for a day at most: longer silence is a collector that is down, not a value that holds.
LONGEST_HOLD = 86_400 * 1_000_000


def weighted_means(times: Ints, values: Floats, edges: Ints, longest: int = LONGEST_HOLD) -> Floats:
    """Mean over each [edges[i], edges[i+1]), every value weighted by how long it held; NaN where nothing held.

    times: (n,) µs, rising; values: (n,), NaN ends the value before it and holds nothing; edges: (m + 1,) µs, rising.
    Returns (m,). A value before the first edge counts for as long as it reaches into the range.
    """
    if len(times) == 0:
        return np.full(max(len(edges) - 1, 0), np.nan)
    until = np.append(times[1:], edges[-1] if edges[-1] > times[-1] else times[-1])
    held = np.minimum(until - times, longest).astype(np.float64)
    held[np.isnan(values)] = 0.0
    filled = np.nan_to_num(values, nan=0.0)
    sums = np.concatenate(([0.0], np.cumsum(held * filled)))
    spans = np.concatenate(([0.0], np.cumsum(held)))
    place = np.searchsorted(times, edges, side="right") - 1
    inside = np.clip(place, 0, None)
    part = np.clip(np.minimum((edges - times[inside]).astype(np.float64), held[inside]), 0.0, None)
    before = place < 0
    total = np.where(before, 0.0, sums[inside] + part * filled[inside])
    covered = np.where(before, 0.0, spans[inside] + part)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.diff(total) / np.where(np.diff(covered) > 0, np.diff(covered), np.nan)
