"""Observations as SensorThings sends them: any result, a feature of interest, an identity of their own (§ 8.2.7)."""

from collections.abc import Mapping, Sequence
from time import time_ns
from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from allmende.observations.care.live import live
from allmende.observations.extras import Extra, ReservedName, pack
from allmende.observations.quality import Quality
from allmende.observations.services import features
from allmende.observations.services.keeping import Entry, Kept
from allmende.observations.streams import StreamInfo, book

_RANGE, _NONE = int(Quality.OUT_OF_RANGE), int(Quality.NO_VALUE)
_EXACT = 2**53  # beyond it a float does not hold every whole number


class Sent(Struct, frozen=True):
    """What a client says of an observation. time: begin of the phenomenon time, µs UTC, None for now; result: any JSON;
    extra: all the rest but the result and the feature; feature: internal number of the feature that is named."""

    time: int | None
    result: Any
    extra: Extra | None = None
    feature: int | None = None

    def about(self, feature: int) -> "Sent":
        """The same about that feature."""
        return structs.replace(self, feature=feature)


class WrongResult(ValueError):
    """The result does not fit the Datastream."""


class NoFeature(ValueError):
    """The observation names no feature of interest, and there is no Location to make one of (§ 10.2, Table 24)."""

    def __init__(self) -> None:
        super().__init__(
            "The observation names no FeatureOfInterest, and its Thing has no Location from which one could be made."
        )


class _Clock:
    """The service's clock for observations without a time: no two get the same."""

    last = 0

    @classmethod
    def now(cls) -> int:
        cls.last = max(time_ns() // 1000, cls.last + 1)
        return cls.last


def judged(info: StreamInfo, result: Any) -> tuple[float | None, int, Any | UnsetType]:
    """(value, quality, what of the result the value does not hold). Raises WrongResult."""
    if info.parts:
        if type(result) is not list or len(result) != info.parts:
            raise WrongResult(f"A result in this MultiDatastream is a list of {info.parts}.")
        return None, 0, result
    kind = type(result)
    if kind is not float and kind is not int:
        return None, _NONE if result is None else 0, UNSET if result is None else result
    try:
        value = float(result)
    except OverflowError:
        return None, 0, result
    rest = result if kind is int and not -_EXACT <= result <= _EXACT else UNSET
    if value in info.sentinels:
        return None, _NONE, UNSET
    return value, 0 if info.low <= value <= info.high else _RANGE, rest


def entry(info: StreamInfo, sent: Sent) -> Entry:
    """The observation as it is to be kept. Raises WrongResult, NoFeature, ReservedName."""
    value, quality, rest = judged(info, sent.result)
    if sent.feature is None and info.feature is None and info.place is None:
        raise NoFeature
    time = _Clock.now() if sent.time is None else sent.time
    if value is not None and not quality and info.id in live.known:
        quality = live.flag(info.id, time, value)
    if sent.extra is None and sent.feature is None and rest is UNSET:
        return Entry(info, time, value, quality, info.extra)
    about = feature_of(info, sent.feature)
    extra = structs.replace(sent.extra or Extra(), result=rest, feature=about)
    return Entry(info, time, value, quality, pack(extra))


def feature_of(info: StreamInfo, named: int | None) -> int | None:
    """What an observation has to name so that it is about that feature, or, with None, about where its Thing is now."""
    about = info.place if named is None else named
    return None if about == info.feature else about


def ready(info: StreamInfo, sent: Sent) -> bool:
    """Whether nothing has to be made or noted in the database for this observation."""
    if sent.feature is None:
        return not info.due
    return sent.feature == info.feature or features.noted(info.id, sent.feature)


def prepare(sent: Sequence[tuple[StreamInfo, Sent]]) -> Mapping[str, StreamInfo]:
    """Makes and notes what these observations are about; returns the Datastreams as they are then. Blocks."""
    make_about(sent)
    return book.load({info.code for info, _ in sent})


def make_about(sent: Sequence[tuple[StreamInfo, Sent]]) -> None:
    """The same within a transaction that may yet fail."""
    features.settle({info.code: info for info, one in sent if one.feature is None}.values())
    pairs = [(info.id, one.feature) for info, one in sent if one.feature not in (None, info.feature)]
    features.note([(stream, feature) for stream, feature in pairs if feature is not None])


__all__ = [
    "Entry",
    "Kept",
    "NoFeature",
    "ReservedName",
    "Sent",
    "WrongResult",
    "entry",
    "feature_of",
    "judged",
    "make_about",
    "prepare",
    "ready",
]
