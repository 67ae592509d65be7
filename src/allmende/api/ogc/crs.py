"""Coordinate reference systems of requests and answers (OGC API Features, part 2). Everything is kept in WGS 84,
longitude first (CRS84)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

Floats = npt.NDArray[np.float64]
_local = threading.local()  # a transformer belongs to one thread


@dataclass(frozen=True, slots=True)
class Crs:
    """A system that is spoken here. code: for PROJ; latitude_first: the order of its axes in requests and answers;
    decimals: of a centimetre in degrees, of a millimetre in metres; degrees: its unit."""

    uri: str
    code: str
    latitude_first: bool = False
    decimals: int = 3

    @property
    def degrees(self) -> bool:
        return self.decimals > 3

    @property
    def plain(self) -> bool:
        """Whether it is the one in which everything is kept."""
        return self.code == _KEPT

    def from_wgs84(self, places: Floats) -> Floats:
        """(n, 2) coordinates in this system, in the order of its axes, rounded; infinite outside its area."""
        if not self.plain:
            x, y = _transformer(_KEPT, self.code).transform(places[:, 0], places[:, 1])
            places = np.column_stack((y, x) if self.latitude_first else (x, y))
        return np.round(places, self.decimals)

    def to_wgs84(self, places: Floats) -> Floats:
        """(n, 2) longitudes and latitudes of coordinates in the order of this system's axes."""
        if self.plain:
            return places
        if self.latitude_first:
            places = places[:, ::-1]
        return np.column_stack(_transformer(self.code, _KEPT).transform(places[:, 0], places[:, 1]))

    def shape_to_wgs84(self, shape: Any) -> Any:
        """A geometry whose coordinates are in the order of this system's axes, in WGS 84."""
        return shape if self.plain else shapely.transform(shape, self.to_wgs84)

    def shapes_from_wgs84(self, shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Geometries in this system, rounded."""
        return np.asarray(shapely.transform(shapes, _flat(self.from_wgs84), include_z=False))

    def densified(self, box: Any) -> Any:
        """A box of this system whose sides have positions in between, because they are no straight lines elsewhere."""
        if self.degrees:
            return box
        west, south, east, north = box.bounds
        return shapely.segmentize(box, max(east - west, north - south, 1e-9) / 16)


def _flat(change: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    return lambda places: change(places[:, :2])


_KEPT = "OGC:CRS84"
_OGC, _EPSG = "http://www.opengis.net/def/crs/OGC/1.3/", "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = Crs(_OGC + "CRS84", _KEPT, decimals=7)
KNOWN = (
    CRS84,
    Crs(_EPSG + "4326", "EPSG:4326", latitude_first=True, decimals=7),
    Crs(_EPSG + "4258", "EPSG:4258", latitude_first=True, decimals=7),
    Crs(_EPSG + "25832", "EPSG:25832"),
    Crs(_EPSG + "25833", "EPSG:25833"),
    Crs(_EPSG + "3857", "EPSG:3857"),
)
URIS = [each.uri for each in KNOWN]
_SPELLED = {spelling.lower(): each for each in KNOWN for spelling in (each.uri, each.code, f"[{each.code}]")}
_SPELLED |= {f"urn:ogc:def:crs:{each.code.replace(':', '::')}".lower(): each for each in KNOWN[1:]}
_SPELLED |= {"crs84": CRS84, "urn:ogc:def:crs:ogc:1.3:crs84": CRS84}


def crs_of(text: str) -> Crs:
    """The system with this URI, or another usual name. Raises ValueError with words."""
    tidy = text.strip().lower().replace("https://", "http://").strip("<>")
    found = _SPELLED.get(tidy)
    if found is None:
        raise ValueError(f"“{text}” is not spoken here; known are {', '.join(URIS)}.")
    return found


def _transformer(source: str, target: str) -> pyproj.Transformer:
    kept = _local.__dict__.setdefault("transformers", {})
    if (source, target) not in kept:
        kept[source, target] = pyproj.Transformer.from_crs(source, target, always_xy=True)
    return kept[source, target]
