"""From one message to a mapping that may be right: where the time is, which device speaks, what its numbers mean.

Every guess is only a proposal: a person sees it beside the message and changes it.
"""

import re
from typing import Any, NamedTuple

from django.utils.text import slugify
from django.utils.translation import gettext_noop as _

from allmende.catalogue.loaders.assumption import tokens
from allmende.catalogue.loaders.vocabulary import IDS, LATITUDES, LONGITUDES, TIMES
from allmende.connectors.mapping.formats import FORMATS
from allmende.connectors.mapping.leaves import Leaf, as_number, leaves
from allmende.connectors.mapping.meanings import meaning
from allmende.connectors.mapping.paths import NOTHING, Path, escaped, spread
from allmende.connectors.mapping.templates import NAME
from allmende.connectors.mapping.times import UNITS, reader
from allmende.connectors.readings import Unmapped, arrival_now

_YEARS = {"s": (9e8, 5e9), "ms": (9e11, 5e12), "us": (9e14, 5e15)}  # 1998 to 2128
_NO_QUANTITY = frozenset(
    ("port", "fport", "fcnt", "counter", "dr", "channel", "index", "version", "status", "flags", "seq", "sequence")
)
_NOBODY = frozenset(("n/a", "na", "none", "null", "unknown", "unbekannt", "-"))
_COUNTING = ("number", "nummer", "counter", "zähler", "confidence", "flag", "objectid", "year", "jahr")
_USUAL_SENTINELS = (-9999.0, -999.0, -99.9, 9999.0, 99999.0, -32768.0, 65535.0)
_TIME_WORDS = TIMES | {"t", "at", "sent", "epoch", "unix", "created", "updated"}
_DEVICE_WORDS = ("device", "sensor", "station", "eui", "serial", "mac", "id", "name", "node", "box")


class Shape(NamedTuple):
    """How a message is built. content: all of it; records: path of its records, empty for the message itself; record:
    the first of them."""

    format: str
    content: Any
    records: str
    record: Any


class Clock(NamedTuple):
    """Where the time is, and how it is written; an empty path is the time of arrival."""

    path: str = ""
    unit: str = "iso"


def shape_of(payload: bytes) -> Shape:
    """Raises Unmapped where the message is neither JSON nor a table."""
    faults: list[Unmapped] = []
    for name in ("json", "ndjson", "csv"):
        try:
            content = FORMATS[name](payload)
        except Unmapped as error:
            faults.append(error)
            continue
        if name == "json":
            records = _records(content)
            record = next(spread(content, records), None) if records else content
            return Shape(name, content, records, record)
        if content and isinstance(content[0], dict):
            return Shape(name, content, "*", content[0])
    if payload.lstrip()[:1] not in (b"{", b"["):
        raise Unmapped(_("This is neither JSON nor a number nor a table with a header."))
    raise faults[1] if faults[1].said.params.get("count") else faults[0]  # where several begin well, the later fault


def guess(payload: bytes, topic: str = "", heard: str = "", *, alone: str = "sensor") -> dict[str, Any]:
    """A mapping as plain data. topic: where the message came; heard: the pattern that was listened to; alone: as in
    rule_of.

    Raises Unmapped where no number can be found.
    """
    shape = shape_of(payload)
    clock, device = clock_of(shape), device_of(shape)
    found = numbers_of(shape, clock, device)
    if len(found) == 1 and not found[0].path:  # the payload is the number itself; the topic says what it is
        found = [found[0]._replace(name=topic.rpartition("/")[2] or "value")]
    if not found:
        raise Unmapped(_("There is no number in the message that could be a measured value."))
    pattern, names, label = _naming(topic, heard, shape, device)
    known = [leaf for leaf in found if meaning(leaf.name, leaf.value).known]
    chosen = known or [leaf for leaf in found if not _counts(leaf)] or found
    mapping: dict[str, Any] = {"values": [rule_of(leaf, label, alone=alone) for leaf in chosen]}
    if _said(shape, device).isdecimal():  # a bare number would be a poor name for a place
        for rule in mapping["values"]:
            rule["register"]["thing"] = f"Sensor {label}"
    place = _place(shape)
    optional = {
        "topic": pattern,
        "format": shape.format if shape.format != "json" else "",
        "records": shape.records if shape.format == "json" else "",
        "names": names,
        "time": clock.path,
        "time_unit": clock.unit if clock.path and clock.unit != "iso" else "",
        "longitude": place[0],
        "latitude": place[1],
    }
    return {**{name: value for name, value in optional.items() if value}, **mapping}


def rule_of(leaf: Leaf, label: str, *, alone: str = "sensor") -> dict[str, Any]:
    """A rule for a number, with the datastream that would be made for it. label: what names the device, in braces;
    alone: the key of the one thing, where nothing names devices."""
    means = meaning(leaf.name, leaf.value)
    register: dict[str, Any] = {"thing": label or "Sensor", "name": dict(means.name), "property": means.definition}
    if not label:
        register["thing_key"] = alone
    optional = {"unit": means.unit, "minimum": means.minimum, "maximum": means.maximum}
    register |= {name: value for name, value in optional.items() if value not in (None, "")}
    if leaf.value in _USUAL_SENTINELS:
        register["sentinels"] = [leaf.value]
    rule: dict[str, Any] = {"key": f"{label or alone}/{slugify(leaf.name) or 'value'}", "path": leaf.path}
    if isinstance(leaf.raw, str) and "," in leaf.raw:
        rule["decimal"] = ","
    return {**rule, "optional": True, "register": register}


def numbers_of(shape: Shape, clock: Clock, device: str) -> list[Leaf]:
    """The numbers of a record that may be measured values: neither time nor device nor place nor counters."""
    taken = {clock.path, device, *_place(shape)} - {""}
    return [
        leaf
        for leaf in leaves(shape.record)
        if leaf.path not in taken
        and leaf.name.lower() not in _NO_QUANTITY
        and not (tokens(leaf.name) & _TIME_WORDS and as_clock(leaf.raw))
        and not (leaf.name and tokens(leaf.name) <= IDS and isinstance(leaf.raw, int | str))
    ]


def _counts(leaf: Leaf) -> bool:
    """Whether a number rather counts messages or names something than measures: offered, but not chosen."""
    return leaf.name.lower().endswith(_COUNTING)


def clock_of(shape: Shape) -> Clock:
    """The first field that is a time, those that are called so before others; of the record, else of the message."""
    found = [(path, unit) for path, name, raw in plain_values(shape) if (unit := as_clock(raw, name))]
    found.sort(key=lambda each: (each[0].startswith("$."), not _called_time(each[0]), each[0].count(".")))
    return Clock(*found[0]) if found else Clock()


def _called_time(path: str) -> bool:
    return bool(tokens(path.rpartition(".")[2]) & _TIME_WORDS)


def as_clock(raw: Any, name: str = "time") -> str:
    """How a value is written if it is a time: iso, local, s, ms or us; empty if it is none. A number has to be called a
    time to be taken for one."""
    if isinstance(raw, str) and len(raw) >= 10 and not raw.strip().isdecimal():
        for unit in ("iso", "local"):
            try:
                reader(unit, "")(raw, arrival_now())
            except Unmapped:
                continue
            return unit
        return ""
    number = as_number(raw)
    if number is None or isinstance(raw, bool) or not tokens(name) & _TIME_WORDS:
        return ""
    return next((unit for unit in UNITS if _YEARS[unit][0] <= number <= _YEARS[unit][1]), "")


def device_of(shape: Shape) -> str:
    """The path of what names the device; empty where nothing does."""
    candidates = []
    for path, name, raw in plain_values(shape):
        words = tokens(name)
        if words & IDS and _is_name(raw):
            rank = next((at for at, word in enumerate(_DEVICE_WORDS) if any(word in each for each in words)), 99)
            candidates.append((rank, path.startswith("$."), path.count("."), path))
    return min(candidates)[-1] if candidates else ""


def plain_values(shape: Shape) -> list[tuple[str, str, Any]]:
    """(path, name, value) of the plain values of the record, then of the message around it."""
    around = _plain(shape.content) if shape.records else []
    return _plain(shape.record) + [(f"$.{path}", name, raw) for path, name, raw in around]


def _is_name(raw: Any) -> bool:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        return False
    text = str(raw).strip()
    return 0 < len(text) <= 60 and text.lower() not in _NOBODY and not as_clock(raw)


def _plain(content: Any, steps: tuple[str, ...] = (), depth: int = 0) -> list[tuple[str, str, Any]]:
    """(path, name, value) of the plain values that are not inside lists."""
    if not isinstance(content, dict) or depth > 4:
        return []
    found: list[tuple[str, str, Any]] = []
    for name, value in content.items():
        path = (*steps, escaped(str(name)))
        if isinstance(value, dict):
            found += _plain(value, path, depth + 1)
        elif not isinstance(value, list):
            found.append((".".join(path), str(name), value))
    return found


def _records(content: Any) -> str:
    """The path of records: a list of objects with numbers, at the root or one or two steps below it."""
    if isinstance(content, list):
        return "*" if _are_records(content) else ""
    if not isinstance(content, dict):
        return ""
    for name, value in content.items():
        if isinstance(value, list) and _are_records(value) and len(value) > 1:
            return f"{escaped(str(name))}.*"
    for name, value in content.items():
        if isinstance(value, dict) and (inner := _records(value)):
            return f"{escaped(str(name))}.{inner}"
    return ""


def _are_records(values: list[Any]) -> bool:
    """Objects that look alike; a list of {type, value} is rather one record told field by field."""
    if not values or not all(isinstance(each, dict) for each in values):
        return False
    alike = set(values[0])
    if not all(set(each) & alike for each in values) or not leaves(values[0]):
        return False
    return not any(leaf.name not in leaf.path for leaf in leaves(values))


def _place(shape: Shape) -> tuple[str, str]:
    """(path of the longitude, path of the latitude); empty where there are not both."""
    longitude = latitude = ""
    for path, name, raw in _plain(shape.record):
        number = as_number(raw)
        if number is not None and tokens(name) & LONGITUDES and abs(number) <= 180:
            longitude = longitude or path
        elif number is not None and tokens(name) & LATITUDES and abs(number) <= 90:
            latitude = latitude or path
    return (longitude, latitude) if longitude and latitude else ("", "")


def _naming(topic: str, heard: str, shape: Shape, device: str) -> tuple[str, dict[str, str], str]:
    """(pattern of topics, names, the device in braces). A level of the topic that names the device becomes a name."""
    if NAME.search(heard):
        return heard, {}, f"{{{NAME.findall(heard)[0]}}}"
    levels = (heard or topic).split("/") if heard or topic else []
    if "+" in levels:  # what is left open is what differs from device to device
        place = len(levels) - 1 - levels[::-1].index("+")
        return "/".join([*levels[:place], "{device}", *levels[place + 1 :]]), {}, "{device}"
    if heard:
        return heard, {"device": device} if device else {}, "{device}" if device else ""
    said = _said(shape, device)
    for place, level in enumerate(levels):
        if level and (level == said or (not device and re.search(r"\d", level))):
            return "/".join([*levels[:place], "{device}", *levels[place + 1 :]]), {}, "{device}"
    if device:
        return topic, {"device": device}, "{device}"
    if len(levels) > 1:
        return "/".join([*levels[:-2], "{device}", levels[-1]]), {}, "{device}"
    return topic, {}, ""


def _said(shape: Shape, device: str) -> str:
    if not device:
        return ""
    found = Path(device).find(shape.record, shape.content)
    return "" if found is NOTHING else str(found).strip()
