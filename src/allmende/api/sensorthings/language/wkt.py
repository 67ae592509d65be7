"""Well-known text (OGC 06-103r4 § 7) of geometries: read with the place of each fault, written in one plain form.

Longitude comes first; heights are kept, measures (M) are refused. Coordinates off the earth pass: maps that are zoomed
far out send such frames. An optional `SRID=4326;` may stand before.
"""

import math
import re
from collections.abc import Callable
from typing import Any

from allmende.api.sensorthings.language.faults import Fault, guess, shown
from allmende.api.sensorthings.language.tree import Geography

_TOKEN = re.compile(r"\s*([A-Za-z]+|[(),]|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.+-]))")
_SRID = re.compile(r"\s*SRID\s*=\s*(\d{1,9})\s*;", re.IGNORECASE)
_DEEPEST = 8  # nested collections

TYPES = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
    "GEOMETRYCOLLECTION": "GeometryCollection",
}
_NAMES = {kind: name for name, kind in TYPES.items()}
_HEAD = re.compile(f"({'|'.join(TYPES)})(ZM|Z|M)?", re.IGNORECASE)


def read(text: str, at: int) -> Geography:
    """The geometry of a text that begins at that position of the option. Raises Fault."""
    geojson = _Reader(text, at).whole()
    return Geography(written(geojson), geojson)


def written(geometry: dict[str, Any]) -> str:
    """The WKT of a GeoJSON geometry."""
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return f"GEOMETRYCOLLECTION ({', '.join(map(written, geometry['geometries']))})"
    position = geometry["coordinates"]
    while isinstance(position[0], list):
        position = position[0]
    mark = " Z" if len(position) == 3 else ""
    inside = _nested(geometry["coordinates"])
    return f"{_NAMES[kind]}{mark} {f'({inside})' if kind == 'Point' else inside}"


def _nested(coordinates: list[Any]) -> str:
    if isinstance(coordinates[0], list):
        return f"({', '.join(map(_nested, coordinates))})"
    return " ".join(map(repr, coordinates))


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self.text, self.base = text, at
        self.place = 0
        self.word, self.start = "", 0  # the token that comes next, and where it begins
        self.size = 0  # numbers a position: 2 or 3, the same in the whole geometry

    def whole(self) -> dict[str, Any]:
        if srid := _SRID.match(self.text):
            if srid[1] != "4326":
                raise self.fault(f"Only SRID 4326 (WGS 84) is known, not {srid[1]}.", 0)
            self.place = srid.end()
        self.advance()
        geometry = self.geometry(0)
        if self.word:
            raise self.fault(f"{shown(self.word)} follows after the end of the geometry.")
        return geometry

    def fault(self, reason: str, start: int | None = None) -> Fault:
        return Fault(reason, self.base + (self.start if start is None else start))

    def advance(self) -> str:
        """Steps over the next token and returns it."""
        passed = self.word
        match = _TOKEN.match(self.text, self.place)
        if match is None:
            rest = self.text[self.place :]
            self.start = len(self.text) - len(rest.lstrip())
            if rest.strip():
                raise self.fault("This cannot stand in a geometry.")
            self.word = ""
        else:
            self.word, self.start, self.place = match[1], match.start(1), match.end()
        return passed

    def expect(self, sign: str) -> None:
        if self.word != sign:
            raise self.fault(f"Here «{sign}» was expected in the geometry.")
        self.advance()

    def geometry(self, depth: int) -> dict[str, Any]:
        if depth > _DEEPEST:
            raise self.fault(f"Collections are nested more than {_DEEPEST} deep.")
        start = self.start
        kind, mark = self.head()
        if "M" in mark:
            raise self.fault("Measures (M) are not supported; heights (Z) are.", start)
        if self.word.upper() == "EMPTY":
            raise self.fault("An empty geometry relates to nothing.")
        if mark:
            self.fixed(3, start)
        if kind == "GeometryCollection":
            return {"type": kind, "geometries": self.several(lambda: self.geometry(depth + 1))}
        return {"type": kind, "coordinates": self.coordinates(kind)}

    def head(self) -> tuple[str, str]:
        """The type of the geometry that begins here, and its mark: "", Z, M or ZM, which may be a word of its own."""
        match = _HEAD.fullmatch(self.word)
        if match is None:
            known = guess(self.word, TYPES) if self.word.isalpha() else " Begin with POINT, LINESTRING or POLYGON."
            raise self.fault(f"{shown(self.word)} is no geometry.{known}")
        self.advance()
        mark = match[2] or (self.word if self.word.upper() in ("Z", "M", "ZM") else "")
        if mark and not match[2]:
            self.advance()
        return TYPES[match[1].upper()], mark.upper()

    def coordinates(self, kind: str) -> list[Any]:
        match kind:
            case "Point":
                return self.point()
            case "LineString":
                return self.line()
            case "Polygon":
                return self.several(self.ring)
            case "MultiPoint":
                return self.several(lambda: self.point() if self.word == "(" else self.position())
            case "MultiLineString":
                return self.several(self.line)
        return self.several(lambda: self.several(self.ring))

    def several(self, part: Callable[[], Any]) -> list[Any]:
        self.expect("(")
        parts = [part()]
        while self.word == ",":
            self.advance()
            parts.append(part())
        self.expect(")")
        return parts

    def point(self) -> list[float]:
        """A position in brackets. 18-088 § 9.3.3.5.1 itself writes POINT(-122, 43) once, so a comma may stand there."""
        self.expect("(")
        start, numbers = self.start, [self.number()]
        if self.word == ",":
            self.advance()
        position = self.position(numbers, start)
        self.expect(")")
        return position

    def line(self) -> list[Any]:
        start = self.start
        positions = self.several(self.position)
        if len(positions) < 2:
            raise self.fault("A line has at least two positions.", start)
        return positions

    def ring(self) -> list[Any]:
        start = self.start
        positions = self.several(self.position)
        if len(positions) < 4:
            raise self.fault("A ring has at least four positions; the last repeats the first.", start)
        if positions[0] != positions[-1]:
            raise self.fault("The ring is not closed; repeat its first position at its end.", start)
        return positions

    def position(self, numbers: list[float] | None = None, start: int | None = None) -> list[float]:
        """The numbers up to the next sign; the first of them, and where it began, if they were read already."""
        start = self.start if start is None else start
        numbers = numbers or []
        while self.word and self.word not in "(),":
            numbers.append(self.number())
        if len(numbers) not in (2, 3):
            raise self.fault("A position is longitude and latitude, with a space between, and perhaps a height.", start)
        self.fixed(len(numbers), start)
        return numbers

    def fixed(self, size: int, start: int) -> None:
        if self.size not in (0, size):
            raise self.fault("Either all positions have a height or none.", start)
        self.size = size

    def number(self) -> float:
        try:
            number = float(self.word)
        except ValueError:
            raise self.fault("Here a number was expected in the geometry.") from None
        if not math.isfinite(number):
            raise self.fault("The number is too large.")
        self.advance()
        return number
