"""Rows as GeoJSON features, quickly: whole columns at a time, and no geometry objects for points."""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from allmende.api.ogc.crs import Crs
from allmende.catalogue.exports.objects import rows
from allmende.catalogue.holdings.spatial import positions

_NOWHERE = msgspec.Raw(b"null")


def features(table: pa.Table, names: tuple[str, ...], json: frozenset[str], crs: Crs) -> list[dict[str, Any]]:
    """Features with these properties. json: columns whose texts are JSON; crs: of the coordinates."""
    table = table.combine_chunks()
    properties: list[Any] = rows(table, names, json) if names else [{} for _ in range(table.num_rows)]
    geometries = _geometries(_whole(table["geometry"]), crs) if "geometry" in table.schema.names else None
    ids = _whole(table["_id"]).to_pylist()
    return [
        {"type": "Feature", "id": id_, "geometry": shape, "properties": said}
        for id_, shape, said in zip(ids, geometries or [None] * len(ids), properties, strict=True)
    ]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _geometries(column: pa.Array, crs: Crs) -> list[Any]:
    """As GeoJSON; null where there is no place, or none in this system."""
    places = positions(column)
    if places is not None:
        made = crs.from_wgs84(places)
        there: list[bool] = np.logical_and(*np.isfinite(made).T).tolist()
        pairs: list[list[float]] = made.tolist()
        return [
            {"type": "Point", "coordinates": pair} if good else None for pair, good in zip(pairs, there, strict=True)
        ]
    shapes: Any = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    shapes = crs.shapes_from_wgs84(shapes) if not crs.plain else _rounded(shapes, crs.decimals)
    return [
        _NOWHERE if text is None or not good else msgspec.Raw(text.encode())
        for text, good in zip(shapely.to_geojson(shapes).tolist(), _finite(shapes), strict=True)
    ]


def _rounded(shapes: npt.NDArray[Any], decimals: int) -> npt.NDArray[Any]:
    return np.asarray(shapely.transform(shapes, lambda places: np.round(places, decimals), include_z=None))


def _finite(shapes: Any) -> list[bool]:
    """Whether all coordinates are numbers; outside the area of a system they are infinite."""
    bounds = shapely.bounds(shapes)
    good = np.isfinite(bounds).all(axis=1) | shapely.is_empty(shapes)
    return [bool(each) for each in good]
