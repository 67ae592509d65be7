"""Spatial functions (18-088 § 9.3.3.5.2), answered with shapely over the geometries that the actor may see.

Distances and lengths are in degrees, as the coordinates are (OData 4: in the unit of the reference system). shapely is
imported when it is first needed: it weighs tens of megabytes.
"""

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.tree import (
    Arithmetic,
    Call,
    Comparison,
    Geography,
    Literal,
    Logic,
    Negation,
    Node,
    Not,
    Path,
    walk,
)

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_RELATIONS = {
    "geo.intersects": "intersects",
    "st_intersects": "intersects",
    "st_equals": "equals",
    "st_disjoint": "disjoint",
    "st_touches": "touches",
    "st_within": "within",
    "st_overlaps": "overlaps",
    "st_crosses": "crosses",
    "st_contains": "contains",
}
_NEAR = frozenset(_RELATIONS) - {"st_disjoint"}  # these hold only where the boxes meet
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le,
}  # fmt: skip
_CALCULATE: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "mod": operator.mod,
}  # fmt: skip


def spatial(node: Node) -> bool:
    """Whether a spatial function stands in it."""
    return any(isinstance(part, Call) and (part.name in _RELATIONS or part.name in _MEASURES) for part in walk(node))


def geometry_paths(node: Node) -> list[Path]:
    """The paths in it, each once. Raises Fault for one that leads to anything but a geometry."""
    paths = [part for part in walk(node) if isinstance(part, Path)]
    for path in paths:
        if path.below or path.leaf.name not in ("location", "feature", "observedArea"):
            raise Fault("Beside a spatial function only geometries and constants can stand.", path.at)
    unique = {(path.hops, path.leaf.name): path for path in paths}
    return list(unique.values())


def box_of(node: Node) -> tuple[float, float, float, float] | None:
    """West, south, east, north outside of which the condition cannot hold; None where nothing can be said."""
    if not isinstance(node, Call) or node.name not in _NEAR:
        return None
    shapes = [part for part in node.arguments if isinstance(part, Literal)]
    if len(shapes) != 1 or not isinstance(shapes[0].value, Geography):
        return None
    shape = _shape(shapes[0].value.geojson)
    assert shape is not None  # the parser has checked it
    west, south, east, north = shape.bounds
    return float(west), float(south), float(east), float(north)


class Evaluator:
    """Evaluates a condition for one row after another. values: geometries (GeoJSON or None) by (hops, property)."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._constants: dict[int, BaseGeometry] = {}

    def holds(self, values: dict[Any, Any]) -> bool:
        """Whether it is true of these geometries."""
        return self._value(self.node, values) is True

    def measure(self, values: dict[Any, Any]) -> float | None:
        """A number, for orders."""
        found = self._value(self.node, values)
        return None if found is None else float(found)

    def _value(self, node: Node, values: dict[Any, Any]) -> Any:
        """The value of a part; None is unknown."""
        match node:
            case Literal(value=Geography()):
                if id(node) not in self._constants:
                    self._constants[id(node)] = _shape(node.value.geojson)  # type: ignore[union-attr]
                return self._constants[id(node)]
            case Literal(value=value):
                return value
            case Path(hops=hops, leaf=leaf):
                return _shape(values.get((hops, leaf.name)))
            case Not(operand=inner):
                found = self._value(inner, values)
                return None if found is None else not found
            case Negation(operand=inner):
                found = self._value(inner, values)
                return None if found is None else -found
            case Logic(operator=name, operands=operands):
                return _logic(name, [self._value(operand, values) for operand in operands])
            case Comparison(operator=name, left=left, right=right) | Arithmetic(operator=name, left=left, right=right):
                a, b = self._value(left, values), self._value(right, values)
                if a is None or b is None or (name in ("div", "mod") and b == 0):
                    return None
                return (_COMPARE.get(name) or _CALCULATE[name])(a, b)
            case Call(name=name, arguments=arguments):
                return self._called(node, name, [self._value(argument, values) for argument in arguments])
            case _:
                raise Fault("This cannot stand beside a spatial function.", node.at)

    def _called(self, node: Node, name: str, arguments: list[Any]) -> Any:
        if any(argument is None for argument in arguments):
            return None
        if name in _RELATIONS:
            return bool(getattr(arguments[0], _RELATIONS[name])(arguments[1]))
        if name in _MEASURES:
            return _MEASURES[name](arguments)
        raise Fault(f"{name} cannot stand beside a spatial function.", node.at)


_MEASURES: dict[str, Callable[[list[Any]], Any]] = {
    "geo.distance": lambda a: float(a[0].distance(a[1])),
    "geo.length": lambda a: float(a[0].length),
    "st_relate": lambda a: bool(a[0].relate_pattern(a[1], a[2])),
}


def _logic(name: str, values: list[Any]) -> bool | None:
    decisive = name == "or"
    if any(value is decisive for value in values):
        return decisive
    return None if any(value is None for value in values) else not decisive


def _shape(geojson: Any) -> "BaseGeometry | None":
    """A geometry from GeoJSON (a Feature's is taken out); None for what is none."""
    from shapely import GEOSException  # noqa: PLC0415 - see the module's first lines
    from shapely.geometry import GeometryCollection, shape  # noqa: PLC0415 - the same

    if not isinstance(geojson, dict):
        return None
    try:
        if geojson.get("type") == "Feature":
            return shape(geojson["geometry"])
        if geojson.get("type") == "FeatureCollection":
            return GeometryCollection([shape(feature["geometry"]) for feature in geojson["features"]])
        return shape(geojson)
    except (GEOSException, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
