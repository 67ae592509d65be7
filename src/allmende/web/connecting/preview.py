"""What messages would become by a configuration: nothing is kept, nothing is made."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from allmende.connectors.readings import Message, Reading, Unmapped
from allmende.connectors.table import KINDS
from allmende.core.said import Said, said_of
from allmende.core.texts import pick
from allmende.web.formats import with_unit
from allmende.web.quantities import decimals

_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Becomes:
    """One value of a message as it would be kept. thing, name: of its datastream; doubtful: outside its range."""

    thing: str
    name: str
    value: str
    time: int
    key: str
    doubtful: bool
    made: bool


@dataclass(frozen=True, slots=True)
class Previewed:
    """One message. problems: in the reader's language; more: values that are not shown."""

    message: Message
    text: str
    becomes: tuple[Becomes, ...]
    problems: tuple[str, ...]
    more: int = 0


def preview(kind: str, config: dict[str, Any], messages: Iterable[Message]) -> tuple[list[Previewed], str]:
    """(each message, why the configuration cannot work at all)."""
    try:
        checked = KINDS[kind].read(config)
        make = KINDS[kind].decoder
        decoder = make(checked) if make else None
    except ValueError as error:
        return [], said_of(error).here()
    return [_one(decoder, message) for message in messages] if decoder else [], ""


def _one(decoder: Any, message: Message) -> Previewed:
    text = message.payload.decode("utf-8", "replace")
    try:
        decoded = decoder.read(message)
    except Unmapped as error:
        return Previewed(message, text, (), (error.said.here(),))
    except Exception as error:  # whatever the message holds, the page has to be drawn
        return Previewed(message, text, (), (Said("%(problem)s", {"problem": repr(error)}).here(),))
    shown = tuple(_becomes(reading) for reading in decoded.readings[:_MOST_SHOWN])
    problems = tuple(problem.here() for problem in decoded.problems)
    return Previewed(message, text, shown, problems, len(decoded.readings) - len(shown))


def _becomes(reading: Reading) -> Becomes:
    wanted = reading.maker.wanted(reading)
    if wanted is None:
        value = with_unit(reading.value, "", decimals("", reading.value))
        return Becomes("", reading.key, value, reading.time, reading.key, doubtful=False, made=False)
    value = with_unit(reading.value, wanted.unit, _decimals(wanted.unit, reading.value))
    thing = wanted.thing_name if isinstance(wanted.thing_name, str) else pick(wanted.thing_name)
    low = wanted.minimum is not None and reading.value is not None and reading.value < wanted.minimum
    high = wanted.maximum is not None and reading.value is not None and reading.value > wanted.maximum
    return Becomes(thing, pick(wanted.name), value, reading.time, reading.key, doubtful=low or high, made=True)


def _decimals(unit: str, value: float | None) -> int:
    """At least as many as tell small values from zero: here one looks whether a factor is right."""
    usual = decimals(unit, value)
    return usual if value is None or value == round(value, usual) else max(usual, 2)
