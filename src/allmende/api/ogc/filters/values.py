"""Scalar expressions of a filter: what they are worth, and which kind they have."""

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from allmende.api.ogc.filters.faults import FilterError
from allmende.api.ogc.moments import day_of, instant_of
from allmende.catalogue.holdings.reading import Holding
from allmende.catalogue.holdings.terms import Call, Column, Term, Value

KINDS = {"integer": "number", "json": "text"}  # of columns that are not called like their type
ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "div": "truncated", "^": "power"}
TEXT_FUNCTIONS = {"casei": "lower", "accenti": "unaccented"}
_NAMES = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date",
    "datetime": "a time",
    "geometry": "a geometry",
}


class Typed(NamedTuple):
    """A term and its kind: text, number, boolean, date or datetime. near: what to call it in errors."""

    term: Term
    kind: str
    near: str = ""

    @property
    def literal(self) -> bool:
        return isinstance(self.term, Value)


def kind_name(kind: str) -> str:
    """The kind in a sentence."""
    return _NAMES[kind]


class Scalars:
    """Makes terms of expressions about one holding."""

    def __init__(self, holding: Holding) -> None:
        self._kinds = {each.name: KINDS.get(each.type, each.type) for each in holding.columns}
        self._placed = holding.placed

    def of(self, node: Any) -> Typed:
        """The expression. Raises FilterError where it is none."""
        if isinstance(node, bool):
            return Typed(Value(node), "boolean", str(node).lower())
        if isinstance(node, int | float):
            return _number(node)
        if isinstance(node, str):
            return Typed(Value(node), "text", node)
        if not isinstance(node, dict):
            raise FilterError("A value was expected." if node is not None else "To ask for nothing, write IS NULL.")
        if "property" in node:
            return self._property(node["property"])
        for name, read in _INSTANTS.items():
            if name in node:
                return Typed(Value(_instant(node[name], name, read)), _INSTANT_KINDS[name], str(node[name]))
        if "op" in node:
            return self._operation(str(node["op"]).lower(), node.get("args", []))
        if node.keys() & {"type", "bbox", "coordinates"}:
            raise FilterError("A geometry can be compared by spatial functions only, such as S_INTERSECTS.")
        if "interval" in node:
            raise FilterError("An interval can be compared by temporal functions only, such as T_DURING.")
        raise FilterError("An expression was expected.")

    def _property(self, name: Any) -> Typed:
        kind = self._kinds.get(name) if isinstance(name, str) else None
        if kind is None:
            if name == "geometry" and self._placed:
                raise FilterError("The geometry can be compared by spatial functions only.", near="geometry")
            known = ", ".join(self._kinds)
            raise FilterError(f"There is no property “{name}”; there are: {known}.", near=str(name))
        return Typed(Column(name), kind, name)

    def _operation(self, name: str, arguments: Any) -> Typed:
        if name in ARITHMETIC:
            terms = [self._numeric(each) for each in two(arguments, name)]
            return Typed(Call(ARITHMETIC[name], tuple(terms)), "number")
        if name in TEXT_FUNCTIONS:
            found = self.of(one(arguments, name))
            if found.kind != "text":
                raise FilterError(f"{name.upper()} is for texts; this is {kind_name(found.kind)}.", near=found.near)
            return Typed(Call(TEXT_FUNCTIONS[name], (found.term,)), "text", found.near)
        raise FilterError(f"There is no function “{name}” here.", near=name)

    def _numeric(self, node: Any) -> Term:
        found = self.of(node)
        if found.kind != "number":
            raise FilterError(f"Only numbers can be computed with; this is {kind_name(found.kind)}.", near=found.near)
        return Call("number", (found.term,)) if isinstance(found.term, Column) else found.term


def alike(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """Both in a form in which they can be compared: a date or time that is written as a text becomes one. Raises
    FilterError."""
    if left.kind == right.kind:
        return left, right
    if right.kind == "text" and left.kind in ("date", "datetime"):
        return left, _moment(right, left.kind)
    if left.kind == "text" and right.kind in ("date", "datetime"):
        return _moment(left, right.kind), right
    if {left.kind, right.kind} == {"date", "datetime"}:
        return _same_moments(left, right)
    hint = ""
    for text, number in ((left, right), (right, left)):
        if text.kind == "text" and number.kind == "number" and number.literal:
            hint = f" Write '{number.near}' in quotes."
    both = f"{kind_name(left.kind)} cannot be compared with {kind_name(right.kind)}"
    raise FilterError(f"{both[0].upper()}{both[1:]}.{hint}", near=left.near if not left.literal else right.near)


def _moment(text: Typed, kind: str) -> Typed:
    if not text.literal:
        raise FilterError(f"A text cannot be compared with {kind_name(kind)}.", near=text.near)
    if kind == "datetime" and len(text.near) > 10:
        return Typed(Value(_instant(text.near, "timestamp", instant_of)), "datetime", text.near)
    found = Typed(Value(_instant(text.near, "date", date.fromisoformat)), "date", text.near)
    return found if kind == "date" else _same_moments(found, Typed(Value(None), "datetime"))[0]


def _same_moments(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """A date beside a time: a time that is written becomes its day, a date that is written its beginning."""

    def cast(each: Typed, other: Typed) -> Typed:
        if not each.literal:
            return each
        value = each.term.value if isinstance(each.term, Value) else None
        if isinstance(value, datetime) and other.kind == "date":
            return Typed(Value(day_of(value)), "date", each.near)
        if isinstance(value, date) and not isinstance(value, datetime) and other.kind == "datetime":
            return Typed(Value(instant_of(value.isoformat())), "datetime", each.near)
        return each

    made = cast(left, right), cast(right, left)
    if made[0].kind != made[1].kind:
        raise FilterError("A column of dates cannot be compared with one of times.", near=left.near)
    return made


def one(arguments: Any, name: str) -> Any:
    """The only argument."""
    if not isinstance(arguments, list) or len(arguments) != 1:
        raise FilterError(f"{name.upper()} takes one argument.", near=name)
    return arguments[0]


def two(arguments: Any, name: str) -> list[Any]:
    """Both arguments."""
    if not isinstance(arguments, list) or len(arguments) != 2:
        raise FilterError(f"{name.upper()} takes two arguments.", near=name)
    return arguments


def _number(value: int | float) -> Typed:
    if not math.isfinite(value):
        raise FilterError("A number is too large.")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, int) and abs(value) >= 2**63:
        value = float(value)
    return Typed(Value(value), "number", f"{value}")


def _instant(text: Any, name: str, read: Callable[[str], Any]) -> Any:
    if not isinstance(text, str):
        raise FilterError(f"{name.upper()} takes a text.", near=name)
    try:
        return read(text)
    except ValueError as error:
        words = str(error) if name == "timestamp" else f"“{text}” is no date; write it like 2026-11-23."
        raise FilterError(words, near=text) from None


_INSTANTS: dict[str, Callable[[str], Any]] = {"date": date.fromisoformat, "timestamp": instant_of}
_INSTANT_KINDS = {"date": "date", "timestamp": "datetime"}
