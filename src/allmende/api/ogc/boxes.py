"""The parameter `bbox`, in any of the systems that are spoken here."""

import math

import numpy as np
import shapely

from allmende.api.ogc.crs import Crs
from allmende.catalogue.holdings.terms import Call, InBox, Spatial, Term
from allmende.core.geometry import parse_bbox


def within(text: str, crs: Crs, *, points: bool) -> Term:
    """That a feature meets the box. points: whether all features are points, so that their own boxes are enough. Raises
    ValueError with words."""
    if crs.plain or (crs.latitude_first and crs.degrees):
        box = parse_bbox(text if crs.plain else _turned(text))
        found = InBox(*box)
        if points:
            return found
        return Call("or", (InBox(*box, whole=True), Spatial("s_intersects", shapely.to_wkb(_shape(found)), found)))
    shape = crs.shape_to_wgs84(crs.densified(shapely.box(*_sides(text))))
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise ValueError(f"The box lies outside the area of {crs.uri}.")
    return Spatial("s_intersects", shapely.to_wkb(shape), InBox(*shape.bounds))


def _sides(text: str) -> tuple[float, float, float, float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"“{text}” is no box; four numbers were expected.") from None
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise ValueError(f"“{text}” is no box; four finite numbers were expected.")
    a, b, c, d = numbers
    if a > c or b > d:
        raise ValueError("The first corner of a box is the one with the smaller numbers.")
    return a, b, c, d


def _turned(text: str) -> str:
    """Latitude first to longitude first; ETRS89 and WGS 84 are the same here to a metre."""
    parts = text.split(",")
    if len(parts) == 4:
        return ",".join((parts[1], parts[0], parts[3], parts[2]))
    if len(parts) == 6:
        return ",".join((parts[1], parts[0], parts[2], parts[4], parts[3], parts[5]))
    return text


def _shape(box: InBox) -> shapely.Geometry:
    if box.west <= box.east:
        return shapely.box(box.west, box.south, box.east, box.north)
    return shapely.union(
        shapely.box(box.west, box.south, 180, box.north), shapely.box(-180, box.south, box.east, box.north)
    )
