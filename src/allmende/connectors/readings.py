"""What goes through a connector: a message as it came, and the readings that a decoder finds in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from allmende.core.said import Said, SaidError

MOST_READINGS = 20_000  # of one message; whoever sends more sends a file


class Unmapped(SaidError, ValueError):
    """The message cannot be used; the text says where and why."""


class Message(NamedTuple):
    """One message. topic: where it was said (an MQTT topic, or empty); arrival: µs UTC, also when it is replayed."""

    payload: bytes
    topic: str
    arrival: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A Datastream to be made, with its Thing. The texts are {de, en}; point: (longitude, latitude) or None."""

    thing_key: str
    thing_name: dict[str, str] | str
    name: dict[str, str]
    definition: str
    property_name: dict[str, str]
    unit: str = ""
    holding: str = "instant"
    minimum: float | None = None
    maximum: float | None = None
    sentinels: tuple[float, ...] = ()
    expected_interval: int | None = None
    point: tuple[float, float] | None = None
    thing_properties: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)


class Maker(Protocol):
    """Knows how a Datastream that is not there yet is to be made."""

    def wanted(self, reading: "Reading") -> Wanted | None:
        """None: it is not to be made; an unknown key is then a fault."""


class Reading(NamedTuple):
    """One value. key: external key of its Datastream; time: µs UTC; names: what topic and message say of the device."""

    key: str
    time: int
    value: float | None
    maker: Maker
    names: Mapping[str, str]
    point: tuple[float, float] | None = None


class Decoded(NamedTuple):
    """What a message held. problems: of records that could not be read while others could."""

    readings: list[Reading]
    problems: tuple[Said, ...] = ()


class Decoder(Protocol):
    """From a message to readings; made once per connector from its configuration."""

    def read(self, message: Message) -> Decoded:
        """No readings and no problems: the message is none of ours. Raises Unmapped where nothing can be used."""


def arrival_now() -> int:
    """Now, µs UTC."""
    return round(datetime.now(UTC).timestamp() * 1e6)
