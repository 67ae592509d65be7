"""From uplinks to readings: by rules where there are some, else every decoded number; battery and signal besides."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_noop as _

from allmende.connectors.lorawan.rules import Devices, Lorawan
from allmende.connectors.lorawan.uplink import Uplink
from allmende.connectors.mapping.expressions import Scope
from allmende.connectors.mapping.formats import decode_json
from allmende.connectors.mapping.leaves import leaves
from allmende.connectors.mapping.meanings import meaning
from allmende.connectors.mapping.paths import NOTHING, Path, spread
from allmende.connectors.mapping.templates import TopicPattern
from allmende.connectors.mapping.times import check_ahead
from allmende.connectors.mapping.values import Value, readings_of
from allmende.connectors.readings import Decoded, Message, Reading, Unmapped, Wanted
from allmende.core.said import Said
from allmende.core.signals import BATTERY_LEVEL, RSSI, SNR, Signal

NAMES = {"device", "name", "application", "profile"}
_NO_VALUES = frozenset({"valid", "err", "error", "errors", "payload", "bytes", "port", "fport", "mod"})
_REMEMBERED = 20_000
_FEW = 3  # problems of one uplink that are told

Parse = Callable[[dict[str, Any]], Uplink | None]


class UplinkReader:
    """A decoder. parse: from the network server's JSON to an uplink; None for events that are none."""

    def __init__(self, config: Lorawan, parse: Parse) -> None:
        self._config, self._parse = config, parse
        self._topic = TopicPattern(config.topic) if config.topic else None
        self._devices = [(rules, [Value(each, NAMES) for each in rules.values]) for rules in config.devices]
        self._left_out = {name.lower() for name in config.leave_out}
        self._seen: OrderedDict[tuple[Any, ...], int] = OrderedDict()  # uplinks without a time → when they came first

    def read(self, message: Message) -> Decoded:
        """Raises Unmapped."""
        if self._topic:
            self._topic.read(message.topic)
        content = decode_json(message.payload)
        if not isinstance(content, dict):
            raise Unmapped(_("The payload is no object, as network servers send them."))
        uplink = self._parse(content)
        if uplink is None:
            return Decoded([])
        time = self._time(uplink, message.arrival)
        names = {
            "device": uplink.device,
            "name": uplink.name or uplink.device,
            "application": uplink.application,
            "profile": uplink.profile,
        }
        try:
            readings, problems = self._values(uplink, content, names, time)
        except Unmapped as error:
            readings, problems = [], [error.said]
        if self._config.signals:
            readings += _signals(uplink, names, time)
        if problems and not readings:
            raise Unmapped.of_all(problems)
        return Decoded(readings, tuple(problems))

    def _time(self, uplink: Uplink, arrival: int) -> int:
        """Where nobody said it: the arrival, but of an uplink that comes twice the first one."""
        if uplink.time is None:
            key = (uplink.device, uplink.counter, uplink.port, uplink.data)
            first = self._seen.setdefault(key, arrival)
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            return first
        check_ahead(uplink.time, arrival, self._config.ahead)
        return uplink.time

    def _values(
        self, uplink: Uplink, content: Any, names: dict[str, str], time: int
    ) -> tuple[list[Reading], list[Said]]:
        for rules, values in self._devices:
            if _fits(rules, uplink):
                found: list[Reading] = []
                problems: list[Said] = []
                for record in _records(rules, uplink):
                    scope = _scope(uplink, record, content)
                    readings, said = readings_of(values, record, content, scope, names, time, uplink.point)
                    found, problems = found + readings, problems + said
                return [reading._replace(maker=_RuleMaker(reading.maker, uplink)) for reading in found], problems[:_FEW]
        return (self._automatic(uplink, names, time) if self._config.automatic else []), []

    def _automatic(self, uplink: Uplink, names: dict[str, str], time: int) -> list[Reading]:
        if uplink.data and uplink.decoded is None:
            raise Unmapped(
                _(
                    "The network server has not decoded the payload of %(device)s, and there are no rules for its sort "
                    "of device (%(profile)s)."
                ),
                device=names["name"],
                profile=uplink.profile or "–",
            )
        found: dict[str, Reading] = {}
        for leaf in leaves(uplink.decoded):
            if leaf.name.lower() not in self._left_out and is_value(leaf.name):
                key = f"{uplink.device}/{leaf.name}"
                if key in found:
                    key = f"{uplink.device}/{leaf.path}"
                found[key] = Reading(key, time, leaf.value, _LeafMaker(leaf.name, leaf.value, uplink), names)
        return list(found.values())


def is_value(name: str) -> bool:
    """Whether a decoded field of this name may be a measured value, rather than a flag or the raw payload."""
    return name.lower() not in _NO_VALUES and not name.lower().endswith("flag")


def _fits(rules: Devices, uplink: Uplink) -> bool:
    return (
        (not rules.application or rules.application.casefold() == uplink.application.casefold())
        and (not rules.profile or rules.profile.casefold() == uplink.profile.casefold())
        and uplink.device.startswith(rules.device.lower())
        and (rules.port is None or rules.port == uplink.port)
    )


def _records(rules: Devices, uplink: Uplink) -> list[Any]:
    return list(spread(uplink.decoded, rules.records)) if rules.records else [uplink.decoded]


def _scope(uplink: Uplink, record: Any, content: Any) -> Scope:
    def get(path: str) -> Any:
        found = Path(path).find(record, content)
        return None if found is NOTHING else found

    return Scope(data=uplink.data, port=uplink.port, get=get)


def _signals(uplink: Uplink, names: dict[str, str], time: int) -> list[Reading]:
    given = ((RSSI, "rssi", uplink.rssi), (SNR, "snr", uplink.snr), (BATTERY_LEVEL, "battery", uplink.battery))
    return [
        Reading(f"{uplink.device}#{suffix}", time, value, _SignalMaker(signal, uplink), names)
        for signal, suffix, value in given
        if value is not None
    ]


def _thing(uplink: Uplink) -> dict[str, Any]:
    """What is known of the device, for the thing that is made for it."""
    known = {"device": uplink.device, "application": uplink.application, "device_profile": uplink.profile}
    return {name: value for name, value in known.items() if value}


class _RuleMaker:
    """As the rule says, with what is known of the device."""

    __slots__ = ("_rule", "_uplink")

    def __init__(self, rule: Any, uplink: Uplink) -> None:
        self._rule, self._uplink = rule, uplink

    def wanted(self, reading: Reading) -> Wanted | None:
        wanted: Wanted | None = self._rule.wanted(reading)
        return replace(wanted, thing_properties=_thing(self._uplink)) if wanted else None


class _SignalMaker:
    """Battery or signal of a device."""

    __slots__ = ("_signal", "_uplink")

    def __init__(self, signal: Signal, uplink: Uplink) -> None:
        self._signal, self._uplink = signal, uplink

    def wanted(self, reading: Reading) -> Wanted:
        signal, uplink = self._signal, self._uplink
        return Wanted(
            thing_key=uplink.device,
            thing_name=uplink.name or uplink.device,
            name=dict(signal.name),
            definition=signal.definition,
            property_name=dict(signal.name),
            unit=signal.unit,
            minimum=signal.minimum,
            maximum=signal.maximum,
            point=uplink.point,
            thing_properties=_thing(uplink),
        )


class _LeafMaker:
    """A decoded number that nobody wrote a rule for: its name says what it means, where it is known."""

    __slots__ = ("_name", "_uplink", "_value")

    def __init__(self, name: str, value: float, uplink: Uplink) -> None:
        self._name, self._value, self._uplink = name, value, uplink

    def wanted(self, reading: Reading) -> Wanted:
        means, uplink = meaning(self._name, self._value), self._uplink
        # A device may have several of one sort: the field tells them apart, where it is more than the plain word.
        more = means.known and self._name.casefold() not in {text.casefold() for text in means.name.values()}
        return Wanted(
            thing_key=uplink.device,
            thing_name=uplink.name or uplink.device,
            name={language: f"{text} ({self._name})" for language, text in means.name.items()} if more else means.name,
            definition=means.definition,
            property_name=means.name,
            unit=means.unit,
            minimum=means.minimum,
            maximum=means.maximum,
            point=uplink.point,
            thing_properties=_thing(uplink),
            properties={"field": self._name, "unit_assumed": True} if means.assumed else {"field": self._name},
        )
