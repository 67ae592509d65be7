"""JSON values as rows of cells: objects within objects get names with a point, lists stay JSON, and what the objects
around a row say once is said in each row."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.formats.jsonpaths import columns_of
from allmende.catalogue.loaders.formats.rowwise import text_of
from allmende.catalogue.loaders.numbers import MISSING
from allmende.catalogue.loaders.said import Said, Unreadable

POSITION, KEY, VALUE = "position", "key", "value"

_DEEPEST = 12  # objects within objects that are taken apart
_FEW = 3  # different texts among numbers that can stand for «no value»
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")
_NOTHING = frozenset(MISSING)

Cells = dict[str, Any]


def rows_in(value: Any, rest: tuple[str, ...], level: str, key: str | None, deep: bool = True) -> Iterator[Cells]:
    """The rows in a value that streams by, an item of a list. rest: of the path; level: what the value is called; key:
    its own, where it is one of an object's entries; deep: whether objects within are taken apart."""
    if not rest and key is None and isinstance(value, dict):
        cells: Cells = {}
        flatten(value, "", cells, deep)
        yield cells
    else:
        yield from _descended(value, rest, level, {} if key is None else {KEY: key}, deep)


def rows_of(value: Any, level: str, deep: bool = True) -> Iterator[Cells]:
    """The rows of a value that stands alone: lists side by side, or one row."""
    return _leaves(value, level or VALUE, {}, deep)


def _descended(value: Any, rest: tuple[str, ...], level: str, outer: Cells, deep: bool) -> Iterator[Cells]:
    if not rest:
        yield from _leaves(value, level or VALUE, outer, deep)
    elif isinstance(value, list):
        for each in value:
            yield from _descended(each, rest, level, outer, deep)
    elif isinstance(value, dict) and rest[0] == "*":
        for key, each in value.items():
            yield from _descended(each, rest[1:], level, {**outer, KEY: key}, deep)
    elif isinstance(value, dict) and rest[0] in value:
        around: Cells = {}
        others = {name: each for name, each in value.items() if name != rest[0]}
        flatten(others, f"{level}." if level else "", around, deep)
        around = {name: each for name, each in around.items() if not isinstance(each, list)}
        yield from _descended(value[rest[0]], rest[1:], rest[0], {**outer, **around}, deep)


def _leaves(value: Any, name: str, outer: Cells, deep: bool, item: bool = False) -> Iterator[Cells]:
    if isinstance(value, list):
        for position, each in enumerate(value, 1):
            single = not isinstance(each, dict | list)
            yield from _leaves(each, name, {**outer, POSITION: position} if single else outer, deep, True)
    elif isinstance(value, dict) and not item and columns_of(value):
        columns = [list(each.values()) if isinstance(each, dict) else each for each in value.values()]
        for row in zip(*columns, strict=True):
            yield {**dict(zip(value, row, strict=True)), **outer}
    elif isinstance(value, dict):
        cells: Cells = {KEY: outer[KEY]} if KEY in outer else {}
        flatten(value, "", cells, deep)
        for name_, each in outer.items():
            _put(cells, name_, each)
        yield cells
    else:
        yield {**outer, name: value}


def flatten(value: dict[str, Any], prefix: str, into: Cells, deep: bool = True, level: int = 0) -> None:
    """Puts the values of an object into the cells, those of objects within as `outer.inner`. prefix: with its point."""
    for key, each in value.items():
        name = _tidy(prefix + key)
        if each.__class__ is dict and deep and level < _DEEPEST:
            flatten(each, f"{name}.", into, deep, level + 1)
        elif name in into:
            _put(into, name, each)
        else:
            into[name] = each


@lru_cache(maxsize=10_000)
def _tidy(name: str) -> str:
    return " ".join(name.split()) or "column"


def _put(into: Cells, name: str, value: Any) -> None:
    plain, again = name, 1
    while name in into and into[name] is not value:
        again += 1
        name = f"{plain} {again}"
    into[name] = value


def cell_of(value: Any, quoted: bool = False) -> str | None:
    """A value as text. quoted: whether a text that looks like a number keeps its marks, so that it is none."""
    kind = value.__class__
    if kind is list or kind is dict:
        return as_json(value) if value != {} else None
    if quoted and kind is str and _NUMBER.fullmatch(value):
        return f'"{value.strip()}"'
    return text_of(value)


def as_json(value: Any) -> str:
    """A list or an object as JSON. Raises Unreadable for one that is nested too deeply."""
    try:
        return msgspec.json.encode(value).decode()
    except RecursionError:
        raise Unreadable("json_deep") from None
    except (ValueError, OverflowError, TypeError):  # halves of surrogates, numbers beyond 64 bits
        return json.dumps(value)


@dataclass(slots=True)
class _Column:
    first: int = 0
    whole: bool = True
    numbers: int = 0
    texts: int = 0
    lists: int = 0
    others: int = 0
    different: set[str] = field(default_factory=set)

    def take(self, value: Any) -> None:
        kind = value.__class__
        if kind is str:
            if value in _NOTHING:
                return
            self.texts += 1
            if len(self.different) <= _FEW:
                self.different.add(value.strip())
        elif kind is int or kind is float:
            self.numbers += 1
            self.whole &= kind is int
        elif kind is bool:
            self.others += 1
        else:
            self.lists += 1


class Columns:
    """What the columns of some rows hold. names: in the order of their first coming."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self.rows = 0

    @property
    def names(self) -> list[str]:
        return list(self._columns)

    def take(self, cells: Cells) -> None:
        """Another row."""
        self.rows += 1
        for name, value in cells.items():
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = _Column()
            if value is not None:
                column.first = column.first or self.rows
                column.take(value)

    def types(self, sample: int) -> dict[str, str]:
        """Of columns of lists and of objects that were not taken apart, and of those that are empty in the sample, the
        first so many rows."""
        types = {}
        for name, each in self._columns.items():
            kinds = [kind for kind in ("numbers", "texts", "lists", "others") if getattr(each, kind)]
            if kinds == ["lists"]:
                types[name] = "json"
            elif each.first > sample:
                number = "integer" if each.whole else "number"
                types[name] = {"numbers": number, "others": "boolean"}.get(kinds[0] if len(kinds) == 1 else "", "text")
        return types

    def strange(self) -> tuple[list[str], dict[str, tuple[str, ...]], list[Assumption]]:
        """(columns whose texts must not be taken for numbers, texts that mean «no value» by column, what to tell):
        where texts stand among numbers, they were put there by somebody to say something else."""
        quoted, nothing, said = [], {}, []
        for name, each in self._columns.items():
            if not each.numbers or not each.texts:
                continue
            numeric = [text for text in each.different if _NUMBER.fullmatch(text)]
            few = len(each.different) <= _FEW
            if few and numeric:
                quoted.append(name)
            if few and (numeric or each.numbers >= each.texts):
                words = sorted(f'"{text}"' if text in numeric else text for text in each.different)
                nothing[name] = tuple(words)
                why = Said.of("json_text", texts=each.texts, numbers=each.numbers)
                said.append(Assumption("sentinel", f"{name}: {', '.join(words)}", why))
            elif numeric:
                why = Said.of("json_texts", texts=each.texts, numbers=each.numbers)
                said.append(Assumption("type", name, why, ("text",)))
        return quoted, nothing, said
