"""GeoJSON (RFC 7946) as plain dictionaries: checks whose errors name the place, and the one point that stands for it.

No geometry library here: every process imports this module, and they weigh tens of megabytes.
"""

import itertools
import math
from collections.abc import Iterator
from typing import Any

Point = tuple[float, float]  # longitude, latitude, WGS 84
Box = tuple[float, float, float, float]  # west, south, east, north; west > east crosses the date line

GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
_DEEPEST = 8  # nested GeometryCollections; RFC 7946 § 3.1.8 advises against any


class GeometryError(ValueError):
    """The object is not good GeoJSON. Carries the path to the fault, such as `coordinates[0][3]`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


def point(lon: float, lat: float) -> dict[str, Any]:
    """A GeoJSON Point. Raises GeometryError for coordinates off the earth."""
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    check_geojson(geometry)
    return geometry


def check_geojson(obj: Any, path: str = "") -> None:
    """Raises GeometryError, naming the place, unless obj is a GeoJSON geometry, Feature or FeatureCollection."""
    _check(obj, path, _DEEPEST)


def _check(obj: Any, path: str, deepest: int) -> None:
    if deepest < 0:
        raise GeometryError(path, f"collections are nested more than {_DEEPEST} deep.")
    if not isinstance(obj, dict):
        raise GeometryError(path, "a GeoJSON object was expected.")
    kind = obj.get("type")
    if kind == "Feature":
        if obj.get("geometry") is None:
            raise GeometryError(_join(path, "geometry"), "a place without geometry cannot be shown.")
        _check_geometry(obj["geometry"], _join(path, "geometry"), deepest)
    elif kind == "FeatureCollection":
        for index, feature in enumerate(_members(obj, "features", path)):
            _check(feature, f"{_join(path, 'features')}[{index}]", deepest - 1)
    else:
        _check_geometry(obj, path, deepest)


def _check_geometry(obj: Any, path: str, deepest: int) -> None:
    kind = obj.get("type") if isinstance(obj, dict) else None
    if kind == "GeometryCollection":
        if deepest == 0:
            raise GeometryError(path, f"collections are nested more than {_DEEPEST} deep.")
        for index, geometry in enumerate(_members(obj, "geometries", path)):
            _check_geometry(geometry, f"{_join(path, 'geometries')}[{index}]", deepest - 1)
        return
    if kind not in GEOMETRIES:
        raise GeometryError(_join(path, "type"), f"{kind!r} is no GeoJSON type; use one of {', '.join(GEOMETRIES)}.")
    coordinates, where = obj.get("coordinates"), _join(path, "coordinates")
    if kind == "Point":
        _check_position(coordinates, where)
    elif kind == "LineString":
        _check_line(coordinates, where)
    elif kind == "Polygon":
        _check_polygon(coordinates, where)
    else:
        part = {"MultiPoint": _check_position, "MultiLineString": _check_line, "MultiPolygon": _check_polygon}[kind]
        for index, member in enumerate(_list(coordinates, where, 1, "part")):
            part(member, f"{where}[{index}]")


def _check_position(value: Any, path: str) -> None:
    if not isinstance(value, list | tuple) or len(value) not in (2, 3):
        raise GeometryError(path, "a position is [longitude, latitude] or [longitude, latitude, height].")
    for index, number in enumerate(value):
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise GeometryError(f"{path}[{index}]", f"{number!r} is not a finite number.")
    for index, (name, limit) in enumerate((("longitude", 180), ("latitude", 90))):
        if abs(value[index]) > limit:
            hint = " Are longitude and latitude swapped?" if name == "latitude" and abs(value[0]) <= 90 else ""
            raise GeometryError(
                f"{path}[{index}]", f"the {name} {value[index]} is not between -{limit} and {limit}.{hint}"
            )


def _check_line(value: Any, path: str) -> None:
    for index, position in enumerate(_list(value, path, 2, "position")):
        _check_position(position, f"{path}[{index}]")


def _check_polygon(value: Any, path: str) -> None:
    for index, ring in enumerate(_list(value, path, 1, "ring")):
        where = f"{path}[{index}]"
        for number, position in enumerate(_list(ring, where, 4, "position")):
            _check_position(position, f"{where}[{number}]")
        if list(ring[0]) != list(ring[-1]):
            raise GeometryError(where, "the ring is not closed; repeat its first position at its end.")


def _list(value: Any, path: str, least: int, what: str) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) < least:
        raise GeometryError(path, f"at least {least} {what}{'s' if least > 1 else ''} expected.")
    return list(value)


def _members(obj: dict[str, Any], name: str, path: str) -> list[Any]:
    members = obj.get(name)
    if not isinstance(members, list) or not members:
        raise GeometryError(_join(path, name), "a list with at least one member was expected.")
    return members


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def parse_bbox(text: str) -> Box:
    """West, south, east, north from `west,south,east,north` or its form with heights (OGC 17-069r4 § 7.15.3).

    West may be greater than east: the box then crosses the date line. Raises ValueError with a message for people.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"'{text}' is not a box; write west,south,east,north as numbers.") from None
    if len(numbers) == 6:
        numbers = [*numbers[0:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise ValueError(f"'{text}' is not a box; four (or, with heights, six) finite numbers were expected.")
    west, south, east, north = numbers
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise ValueError(f"'{text}' is not a box on the earth; longitudes are within ±180, latitudes within ±90.")
    if south > north:
        raise ValueError(f"'{text}' has its south ({south}) above its north ({north}).")
    return west, south, east, north


def box_of(geometry: dict[str, Any]) -> Box:
    """West, south, east, north of what check_geojson accepts; across the date line the box goes the long way round."""
    positions = [position for kind, coordinates in _parts(geometry) for position in _positions(kind, coordinates)]
    lons, lats = [position[0] for position in positions], [position[1] for position in positions]
    return float(min(lons)), float(min(lats)), float(max(lons)), float(max(lats))


def _positions(kind: str, coordinates: Any) -> list[Any]:
    if kind == "Point":
        return [coordinates]
    return list(coordinates) if kind == "LineString" else list(coordinates[0])


def representative_point(geometry: dict[str, Any]) -> Point:
    """(longitude, latitude) of a point that lies on the geometry: of several parts, on the largest.

    Point: itself; line: the middle of its way; polygon: inside, off the holes. Expects what check_geojson accepts.
    """
    parts: dict[str, list[Any]] = {"Point": [], "LineString": [], "Polygon": []}
    for kind, coordinates in _parts(geometry):
        parts[kind].append(coordinates)
    if parts["Polygon"]:
        return _within(max(parts["Polygon"], key=lambda rings: abs(_doubled_area(rings[0]))))
    if parts["LineString"]:
        return _halfway(max(parts["LineString"], key=_length))
    return float(parts["Point"][0][0]), float(parts["Point"][0][1])


def _parts(obj: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = obj["type"]
    if kind == "Feature":
        yield from _parts(obj["geometry"])
    elif kind in ("FeatureCollection", "GeometryCollection"):
        for member in obj["features" if kind == "FeatureCollection" else "geometries"]:
            yield from _parts(member)
    elif kind.startswith("Multi"):
        for member in obj["coordinates"]:
            yield kind.removeprefix("Multi"), member
    else:
        yield kind, obj["coordinates"]


def _doubled_area(ring: list[Any]) -> float:
    return math.fsum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def _length(line: list[Any]) -> float:
    return math.fsum(math.dist(a[:2], b[:2]) for a, b in itertools.pairwise(line))


def _halfway(line: list[Any]) -> Point:
    left = _length(line) / 2
    for a, b in itertools.pairwise(line):
        step = math.dist(a[:2], b[:2])
        if step > 0 and left <= step:
            share = left / step
            return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
        left -= step
    return float(line[0][0]), float(line[0][1])


def _within(rings: list[Any]) -> Point:
    """The middle of the widest stretch of the polygon along a parallel near the middle of its height."""
    latitudes = sorted({position[1] for position in rings[0]})
    if len(latitudes) < 2:
        return float(rings[0][0][0]), float(rings[0][0][1])
    middle = (latitudes[0] + latitudes[-1]) / 2
    # Between two neighbouring vertices in height, so that the parallel meets no vertex.
    low, high = min(itertools.pairwise(latitudes), key=lambda pair: abs(sum(pair) / 2 - middle))
    latitude = (low + high) / 2
    crossings = sorted(
        a[0] + (latitude - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        for ring in rings
        for a, b in itertools.pairwise(ring)
        if (a[1] > latitude) != (b[1] > latitude)
    )
    stretches = list(zip(crossings[::2], crossings[1::2], strict=False))
    west, east = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    return (west + east) / 2, latitude
