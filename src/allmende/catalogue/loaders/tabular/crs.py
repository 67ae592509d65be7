"""Coordinate systems: which one a pair of columns is in, by the size of its numbers, and the way to WGS 84."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj
from pyproj.exceptions import CRSError

from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.tabular.systems import CRS84, SYSTEMS, System

Numbers = npt.NDArray[np.float64]

_GERMANY = (5.5, 47.0, 15.5, 55.5)  # longitudes and latitudes, with a margin


def possible(east: Numbers, north: Numbers) -> list[System]:
    """The systems in which (nearly) all of these pairs, (n,) each, lie where a German town can be, the likeliest first;
    degrees are believed all over the globe."""
    if len(east) == 0:
        return []
    fitting = []
    for system in SYSTEMS:
        inside = _between(east, system.east) & _between(north, system.north)
        if inside.mean() < 0.95:
            continue
        if system.code != CRS84:
            lon, lat = to_wgs84(system.code, east[inside][:1000], north[inside][:1000])
            west, south, most_east, most_north = _GERMANY
            if not (_between(lon, (west, most_east)) & _between(lat, (south, most_north))).mean() > 0.95:
                continue
        fitting.append(system)
    return fitting


def _between(numbers: Numbers, limits: tuple[float, float]) -> npt.NDArray[np.bool_]:
    return (numbers >= limits[0]) & (numbers <= limits[1])


def to_wgs84(code: str, east: Numbers, north: Numbers) -> tuple[Numbers, Numbers]:
    """(longitudes, latitudes) in degrees; infinite where there is no such place. Raises Unreadable for a code that no
    system has."""
    if code == CRS84:
        return east, north
    lon, lat = _transformer(code).transform(east, north)
    return np.asarray(lon), np.asarray(lat)


@lru_cache(maxsize=16)
def _transformer(code: str) -> pyproj.Transformer:
    try:
        return pyproj.Transformer.from_crs(code, CRS84, always_xy=True)
    except CRSError:
        raise Unreadable("unknown_crs", crs=code) from None


def code_of(text: str | None) -> str:
    """A system as a format describes it, by its number where it has one; WGS 84 as longitude and latitude; empty:
    unknown."""
    try:
        system = pyproj.CRS.from_user_input(text) if text else None
    except CRSError:
        return ""
    if system is None or system.is_engineering or "undefined" in system.name.lower():
        return ""
    flat = system.sub_crs_list[0] if system.is_compound else system
    authority = flat.to_authority(min_confidence=25)
    if authority in (("EPSG", "4326"), ("EPSG", "4979"), ("OGC", "CRS84")):
        return CRS84
    return ":".join(authority) if authority else str(flat.to_wkt())
