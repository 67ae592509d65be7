"""The Hilbert curve: an order in which places that are near each other mostly stand near each other."""

import numpy as np
import numpy.typing as npt

_ORDER = 16  # 2¹⁶ cells on each side of the layer's box
Box = tuple[float, float, float, float]
Floats = npt.NDArray[np.float64]


def along(lon: Floats, lat: Floats, box: Box) -> npt.NDArray[np.int64]:
    """(n,) places on the curve over the box (west, south, east, north); -1 where there is no position."""
    there = ~(np.isnan(lon) | np.isnan(lat))
    west, south, east, north = box
    side = (1 << _ORDER) - 1
    x = _cell(np.where(there, lon, west), west, east, side)
    y = _cell(np.where(there, lat, south), south, north, side)
    distance = np.zeros(len(lon), dtype=np.int64)
    step = 1 << (_ORDER - 1)
    while step:
        right, up = (x & step) > 0, (y & step) > 0
        distance += step * step * ((3 * right.astype(np.int64)) ^ up.astype(np.int64))
        turned = ~up
        flipped = turned & right
        x, y = np.where(flipped, side - x, x), np.where(flipped, side - y, y)
        x, y = np.where(turned, y, x), np.where(turned, x, y)
        step >>= 1
    return np.where(there, distance, -1)


def _cell(values: Floats, low: float, high: float, side: int) -> npt.NDArray[np.int64]:
    share = (values - low) / (high - low) if high > low else np.zeros(len(values))
    return np.clip(share * side, 0, side).astype(np.int64)
