"""The ground of the demo town's map, drawn by rule: river, meadows, woods, blocks of houses, roads and a railway.

Kilometres east and north of the market place, turned into GeoJSON whose features carry `kind` (green, water, built;
river, boundary, path, rail, street, road) and, where it has one, `name`. Nothing here is a real place.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from allmende.run.demo.chance import hashed, key_of
from allmende.run.demo.town import CENTRE, NAME, RIVER

Point = tuple[float, float]
Feature = dict[str, Any]

_RIVER = (
    (-5.2, 2.3),
    (-3.4, 1.5),
    (-2.2, 1.45),
    (-1.1, 0.85),
    (0.3, 0.52),
    (1.2, 0.82),
    (2.5, 0.45),
    (3.6, 0.9),
    (5.2, 0.6),
)
_RAIL = ((-5.2, -2.0), (-2.6, -1.35), (-0.75, -0.85), (1.0, -0.62), (2.8, -0.45), (5.2, -0.9))
_ROADS = {
    "Nordallee": ((-0.35, 0.95), (-0.5, 2.0), (-0.2, 3.4), (-0.6, 4.6)),
    "Birkenstraße": ((-0.9, 0.35), (-1.8, 1.0), (-2.6, 1.9), (-4.2, 2.9)),
    "Gartenstraße": ((-0.85, -0.4), (-1.7, -1.1), (-3.2, -1.0), (-4.8, -1.5)),
    "Südsteige": ((0.25, -0.9), (0.45, -1.7), (0.9, -2.5), (0.6, -4.2)),
    "Kalkweg": ((0.75, -0.6), (1.6, -1.2), (2.4, -1.6), (4.2, -2.6)),
    "Hafenstraße": ((0.95, 0.2), (1.7, 0.25), (2.9, 0.1), (4.9, 0.2)),
}
# name: (east, north, radius, how far apart streets are, how much the grid is turned)
_QUARTERS = {
    "Altstadt": (0.0, 0.0, 0.86, 0.13, 0.35),
    "Nordbogen": (-0.4, 1.95, 1.0, 0.18, -0.2),
    "Ostkai": (2.05, -0.08, 0.78, 0.2, 0.05),
    "Bahnhof": (-1.05, -0.68, 0.56, 0.16, 0.3),
    "Gartenfeld": (-2.3, -1.05, 0.92, 0.19, 0.15),
    "Südhöhe": (0.65, -2.15, 1.0, 0.19, -0.35),
    "Kalkhang": (2.15, -1.45, 0.72, 0.18, 0.6),
    "Birkried": (-2.75, 2.3, 0.62, 0.17, -0.5),
}
_GREEN = {
    "Stadtpark": (1.1, -0.22, 0.26),
    "Anger": (0.27, 0.22, 0.09),
    "Südwald": (-1.2, -3.3, 1.15),
    "Kalkberg": (3.6, -2.4, 1.1),
    "Nordwald": (2.0, 3.0, 1.25),
    "Birkried": (-3.7, 1.0, 0.6),
    "Sirnaue": (1.75, 1.15, 0.42),
    "Friedhof": (-1.1, 1.0, 0.17),
}
_LAKES = {"Riedsee": (-3.6, 0.85, 0.24), "Hafenbecken": (2.35, 0.32, 0.13)}


def ground() -> dict[str, Any]:
    """The map as a GeoJSON FeatureCollection, the same on every call."""
    river = _curve(_RIVER)
    features = [_polygon("green", _blob(name, *where), name) for name, where in _GREEN.items()]
    features.append(_polygon("green", _beside(river, 0.16), f"{RIVER}wiesen"))
    features += [_polygon("water", _blob(name, *where), name) for name, where in _LAKES.items()]
    for name, quarter in _QUARTERS.items():
        features += _quarter(name, quarter, river)
    features.append(_line("boundary", _closed(_blob(NAME, 0.0, 0.0, 4.3)), NAME))
    features += [_line("boundary", _closed(_blob(name, *where[:3])), name) for name, where in _QUARTERS.items()]
    features.append(_line("river", river, RIVER))
    features.append(_line("path", [(x, y + 0.07) for x, y in river], "Uferpromenade"))
    features.append(_line("rail", _curve(_RAIL), "Bahn"))
    features += [_line("road", _curve(points), name) for name, points in _ROADS.items()]
    features.append(_line("road", _closed(_blob("Ulmenring", 0.0, 0.0, 0.93)), "Ulmenring"))
    return {"type": "FeatureCollection", "simulated": True, "features": features}


def _quarter(name: str, quarter: tuple[float, float, float, float, float], river: Sequence[Point]) -> list[Feature]:
    """Blocks of houses on a turned grid, and the streets between them, within the quarter and off the water."""
    east, north, radius, gap, turn = quarter
    cells = int(radius / gap) + 1

    def corner(column: float, row: float) -> Point:
        bend = 0.12 * gap * math.sin(2.1 * column + turn) + 0.12 * gap * math.cos(1.7 * row)
        x, y = column * gap + bend, row * gap - bend
        return east + x * math.cos(turn) - y * math.sin(turn), north + x * math.sin(turn) + y * math.cos(turn)

    def within(point: Point) -> bool:
        inside = math.dist(point, (east, north)) < _reach(name, radius, point[0] - east, point[1] - north)
        return inside and _dry(point, river)

    chance = hashed(key_of(3, name), np.arange((2 * cells + 1) ** 2)).tolist()
    features = []
    for column in range(-cells, cells + 1):
        for row in range(-cells, cells + 1):
            side = 0.5 - 0.09 / gap * 0.2
            corners = [corner(column + x * side, row + y * side) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
            if chance.pop() < 0.9 and all(within(each) for each in corners):
                features.append(_polygon("built", corners))
    for number in range(-cells, cells + 2):
        for line in (
            [corner(number - 0.5, row / 2 - 0.5) for row in range(-2 * cells, 2 * cells + 3)],
            [corner(column / 2 - 0.5, number - 0.5) for column in range(-2 * cells, 2 * cells + 3)],
        ):
            features += [_line("street", part) for part in _parts(line, within)]
    return features


def _parts(line: Iterable[Point], within: Any) -> list[list[Point]]:
    """The stretches of a line that lie within, of at least two corners."""
    parts: list[list[Point]] = [[]]
    for point in line:
        if within(point):
            parts[-1].append(point)
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if len(part) > 2]


def _dry(point: Point, river: Sequence[Point]) -> bool:
    """Off the river and its meadows, the park, the green and the lakes."""
    if min(math.dist(point, each) for each in river) < 0.17:
        return False
    wet = [_GREEN["Stadtpark"], _GREEN["Anger"], _GREEN["Friedhof"], *_LAKES.values()]
    return all(math.dist(point, (x, y)) > radius * 1.12 for x, y, radius in wet)


def _reach(name: str, radius: float, x: float, y: float) -> float:
    """How far a shape reaches in a direction: a circle with a few gentle waves of its own."""
    angle = math.atan2(y, x)
    waves = hashed(key_of(5, name), np.arange(6)).tolist()
    return radius * (1 + sum(0.11 * waves[n] * math.cos((n + 2) * angle + 6.28 * waves[n + 3]) for n in range(3)))


def _blob(name: str, east: float, north: float, radius: float) -> list[Point]:
    angles = [2 * math.pi * n / 40 for n in range(40)]
    return [
        (
            east + math.cos(angle) * _reach(name, radius, math.cos(angle), math.sin(angle)),
            north + math.sin(angle) * _reach(name, radius, math.cos(angle), math.sin(angle)),
        )
        for angle in angles
    ]


def _curve(points: Sequence[Point], steps: int = 12) -> list[Point]:
    """A smooth line through the points (Catmull and Rom 1974)."""
    ends = [points[0], *points, points[-1]]
    line = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(steps):
            t = step / steps
            line.append(tuple(_rom(t, *four) for four in zip(a, b, c, d, strict=True)))
    return [*line, points[-1]]  # type: ignore[list-item]


def _rom(t: float, a: float, b: float, c: float, d: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def _beside(line: Sequence[Point], width: float) -> list[Point]:
    """A band to both sides of a line."""
    return [(x, y + width) for x, y in line] + [(x, y - width) for x, y in reversed(line)]


def _closed(points: list[Point]) -> list[Point]:
    return [*points, points[0]]


def _polygon(kind: str, points: list[Point], name: str = "") -> Feature:
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True))
    ring = _closed(points if area > 0 else points[::-1])  # RFC 7946: the outer ring runs counter-clockwise
    return _feature(kind, name, "Polygon", [_placed(ring)])


def _line(kind: str, points: Sequence[Point], name: str = "") -> Feature:
    return _feature(kind, name, "LineString", _placed(points))


def _feature(kind: str, name: str, shape: str, coordinates: list[Any]) -> Feature:
    properties = {"kind": kind, "name": name} if name else {"kind": kind}
    return {"type": "Feature", "properties": properties, "geometry": {"type": shape, "coordinates": coordinates}}


def _placed(points: Sequence[Point]) -> list[list[float]]:
    """Kilometres as degrees, to about a metre."""
    return [[round(CENTRE[0] + x / 70.6, 5), round(CENTRE[1] + y / 111.2, 5)] for x, y in points]
