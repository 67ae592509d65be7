"""The tree that a filter or an order becomes. Every node knows its position (`at`) and its type (`kind`).

Positions count code points of the option's text from 0. Whoever compiles a tree may rely on its types: it is built by
`checking` only.
"""

from collections.abc import Iterator
from datetime import date, time
from typing import Any, ClassVar, TypeAlias

import msgspec
from msgspec import Struct

from allmende.api.sensorthings.entities import EntityType, Kind, Navigation, Property


class Duration(Struct, frozen=True):
    """A length of time. months have no fixed length and are kept apart; both parts have the same sign."""

    months: int
    us: int


class Interval(Struct, frozen=True):
    """start and end in µs UTC since 1970; start ≤ end."""

    start: int
    end: int


class Geography(Struct, frozen=True):
    """A geometry: as well-formed WKT without SRID, and as GeoJSON. Longitude first, WGS 84."""

    wkt: str
    geojson: dict[str, Any]


Value: TypeAlias = bool | int | float | str | Duration | Interval | date | time | Geography | None


class Literal(Struct, frozen=True):
    """A value that stands in the query.

    By kind: null None; boolean bool; number int or float; string str; instant int (µs UTC); interval Interval;
    duration Duration; date date; time of day time; geometry Geography.
    """

    at: int
    kind: Kind
    value: Value


class Path(Struct, frozen=True):
    """A property (`leaf`), of the entity itself or across `hops`.

    below: what follows the property inside its JSON: names, and whole numbers for `[0]`. A name of digits (`a/0`) may
    mean a member of an array as well as a key; only the value can tell.
    """

    at: int
    kind: Kind
    hops: tuple[Navigation, ...]
    leaf: Property
    below: tuple[str | int, ...] = ()

    @property
    def many(self) -> bool:
        """Whether it leads across a link to many: then a comparison holds if it holds for any of them."""
        return any(hop.many for hop in self.hops)

    def owner(self, root: EntityType) -> EntityType:
        """The entity type that has the property."""
        return self.hops[-1].target if self.hops else root


class Comparison(Struct, frozen=True):
    """operator: eq, ne, gt, ge, lt or le."""

    kind: ClassVar[Kind] = Kind.BOOLEAN
    at: int
    operator: str
    left: "Node"
    right: "Node"


class Membership(Struct, frozen=True):
    """`item in (1, 2)`: an extension, of OData 4.01."""

    kind: ClassVar[Kind] = Kind.BOOLEAN
    at: int
    item: "Node"
    members: tuple[Literal, ...]


class Logic(Struct, frozen=True):
    """operator: and, or. Two or more operands; chains of one operator are one node."""

    kind: ClassVar[Kind] = Kind.BOOLEAN
    at: int
    operator: str
    operands: tuple["Node", ...]


class Not(Struct, frozen=True):
    """The opposite of a boolean."""

    kind: ClassVar[Kind] = Kind.BOOLEAN
    at: int
    operand: "Node"


class Arithmetic(Struct, frozen=True):
    """operator: add, sub, mul, div or mod."""

    at: int
    kind: Kind
    operator: str
    left: "Node"
    right: "Node"


class Negation(Struct, frozen=True):
    """Minus, before a number or a duration."""

    at: int
    kind: Kind
    operand: "Node"


class Call(Struct, frozen=True):
    """A function of `functions.FUNCTIONS`; the number and the types of its arguments are right."""

    at: int
    kind: Kind
    name: str
    arguments: tuple["Node", ...]


Node: TypeAlias = Literal | Path | Comparison | Membership | Logic | Not | Arithmetic | Negation | Call


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in no order."""
    waiting = [node]
    while waiting:
        yield (one := waiting.pop())
        match one:
            case Logic(operands=several) | Call(arguments=several):
                waiting += several
            case Comparison() | Arithmetic():
                waiting += (one.left, one.right)
            case Not() | Negation():
                waiting.append(one.operand)
            case Membership():
                waiting += (one.item, *one.members)


def without_positions(value: Any) -> Any:
    """The same tree (or tuple of trees) with every position 0, so that two can be compared for what they say."""
    if isinstance(value, tuple):
        return tuple(without_positions(member) for member in value)
    if not isinstance(value, Struct) or not value.__struct_config__.eq:  # the schema is compared by identity
        return value
    changed = {name: without_positions(getattr(value, name)) for name in value.__struct_fields__}
    return msgspec.structs.replace(value, **{name: 0 if name == "at" else part for name, part in changed.items()})
