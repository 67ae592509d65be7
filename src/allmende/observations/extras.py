"""What an observation carries beyond time and number, as the JSON text that the store keeps beside it.

The parameters stand in it under their own names; what SensorThings knows besides (18-088 § 8.2.7) under names that
begin with @ and are as short as they can be, because they are stored with every row.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from allmende.observations.store.terms import (
    FEATURE,
    FINISH,
    ORIGIN,
    RESERVED,
    RESULT,
    RESULT_QUALITY,
    RESULT_TIME,
    VALID_TIME,
)

__all__ = [
    "NOTHING",
    "RESERVED",
    "RESULT",
    "RESULT_QUALITY",
    "Extra",
    "ReservedName",
    "id_key",
    "pack",
    "parameters_of",
    "unpack",
]


class Extra(Struct, frozen=True):
    """finish: the end of a phenomenon time that is an interval, µs UTC; result_time: µs UTC; result: where it is not a
    number; result_quality: any JSON; valid_time: (begin, end) µs UTC; feature: internal number of the feature of
    interest, None for the Datastream's own; origin: (time, rank) that the observation's id is made of, where its time
    was corrected since."""

    finish: int | None = None
    result_time: int | None = None
    result: Any | UnsetType = UNSET
    result_quality: Any = None
    valid_time: tuple[int, int] | None = None
    feature: int | None = None
    parameters: dict[str, Any] | None = None
    origin: tuple[int, int] | None = None

    def said(self) -> "Extra":
        """What the sender said: all of it without what the service keeps for itself."""
        return self.made_of(None)

    def made_of(self, origin: tuple[int, int] | None) -> "Extra":
        """The same with this key in its id."""
        return msgspec.structs.replace(self, origin=origin) if origin != self.origin else self


NOTHING = Extra()
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class ReservedName(ValueError):
    """A parameter has a name that the store keeps for itself."""


def pack(extra: Extra) -> str | None:
    """The JSON text to keep, None where there is nothing. Raises ReservedName."""
    kept = dict(extra.parameters or {})
    if taken := RESERVED & kept.keys():
        raise ReservedName(f"A parameter cannot be named {', '.join(sorted(taken))}.")
    if extra.finish is not None:
        kept[FINISH] = extra.finish
    if extra.result_time is not None:
        kept[RESULT_TIME] = extra.result_time
    if extra.result is not UNSET:
        kept[RESULT] = extra.result
    if extra.result_quality is not None:
        kept[RESULT_QUALITY] = extra.result_quality
    if extra.valid_time is not None:
        kept[VALID_TIME] = extra.valid_time
    if extra.feature is not None:
        kept[FEATURE] = extra.feature
    if extra.origin is not None:
        kept[ORIGIN] = extra.origin
    return _encode(kept).decode() if kept else None


def unpack(text: str | None) -> Extra:
    """What `pack` was given."""
    if not text:
        return NOTHING
    kept = _decode(text)
    valid = kept.pop(VALID_TIME, None)
    origin = kept.pop(ORIGIN, None)
    return Extra(
        finish=kept.pop(FINISH, None),
        result_time=kept.pop(RESULT_TIME, None),
        result=kept.pop(RESULT, UNSET),
        result_quality=kept.pop(RESULT_QUALITY, None),
        valid_time=tuple(valid) if valid else None,
        feature=kept.pop(FEATURE, None),
        origin=tuple(origin) if origin else None,
        parameters=kept or None,
    )


_MOVED = f'"{ORIGIN}":['


def id_key(time: int, rank: int, text: str | None) -> tuple[int, int]:
    """The key that the id of an observation is made of: its own, unless its time was corrected since."""
    if text is None or _MOVED not in text:
        return time, rank
    return unpack(text).origin or (time, rank)


def parameters_of(text: str) -> dict[str, Any]:
    """The parameters alone, for faces that know nothing of the rest."""
    kept = _decode(text)
    return {name: value for name, value in kept.items() if name not in RESERVED} if "@" in text else kept
