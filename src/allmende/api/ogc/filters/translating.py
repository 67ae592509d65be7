"""Predicates of a filter: logic, comparisons, and those of space and time, which have modules of their own."""

from typing import Any

from allmende.api.ogc.crs import Crs
from allmende.api.ogc.filters.faults import FilterError
from allmende.api.ogc.filters.moments import FUNCTIONS as TEMPORAL
from allmende.api.ogc.filters.moments import compared
from allmende.api.ogc.filters.shapes import Shapes
from allmende.api.ogc.filters.values import Scalars, Typed, alike, kind_name, one, two
from allmende.catalogue.holdings.reading import Holding
from allmende.catalogue.holdings.spatial import RELATIONS
from allmende.catalogue.holdings.terms import Call, InBox, OneOf, Term, Value

COMPARISONS = {"=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_DEEPEST = 100
_LONGEST_LIST = 1_000
_ARRAYS = ("a_equals", "a_contains", "a_containedby", "a_overlaps")


class Translator:
    """Makes a Term of a CQL2 tree (its JSON form) about one holding. crs: of the geometries in the tree."""

    def __init__(self, holding: Holding, crs: Crs) -> None:
        self._scalars = Scalars(holding)
        self._shapes = Shapes(holding, crs)
        self._depth = 0

    def condition(self, node: Any) -> Term:
        """A predicate. Raises FilterError."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FilterError("The filter is nested too deeply.")
        try:
            return self._condition(node)
        finally:
            self._depth -= 1

    def _condition(self, node: Any) -> Term:
        name = str(node.get("op", "")).lower() if isinstance(node, dict) else ""
        arguments = node.get("args", []) if isinstance(node, dict) else []
        if name in ("and", "or"):
            if not isinstance(arguments, list) or not arguments:
                raise FilterError(f"{name.upper()} takes conditions.", near=name)
            return Call(name, tuple(self.condition(each) for each in arguments))
        if name == "not":
            return Call("not", (self.condition(one(arguments, name)),))
        if name in COMPARISONS:
            return self._compared(name, *two(arguments, name))
        if name in RELATIONS:
            return self._shapes.related(name, *two(arguments, name))
        if name in TEMPORAL:
            left, right = two(arguments, name)
            return compared(name, left, right, self._scalars)
        if name in _ARRAYS:
            raise FilterError(f"There are no lists here that {name.upper()} could compare.", near=name)
        special = {"between": self._between, "in": self._one_of, "like": self._like, "isnull": self._is_null}
        if name in special:
            return special[name](arguments)
        return self._truth(node)

    def _truth(self, node: Any) -> Term:
        """A column of truth values, or true and false themselves."""
        found = self._scalars.of(node)
        if found.kind != "boolean":
            raise FilterError(f"A condition was expected, not {kind_name(found.kind)}.", near=found.near)
        return found.term

    def _operand(self, node: Any) -> Typed:
        """Something to compare: also whether a condition holds, as in `(a > 1) = TRUE`."""
        name = str(node.get("op", "")).lower() if isinstance(node, dict) else ""
        predicates = {"and", "or", "not", "between", "in", "like", "isnull", *COMPARISONS, *RELATIONS, *TEMPORAL}
        return Typed(self.condition(node), "boolean") if name in predicates else self._scalars.of(node)

    def _compared(self, name: str, left: Any, right: Any) -> Term:
        one_side, other = alike(self._operand(left), self._operand(right))
        return Call(COMPARISONS[name], (one_side.term, other.term))

    def _between(self, arguments: Any) -> Term:
        if isinstance(arguments, list) and len(arguments) == 2 and isinstance(arguments[1], list):
            arguments = [arguments[0], *arguments[1]]  # as drafts of the standard had it
        if not isinstance(arguments, list) or len(arguments) != 3:
            raise FilterError("BETWEEN takes a value and two bounds.", near="between")
        value, low, high = (self._scalars.of(each) for each in arguments)
        value, low = alike(value, low)
        value, high = alike(value, high)
        if value.kind not in ("number", "date", "datetime"):
            raise FilterError("BETWEEN is for numbers and times.", near=value.near)
        return Call("between", (value.term, low.term, high.term))

    def _one_of(self, arguments: Any) -> Term:
        node, found = two(arguments, "in")
        if not isinstance(found, list) or not found:
            raise FilterError("IN takes a list of values.", near="in")
        if len(found) > _LONGEST_LIST:
            raise FilterError(f"IN takes {_LONGEST_LIST:,} values at most.", near="in")
        value = self._scalars.of(node)
        pairs = [alike(value, self._scalars.of(each)) for each in found]
        if all(other.literal for _, other in pairs):
            return OneOf(value.term, tuple(_plain(other) for _, other in pairs))
        return Call("or", tuple(Call("eq", (term.term, other.term)) for term, other in pairs))

    def _like(self, arguments: Any) -> Term:
        value, pattern = (self._scalars.of(each) for each in two(arguments, "like"))
        if value.kind != "text" or pattern.kind != "text":
            raise FilterError("LIKE compares texts.", near=value.near)
        text = _written(pattern.term)
        if text is None:
            raise FilterError("What stands after LIKE must be written as a text.", near=pattern.near)
        if (len(text) - len(text.rstrip("\\"))) % 2:
            raise FilterError("The pattern ends with a backslash that has nothing to escape.", near=text)
        return Call("like", (value.term, pattern.term))

    def _is_null(self, arguments: Any) -> Term:
        node = one(arguments, "is null")
        if self._shapes.is_place(node):
            return Call("is_null", (InBox(-180, -90, 180, 90),))
        return Call("is_null", (self._operand(node).term,))


def _plain(value: Typed) -> Any:
    assert isinstance(value.term, Value)
    return value.term.value


def _written(term: Term) -> str | None:
    """The text of a literal, also within CASEI and ACCENTI."""
    while isinstance(term, Call):
        term = term.arguments[0]
    return term.value if isinstance(term, Value) and isinstance(term.value, str) else None
