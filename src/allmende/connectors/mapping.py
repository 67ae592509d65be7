"""From a message to observations, declared and not programmed: topic pattern, where the time is, where each value is.

A pattern such as `town/{station}/weather` names parts of the topic; keys such as `{station}/temperature` use the names.
A path such as `data.sensors.0.temp` walks into JSON; the empty path takes the payload itself, a bare number.
"""

import re
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct

from allmende.core.clock import MAX_US, MIN_US, parse_instant

_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Register(Struct, forbid_unknown_fields=True):
    """How to make a datastream that is not there yet. thing and name may use the pattern's names."""

    thing: str
    name: dict[str, str]
    property: str
    unit: str = ""
    holding: str = "instant"
    minimum: float | None = None
    maximum: float | None = None
    sentinels: list[float] = []
    expected_interval: int | None = None


class ValueRule(Struct, forbid_unknown_fields=True):
    """One value of a message. key: the external key of its datastream; path: where it is in the payload;
    factor: what to multiply by, such as 0.1; optional: a message without it is no fault."""

    key: str
    path: str = ""
    factor: float = 1.0
    optional: bool = False
    register: Register | None = None


class Mapping(Struct, forbid_unknown_fields=True):
    """How the messages of one connector become observations. time: path of the time, empty for the time of arrival;
    time_unit: for numbers: seconds or milliseconds since 1970."""

    topic: Annotated[str, Meta(min_length=1)]
    values: Annotated[list[ValueRule], Meta(min_length=1)]
    time: str = ""
    time_unit: Annotated[str, Meta(pattern="^(s|ms|iso)$")] = "iso"


class Reading(NamedTuple):
    """One value of a message. key: external key; time: µs UTC."""

    key: str
    time: int
    value: float | None
    rule: ValueRule
    names: dict[str, str]


class Unmapped(ValueError):
    """The message does not fit the mapping; the text says where."""


class Mapper:
    """A mapping made ready. Raises Unmapped at once for a pattern or key that cannot work."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        names = _NAME.findall(mapping.topic)
        if len(names) != len(set(names)):
            raise Unmapped(f"The pattern {mapping.topic} uses a name twice.")
        for rule in mapping.values:
            unknown = set(_NAME.findall(rule.key)) - set(names)
            if unknown:
                raise Unmapped(
                    f"The key {rule.key} uses {', '.join(sorted(unknown))}, which the pattern does not name."
                )
        self._pattern = re.compile("/".join(_part(part) for part in mapping.topic.split("/")))

    @property
    def subscription(self) -> str:
        """The MQTT topic filter that the pattern stands for."""
        return "/".join("+" if _NAME.fullmatch(part) else part for part in self.mapping.topic.split("/"))

    def read(self, topic: str, payload: bytes, arrival: int) -> list[Reading]:
        """The values of a message. arrival: µs UTC. Raises Unmapped."""
        match = self._pattern.fullmatch(topic)
        if match is None:
            raise Unmapped(f"The topic {topic} does not fit the pattern {self.mapping.topic}.")
        names = match.groupdict()
        content = self._content(payload)
        time = _time(_walk(content, self.mapping.time), self.mapping.time_unit) if self.mapping.time else arrival
        readings = []
        for rule in self.mapping.values:
            try:
                value = _number(_walk(content, rule.path), rule)
            except Unmapped:
                if rule.optional:
                    continue
                raise
            readings.append(Reading(filled(rule.key, names), time, value, rule, names))
        return readings

    def _content(self, payload: bytes) -> Any:
        try:
            return msgspec.json.decode(payload)
        except msgspec.DecodeError as error:
            raise Unmapped(f"The payload is no JSON and no number ({error}).") from error


def _part(part: str) -> str:
    """A part of a topic pattern as a regular expression: a name takes one level, `#` the rest, `+` any one level."""
    name = _NAME.fullmatch(part)
    if name:
        return f"(?P<{name[1]}>[^/]+)"
    return {"+": "[^/]+", "#": ".*"}.get(part, re.escape(part))


def filled(text: str, names: dict[str, str]) -> str:
    """The text with `{name}` replaced by what the topic had there; other braces stay as they are."""
    return _NAME.sub(lambda name: names.get(name[1], name[0]), text)


def _walk(content: Any, path: str) -> Any:
    if not path:
        return content
    here = content
    for step in path.split("."):
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            raise Unmapped(f"There is nothing at «{path}» in the payload.")
    return here


def _number(found: Any, rule: ValueRule) -> float | None:
    """A number, also one that came as text; true and false are 1 and 0; null stays «no value»."""
    if found is None:
        return None
    try:
        value = float(found) * rule.factor
    except (TypeError, ValueError):
        raise Unmapped(f"At «{rule.path}» there is {str(found)[:40]!r}, which is not a number.") from None
    if not isfinite(value):
        raise Unmapped(f"At «{rule.path}» there is {found!r}, which is not a finite number.")
    return value


def _time(found: Any, unit: str) -> int:
    if unit == "iso":
        try:
            return parse_instant(str(found))
        except ValueError as error:
            raise Unmapped(str(error)) from error
    try:
        time = round(float(found) * (1e6 if unit == "s" else 1e3))
    except (TypeError, ValueError, OverflowError):
        raise Unmapped(f"The time {str(found)[:40]!r} is not a number of {unit}.") from None
    if not MIN_US <= time <= MAX_US:
        raise Unmapped(f"The time {found} is outside the years 1700 to 2200.")
    return time


def arrival_now() -> int:
    """Now, µs UTC."""
    return round(datetime.now(UTC).timestamp() * 1e6)
