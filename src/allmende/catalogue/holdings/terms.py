"""Conditions over the rows of a holding as a tree, and the one place where such a tree becomes SQL.

Names of functions come from the table below, names of columns from the holding; every value is bound.
"""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from allmende.catalogue.holdings import spatial
from allmende.catalogue.holdings.columns import GEOMETRY
from allmende.catalogue.holdings.engine import quoted

FUNCTIONS: dict[str, str] = {
    "and": " AND ",
    "or": " OR ",
    "not": "(NOT {0})",
    "eq": "({0} = {1})",
    "ne": "({0} <> {1})",
    "gt": "({0} > {1})",
    "ge": "({0} >= {1})",
    "lt": "({0} < {1})",
    "le": "({0} <= {1})",
    "between": "({0} BETWEEN {1} AND {2})",
    "is_null": "({0} IS NULL)",
    "add": "({0} + {1})",
    "sub": "({0} - {1})",
    "mul": "({0} * {1})",
    "div": "({0} / nullif({1}, 0))",
    "mod": "({0} % nullif({1}, 0))",
    "idiv": "({0} // nullif({1}, 0))",
    "number": "CAST({0} AS DOUBLE)",
    "truncated": "trunc({0} / nullif({1}, 0))",
    "power": "pow({0}, {1})",
    "neg": "(- {0})",
    "like": "({0} LIKE {1} ESCAPE '\\')",
    "contains": "contains({0}, {1})",
    "contains_words": "contains(lower(strip_accents({0})), lower(strip_accents({1})))",
    "startswith": "starts_with({0}, {1})",
    "lower": "lower({0})",
    "unaccented": "strip_accents({0})",
    "text": "CAST({0} AS VARCHAR)",
    "year": "year({0})",
}


class Column(Struct, frozen=True, tag="column"):
    """A column of the holding, or `_id`, `_row`."""

    name: str


class Value(Struct, frozen=True, tag="value"):
    """A constant."""

    value: bool | int | float | str | date | datetime | None


class Call(Struct, frozen=True, tag="call"):
    """A function of `FUNCTIONS` with its arguments."""

    name: str
    arguments: tuple["Term", ...]


class OneOf(Struct, frozen=True, tag="one_of"):
    """Whether a term is one of these constants."""

    term: "Term"
    values: tuple[bool | int | float | str | date | datetime, ...]


class InBox(Struct, frozen=True, tag="in_box"):
    """Whether the row's box meets this one (WGS 84); west > east crosses the date line. whole: lies within it.

    Without a value where the row has no place.
    """

    west: float
    south: float
    east: float
    north: float
    whole: bool = False


class Spatial(Struct, frozen=True, tag="spatial"):
    """Whether the row's geometry stands in a relation to this one. relation: a name of `spatial.RELATIONS`; wkb: in
    WGS 84; box: of that geometry, to look at few rows."""

    relation: str
    wkb: bytes
    box: InBox | None = None


Term = Column | Value | Call | OneOf | InBox | Spatial


class UnknownColumn(ValueError):
    """The holding has no such column. Carries its name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no column '{name}'.")
        self.name = name


def every(*terms: Term) -> Term:
    """All of these conditions."""
    return terms[0] if len(terms) == 1 else Call("and", terms)


class Sql:
    """Puts terms into SQL; values collects what is bound. types: SQL types by column."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types
        self.values: list[object] = []

    def of(self, term: Term) -> str:
        """The SQL of a term. Raises UnknownColumn, KeyError for a function that is none."""
        if isinstance(term, Column):
            return self._column(term.name)
        if isinstance(term, Value):
            return self._bound(term.value)
        if isinstance(term, OneOf):
            if not term.values:
                return "false"
            return f"({self.of(term.term)} IN ({', '.join(self._bound(value) for value in term.values)}))"
        if isinstance(term, InBox):
            return self._box(term)
        if isinstance(term, Spatial):
            near = f"{self._box(term.box)} AND " if term.box else ""
            assert term.relation in spatial.RELATIONS
            return f"({near}{term.relation}({GEOMETRY}, {self._bound(spatial.key_of(term.wkb))}))"
        if term.name in ("and", "or"):
            return "(" + FUNCTIONS[term.name].join(self.of(each) for each in term.arguments) + ")"
        return FUNCTIONS[term.name].format(*(self.of(each) for each in term.arguments))

    def _column(self, name: str) -> str:
        if name not in self._types and name not in ("_id", "_row"):
            raise UnknownColumn(name)
        return quoted(name)

    def _bound(self, value: object) -> str:
        self.values.append(value)
        return "?"

    def _box(self, box: InBox) -> str:
        """Numbers, not bound values: DuckDB passes over row groups by their bounds for those only (1 ms against 3)."""
        west, south, east, north = (f"{float(side)!r}::DOUBLE" for side in (box.west, box.south, box.east, box.north))
        if box.whole:
            inside = f"_xmin >= {west} AND _xmax <= {east}"
            if box.west > box.east:
                inside = f"(_xmin >= {west} OR _xmax <= {east})"
            return f"(_ymin >= {south} AND _ymax <= {north} AND {inside})"
        high = f"_ymax >= {south} AND _ymin <= {north}"
        if box.west > box.east:
            return f"({high} AND (_xmax >= {west} OR _xmin <= {east}))"
        return f"({high} AND _xmax >= {west} AND _xmin <= {east})"
