"""Spatial functions of a filter."""

from typing import Any

import msgspec
import numpy as np
import shapely

from allmende.api.ogc.crs import Crs
from allmende.api.ogc.filters.faults import FilterError
from allmende.catalogue.holdings.columns import GEOMETRY
from allmende.catalogue.holdings.reading import Holding
from allmende.catalogue.holdings.spatial import RELATIONS
from allmende.catalogue.holdings.terms import Call, InBox, Spatial, Term, Value

_TURNED = {"s_within": "s_contains", "s_contains": "s_within"}
_OF_ITSELF = {"s_intersects", "s_within", "s_contains", "s_equals"}  # relations of every geometry to itself
_MOST = 50_000  # positions in a geometry


class Shapes:
    """Relations of a row's geometry to those of the filter. crs: in which these are written."""

    def __init__(self, holding: Holding, crs: Crs) -> None:
        self._placed, self._crs = holding.placed, crs

    def is_place(self, node: Any) -> bool:
        """Whether it names the geometry of rows."""
        return self._placed and isinstance(node, dict) and node.get("property") == GEOMETRY

    def related(self, name: str, left: Any, right: Any) -> Term:
        """One of the functions. Raises FilterError."""
        if self.is_place(left) and self.is_place(right):
            somewhere = Call("is_null", (InBox(-180, -90, 180, 90),))
            return Call("not", (somewhere,)) if name in _OF_ITSELF else Value(False)
        if self.is_place(left):
            return self._to_literal(name, right)
        if self.is_place(right):
            return self._to_literal(_TURNED.get(name, name), left)
        return Value(bool(RELATIONS[name](self._shape(right), self._shape(left))))

    def _to_literal(self, name: str, node: Any) -> Term:
        shape = self._shape(node)
        if shape.is_empty:
            return Value(name == "s_disjoint")
        wkb = shapely.to_wkb(shape)
        if name == "s_disjoint":
            return Spatial(name, wkb)
        west, south, east, north = shape.bounds
        return Spatial(name, wkb, InBox(west, south, east, north))

    def _shape(self, node: Any) -> Any:
        """A geometry of the filter in WGS 84."""
        if not isinstance(node, dict) or node.keys().isdisjoint({"type", "bbox"}):
            if isinstance(node, dict) and "property" in node:
                text = f"“{node['property']}” is no geometry; the geometry of features is called “geometry”."
                raise FilterError(text, near=str(node["property"]))
            raise FilterError("A geometry was expected, such as POINT(11.58 50.93).")
        shape = self._boxed(node["bbox"]) if "bbox" in node else _literal(node)
        if shapely.get_num_coordinates(shape) > _MOST:
            raise FilterError(f"The geometry has more than {_MOST:,} positions.")
        there = self._crs.shape_to_wgs84(shape)
        if not np.isfinite(shapely.get_coordinates(there)).all():
            raise FilterError(f"The geometry lies outside the area of {self._crs.uri}.")
        x, y = shapely.get_coordinates(there).T
        if len(x) and (max(-x.min(), x.max()) > 180 or max(-y.min(), y.max()) > 90):
            raise FilterError("The geometry is not on the earth; are longitude and latitude swapped?")
        if not shapely.is_valid(there):
            raise FilterError(f"The geometry is not valid: {shapely.is_valid_reason(there)}.")
        return there

    def _boxed(self, sides: Any) -> Any:
        if not isinstance(sides, list) or len(sides) not in (4, 6) or not all(_finite(each) for each in sides):
            raise FilterError("BBOX takes four numbers.", near="bbox")
        a, b, c, d = sides if len(sides) == 4 else [*sides[:2], *sides[3:5]]
        across = self._crs.plain and a > c  # the date line
        if b > d or (a > c and not across):
            raise FilterError("The first corner of BBOX is the one with the smaller numbers.", near="bbox")
        if across:
            return shapely.union(shapely.box(a, b, 180, d), shapely.box(-180, b, c, d))
        return self._crs.densified(shapely.box(a, b, c, d))


def _finite(number: Any) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and bool(np.isfinite(number))


def _literal(node: dict[str, Any]) -> Any:
    """From GeoJSON, whatever the system that its coordinates are in."""
    try:
        return shapely.from_geojson(msgspec.json.encode(node))
    except shapely.errors.ShapelyError as error:
        reason = str(error).partition(": ")[2] or "it is no GeoJSON"
        raise FilterError(f"The geometry cannot be read: {reason}.") from None
