"""Geometries in the whole units of a tile: simplified, cut at its sides, valid."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from allmende.api.ogc.tiles.grid import BUFFER, EXTENT, Tile
from allmende.api.ogc.tiles.packing import LINE, POINT, POLYGON, Geometries, Ints
from allmende.catalogue.holdings.spatial import positions

Shapes = npt.NDArray[Any]
_LOW, _HIGH = -BUFFER, EXTENT + BUFFER
_TOLERANCE = 4.0  # units that a line may be off: a quarter of a pixel of a tile shown at 256 pixels
_DIMENSIONS = {0: POINT, 1: LINE, 2: POLYGON}


def shaped(column: pa.Array, tile: Tile) -> list[Geometries]:
    """The geometries (WKB) of rows, by kind; those that are not in the tile are left out."""
    places = positions(column)
    if places is not None:
        units = np.floor(tile.within(places)).astype(np.int64)
        rows = np.flatnonzero(((units >= _LOW) & (units < _HIGH)).all(axis=1))
        return [Geometries(POINT, rows, np.ones(len(rows), np.int64), units[rows])]
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    shapes = shapely.transform(shapes[there], tile.within)
    found = []
    for dimension, kind in _DIMENSIONS.items():
        of_kind = shapely.get_dimensions(shapes) == dimension
        if of_kind.any():
            found.append(_flat(_cut(shapes[of_kind], dimension), there[of_kind], kind))
    return found


def _cut(shapes: Shapes, dimension: int) -> Shapes:
    if dimension:
        shapes = shapely.simplify(shapes, _TOLERANCE, preserve_topology=dimension == 2)
        wrong = ~shapely.is_valid(shapes)
        if wrong.any():
            shapes[wrong] = shapely.make_valid(shapes[wrong])
        low, high = shapely.bounds(shapes)[:, :2].min(axis=1), shapely.bounds(shapes)[:, 2:].max(axis=1)
        over = (low < _LOW) | (high > _HIGH)
        if over.any():
            shapes[over] = shapely.intersection(shapes[over], shapely.box(_LOW, _LOW, _HIGH, _HIGH))
    return np.asarray(shapely.set_precision(shapes, 1.0))


def _flat(shapes: Shapes, rows: Ints, kind: int) -> Geometries:
    """Parts of the wanted dimension, with their positions."""
    for _ in range(2):  # cutting may leave collections of several kinds
        shapes, index = shapely.get_parts(shapes, return_index=True)
        rows = rows[index]
    wanted = (shapely.get_dimensions(shapes) == kind - 1) & ~shapely.is_empty(shapes)
    shapes, rows = shapes[wanted], rows[wanted]
    if kind == POLYGON:
        # In the tile's coordinates, whose second axis points down, outer rings must run clockwise.
        shapes = shapely.orient_polygons(shapes, exterior_cw=False)
        shapes, index = shapely.get_rings(shapes, return_index=True)
        rows = rows[index]
    places, part = shapely.get_coordinates(shapes, return_index=True)
    units = np.rint(places).astype(np.int64)
    if kind == POINT:
        inside = ((units >= _LOW) & (units < _HIGH)).all(axis=1)
        return Geometries(POINT, rows[part[inside]], np.ones(int(inside.sum()), np.int64), units[inside])
    size = np.bincount(part, minlength=len(shapes)).astype(np.int64)
    if kind == POLYGON and len(size):
        last = np.cumsum(size) - 1
        units = np.delete(units, last, axis=0)
        size = size - 1
    return Geometries(kind, rows, size, units)
