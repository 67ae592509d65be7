"""The tile matrix set WebMercatorQuad: where a tile lies, and places in its coordinates."""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from allmende.catalogue.holdings.terms import InBox

NAME = "WebMercatorQuad"
URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
DEEPEST = 22
EXTENT = 4_096  # units on each side of a tile
BUFFER = 80  # units beyond its sides, so that symbols and lines are not cut at the seam
_FURTHEST = 85.0511287798066  # degrees of latitude that the square of Web Mercator reaches
Floats = npt.NDArray[np.float64]


class Tile(NamedTuple):
    """Zoom level, column, row from the north."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Whether the matrix set has it."""
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    def box(self, buffer: int = BUFFER) -> InBox:
        """West, south, east, north in degrees. buffer: units beyond the sides."""
        more, n = buffer / EXTENT, 1 << self.z
        west, east = ((self.x + side) / n * 360 - 180 for side in (-more, 1 + more))
        north, south = (_latitude((self.y + side) / n) for side in (-more, 1 + more))
        return InBox(max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0))

    def within(self, places: Floats) -> Floats:
        """(n, 2) longitudes and latitudes in units of the tile, from its north-western corner."""
        n = 1 << self.z
        latitude = np.radians(np.clip(places[:, 1], -_FURTHEST, _FURTHEST))
        x = ((places[:, 0] + 180) / 360 * n - self.x) * EXTENT
        y = ((1 - np.arcsinh(np.tan(latitude)) / math.pi) / 2 * n - self.y) * EXTENT
        return np.column_stack((x, y))


def _latitude(share: float) -> float:
    """Of a share of the way from the northern end of the square to the southern."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * share))))


def limits(box: tuple[float, float, float, float], deepest: int = DEEPEST) -> list[dict[str, Any]]:
    """Which columns and rows have content, for each zoom level."""
    found = []
    for z in range(deepest + 1):
        (x0, y0), (x1, y1) = (_tile_at(z, lon, lat) for lon, lat in ((box[0], box[3]), (box[2], box[1])))
        rows = {"minTileRow": y0, "maxTileRow": y1, "minTileCol": x0, "maxTileCol": x1}
        found.append({"tileMatrix": str(z), **rows})
    return found


def _tile_at(z: int, lon: float, lat: float) -> tuple[int, int]:
    n = 1 << z
    x, y = Tile(z, 0, 0).within(np.array([[lon, lat]]))[0] / EXTENT
    return min(max(int(x), 0), n - 1), min(max(int(y), 0), n - 1)
