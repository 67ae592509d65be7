"""Chance that can be asked again: numbers that follow from a key and a time, not from what was asked before."""

from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Seconds = npt.NDArray[np.int64]

HOUR, DAY = 3600, 86_400


def key_of(seed: int, *names: str) -> int:
    """A key of its own for each name under a seed."""
    return (seed << 32) ^ crc32("/".join(names).encode())


def hashed(key: int, places: npt.NDArray[np.int64]) -> Floats:
    """Evenly spread numbers in [0, 1) for whole numbers, (n,): splitmix64 (Steele, Lea, Flood 2014)."""
    with np.errstate(over="ignore"):
        z = places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) / 2.0**64


def normal(key: int, places: npt.NDArray[np.int64]) -> Floats:
    """Numbers spread like a bell with mean 0 and deviation 1 (the sum of four even ones), none beyond 3.5."""
    four = sum(hashed(key + part * 0x632BE5AB, places) for part in range(4))
    return np.asarray((four - 2.0) * np.sqrt(3.0))


def smooth(key: int, times: Seconds, period: float) -> Floats:
    """A curve through time that changes its mind about every period (seconds); mean 0, deviation a little under 1."""
    place = times / period
    first = int(np.floor(place[0]))
    knots = normal(key, np.arange(first, int(np.floor(place[-1])) + 2))
    index = np.floor(place).astype(np.int64) - first
    part = place - np.floor(place)
    part = part * part * (3 - 2 * part)
    return knots[index] * (1 - part) + knots[index + 1] * part
