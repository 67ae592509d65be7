"""Which part of a JSON text is the table: lists of objects, objects keyed by an id, lists side by side, or the object
itself; and the way there while the text streams by.

A path names keys with a point between them, through lists as if they were not there; `*` stands for every key.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import ijson

from allmende.catalogue.loaders.formats.jsontext import JsonText
from allmende.catalogue.loaders.said import Said, Unreadable

_DEPTH = 8
_LOOKED_AT = 50  # entries of a list
_ALIKE = 0.5  # objects of one kind share so many of their keys
_MEASUREMENTS = 8  # so many numbers in a list are a series rather than a coordinate or a box
_MANY_MORE = 10
_DESCRIBED = 5  # single values that make an object a row of its own


@dataclass(slots=True)
class Place:
    """A table that could be meant. count: of its rows in the beginning; lists: how many lists deep it lies; kind: list,
    keyed, columns (lists side by side), series (numbers in lists), one (an object)."""

    path: tuple[str, ...]
    kind: str
    lists: int
    count: int = 0

    @property
    def shown(self) -> str:
        return ".".join(self.path)

    def why(self) -> Said:
        return Said.of(f"json_{self.kind}", count=self.count)


@dataclass(slots=True)
class _Seen:
    """What a walk through the beginning has met."""

    places: dict[tuple[tuple[str, ...], str], Place] = field(default_factory=dict)
    series: dict[tuple[str, ...], set[int]] = field(default_factory=dict)

    def add(self, path: tuple[str, ...], kind: str, lists: int, count: int) -> None:
        place = self.places.setdefault((path, kind), Place(path, kind, lists))
        place.count += count


def places_in(values: list[Any]) -> list[Place]:
    """Tables in the beginning of a text, the likeliest first. values: see jsontext.partial."""
    if len(values) > 1:
        return [Place((), "several", 1, len(values))]
    top = values[0] if values else None
    if isinstance(top, list):
        return [Place((), "list", 1, len(top)), *(each for each in _walked(top) if each.path)]
    if not isinstance(top, dict):
        raise Unreadable("json_no_rows")
    found = _walked(top)
    one = Place((), "one", 0, 1)
    if not found:
        return [one]
    best = best_of([each for each in found if each.kind != "series"] or found)
    chosen = [each for each in found if each.kind == "series" and each.path[:-1] == best.path]
    if best.count <= (single := _single(top, best.path)) and single >= _DESCRIBED:
        chosen, best = [], one
    return [*chosen, best, *(each for each in [*found, one] if each is not best and each not in chosen)]


def best_of(found: list[Place]) -> Place:
    """The likeliest table: the nearest, and of several the longest; but not a short one around a much longer one."""
    nearest = min(each.lists for each in found)
    best = max((each for each in found if each.lists == nearest), key=lambda each: each.count)
    deeper = [each for each in found if each.count >= _MANY_MORE * best.count]
    return min(deeper, key=lambda each: (each.lists, -each.count)) if best.count < 3 and deeper else best


def _single(value: Any, path: tuple[str, ...]) -> int:
    """Values of an object that stand in no list, and not where the path leads."""
    if isinstance(value, dict):
        beside = [each for key, each in value.items() if path != (key,)] if path != ("*",) else []
        return sum(_single(each, path[1:]) for each in beside)
    return int(not isinstance(value, list))


def _walked(top: Any) -> list[Place]:
    seen = _Seen()
    _walk(top, (), 0, seen, 0)
    for path, lengths in seen.series.items():
        if len(lengths) == 1 and min(lengths) >= _MEASUREMENTS:
            seen.places.setdefault((path, "series"), Place(path, "series", len(path), max(lengths)))
    return sorted(seen.places.values(), key=lambda each: (each.lists, -each.count))


def _walk(value: Any, path: tuple[str, ...], lists: int, seen: _Seen, depth: int) -> None:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        objects = sum(isinstance(each, dict) for each in value)
        if objects > len(value) / 2:
            seen.add(path, "list", lists + 1, len(value))
        elif lists and value and _numbers(value):
            seen.series.setdefault(path, set()).add(len(value))
        for each in value[:_LOOKED_AT]:
            if isinstance(each, dict | list):
                _walk(each, path, lists + 1, seen, depth + 1)
    elif isinstance(value, dict):
        if length := columns_of(value):
            seen.add(path, "columns", lists + 1, length)
            return
        if _keyed(value):
            seen.add((*path, "*"), "keyed", lists + 1, len(value))
            return
        for key, each in value.items():
            if isinstance(each, dict | list):
                _walk(each, (*path, key), lists, seen, depth + 1)


def _numbers(values: list[Any]) -> bool:
    plain = [each for each in values if not isinstance(each, dict | list)]
    numbers = [each for each in plain if isinstance(each, int | float)]
    return len(plain) == len(values) and len(numbers) >= len(values) / 3


def columns_of(value: dict[str, Any]) -> int:
    """The length of the lists in an object that is nothing but lists of single values, all as long; else 0. What pandas
    writes counts too: objects in them whose keys are 0, 1, 2, …"""
    lists = list(value.values())
    if (
        len(lists) < 2
        or not isinstance(lists[0], list | dict)
        or not all(isinstance(each, list | dict) for each in lists)
    ):
        return 0
    lengths = {len(each) for each in lists}
    if len(lengths) != 1 or (length := lengths.pop()) < 2:
        return 0
    for each in lists:
        if isinstance(each, dict) and any(key not in each for key in ("0", str(length - 1))):
            return 0
        some = list(each.values() if isinstance(each, dict) else each)[:_LOOKED_AT]
        if any(isinstance(cell, dict | list) for cell in some):
            return 0
    return length


def _keyed(value: dict[str, Any]) -> bool:
    """Whether an object holds objects of one kind under their ids."""
    some = list(value.values())[:_LOOKED_AT]
    if len(some) < 2 or not all(isinstance(each, dict) and each for each in some):
        return False
    common, all_ = set(some[0]), set(some[0])
    for each in some[:-1] if len(some) > 2 else some:  # the last may be cut off
        common, all_ = common & set(each), all_ | set(each)
    return len(common) >= _ALIKE * len(all_)


@dataclass(frozen=True, slots=True)
class Route:
    """The way to a path. prefix, by: what streams by, and how (values, items of a list, entries of an object, or the
    value itself); rest: of the path, within each."""

    prefix: str
    by: str
    rest: tuple[str, ...]
    level: str = ""


def route_to(path: tuple[str, ...], values: list[Any], text: JsonText) -> Route:
    """Follows the path until something comes many times. Raises Unreadable where nothing is there."""
    if len(values) > 1:
        return Route("", "values", path)
    at: Any = values[0] if values else None
    for number in range(len(path) + 1):
        prefix, rest = ".".join(path[:number]), path[number:]
        level = path[number - 1] if number else ""
        if isinstance(at, list):
            return Route(f"{prefix}.item" if prefix else "item", "items", rest, level)
        if rest[:1] == ("*",) and isinstance(at, dict):
            return Route(prefix, "entries", rest[1:], level)
        if not rest:
            return Route(prefix, "value", (), level)
        at = at.get(rest[0]) if isinstance(at, dict) else None
        if at is None:
            break
    return _searched(path, text)


def _searched(path: tuple[str, ...], text: JsonText) -> Route:
    """Looks for the path beyond the beginning."""
    text.rewind()
    wanted = {".".join(path[:number]): number for number in range(1, len(path) + 1)}
    try:
        for prefix, event, _ in ijson.parse(text, use_float=True):
            number = wanted.get(prefix)
            if number is None:
                continue
            if event == "start_array":
                return Route(f"{prefix}.item", "items", path[number:], path[number - 1])
            if event == "start_map" and path[number:][:1] == ("*",):
                return Route(prefix, "entries", path[number + 1 :], path[number - 1])
            if event == "start_map" and number == len(path):
                return Route(prefix, "value", (), path[-1])
    except (ijson.JSONError, ValueError, ArithmeticError):
        pass  # reading will tell
    raise Unreadable("json_no_path", path=".".join(path))


def streamed(route: Route, text: JsonText) -> Iterator[Any]:
    """What comes by on the way: (key or nothing, value)."""
    text.rewind()
    if route.by == "entries":
        yield from ijson.kvitems(text, route.prefix, use_float=True)
    else:
        several = route.by == "values"
        for value in ijson.items(text, route.prefix, use_float=True, multiple_values=several):
            yield None, value
