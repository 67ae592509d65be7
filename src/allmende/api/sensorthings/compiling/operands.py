"""What a part of a filter becomes while it is compiled: one or more expressions of a dialect, with a type."""

from dataclasses import dataclass
from typing import Any, Protocol

from allmende.api.sensorthings.entities import Kind
from allmende.api.sensorthings.language.tree import Node, Path

Expression = Any  # a Django expression or a term of the store


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. kind: boolean, number, string, id, instant (µs), duration (µs), date (days), time of day (µs)."""

    kind: Kind
    value: Expression


@dataclass(frozen=True, slots=True)
class Span:
    """A time with begin and end (µs); of an instant both are the same. always: it is an interval, never an instant."""

    begin: Expression
    end: Expression
    always: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """A JSON value whose type only the row knows: the value as each type, null where it is another."""

    number: Expression
    text: Expression
    boolean: Expression
    anything: Expression  # any scalar as text, for functions of text
    present: Expression  # whether there is a value that is not null


@dataclass(frozen=True, slots=True)
class Nothing:
    """The literal null."""


Operand = Scalar | Span | Open | Nothing


class Dialect(Protocol):
    """How a place of answers writes what the compiler wants. Functions have the names of `store.terms.FUNCTIONS`."""

    def value(self, value: bool | int | float | str) -> Expression:
        """A constant."""

    def call(self, name: str, *arguments: Expression) -> Expression:
        """A function or an operator."""

    def path(self, path: Path) -> Operand:
        """What a path leads to. Raises Fault where it cannot be asked for."""

    def whole(self, node: Node) -> Expression | None:
        """A condition that this place answers as a whole in another way, such as by asking the other place first."""
