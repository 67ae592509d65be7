"""Ids of SensorThings entities. Most are the public codes; an Observation's is made of where it is stored.

`obs-7k3m9q2x4b-6d23ae94b8000` is the observation of the datastream `dst-7k3m9q2x4b` whose phenomenon time begins so
many microseconds (hexadecimal) after the year 1700; a third part tells observations of the same time apart.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from allmende.core.clock import MAX_US, MIN_US

_PATTERN = re.compile(r"obs-([0-9a-z]{1,36})-([0-9a-f]{1,16})(?:-([0-9]{1,5}))?")
_STREAM = "dst-"


class ObservationKey(NamedTuple):
    """The code of the (Multi)Datastream, the begin of the phenomenon time (µs UTC), and the rank within it."""

    stream: str
    time: int
    rank: int


def observation_id(stream: str, time: int, rank: int) -> str:
    """The id of an Observation."""
    return f"obs-{stream[4:]}-{time - MIN_US:x}" + (f"-{rank}" if rank else "")


def first_ids(stream: str, times: Iterable[int]) -> list[str]:
    """The ids of Observations of a (Multi)Datastream that are the first of their times."""
    begin = f"obs-{stream[4:]}-"
    return [f"{begin}{time - MIN_US:x}" for time in times]


def observation_key(id_: str | int | None) -> ObservationKey | None:
    """What an id says; None for what cannot be an Observation's id."""
    match = _PATTERN.fullmatch(id_) if isinstance(id_, str) else None
    if match is None:
        return None
    time, rank = int(match[2], 16) + MIN_US, int(match[3] or 0)
    key = ObservationKey(_STREAM + match[1], time, rank)
    # One observation has one id: leading zeros and a rank of 0 that is written out are none.
    return key if time <= MAX_US and rank <= 65_535 and observation_id(*key) == id_ else None
