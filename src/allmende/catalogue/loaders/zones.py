"""Local times to UTC, with the hour that the clock skips in spring and the hour that it shows twice in autumn."""

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Instants = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

OWN_OFFSET = "offset"  # each time carries its own
_FIXED = re.compile(r"([+-])(\d\d):(\d\d)")
_TINY = 1_000_000  # µs; between «last before the gap» and «first after it» pyarrow leaves one unit


class Placed(NamedTuple):
    """utc: (n,) µs; gap: the clock never showed this; twice: it showed it twice, then utc is the earlier;
    later: how many µs later the second time was."""

    utc: Instants
    gap: Mask
    twice: Mask
    later: Instants


def to_utc(local: Instants, zone: str) -> Placed:
    """Clock readings in µs since 1970 as if they were UTC. zone: IANA name, `UTC`, or a fixed offset such as +01:00."""
    none = np.zeros(len(local), dtype=bool)
    zeros = np.zeros(len(local), dtype=np.int64)
    if zone in ("UTC", OWN_OFFSET):
        return Placed(local, none, none, zeros)
    if fixed := _FIXED.fullmatch(zone):
        sign, hours, minutes = fixed.groups()
        offset = (int(hours) * 60 + int(minutes)) * 60_000_000 * (1 if sign == "+" else -1)
        return Placed(local - offset, none, none, zeros)
    naive = pa.array(local, pa.timestamp("us"))
    try:
        return Placed(_assumed(naive, zone, "raise"), none, none, zeros)
    except pa.ArrowInvalid:
        pass  # some of them lie where the clock was changed
    early, late = _assumed(naive, zone, "earliest"), _assumed(naive, zone, "latest")
    apart = late - early
    gap = (apart > 0) & (apart < _TINY)
    return Placed(early, gap, apart >= _TINY, apart)


def standard_offset(zone: str) -> str:
    """The zone's offset in winter, such as +01:00: what devices keep that never change their clock."""
    january, july = _offset(zone, "2025-01-15"), _offset(zone, "2025-07-15")
    minutes = min(january, july)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _offset(zone: str, day: str) -> int:
    noon = int(np.datetime64(day, "us").astype(np.int64))
    utc = int(to_utc(np.array([noon]), zone).utc[0])
    return (noon - utc) // 60_000_000


def _assumed(naive: pa.Array, zone: str, which: str) -> Instants:
    placed = pc.assume_timezone(naive, zone, ambiguous=which, nonexistent=which)
    return placed.cast(pa.int64()).to_numpy()
