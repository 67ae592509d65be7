"""Where each row is, as WKB in WGS 84 with its box; a column at a time. Runs in the sandbox, because it parses."""

import json
import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from allmende.catalogue.loaders.numbers import read_numbers
from allmende.catalogue.loaders.tabular.crs import to_wgs84
from allmende.catalogue.loaders.tabular.recipe import Where

Mask = npt.NDArray[np.bool_]
BOX = ("_xmin", "_ymin", "_xmax", "_ymax")


class Shapes(NamedTuple):
    """wkb: (n,) objects, None where the row has no place; box: (n, 4) west, south, east, north; bad: does not fit; why:
    its code; types: names of the geometries met; invalid: polygons that cross themselves."""

    wkb: pa.Array
    box: npt.NDArray[np.float64]
    bad: Mask
    why: npt.NDArray[np.object_]
    types: frozenset[str]
    invalid: int


def shapes(batch: pa.RecordBatch, where: Where) -> Shapes:
    """The geometries of a batch's rows."""
    count = batch.num_rows
    bad, why = np.zeros(count, dtype=np.bool_), np.full(count, "", dtype=object)
    if where.kind == "xy":
        made = _points(batch, where, bad, why)
    elif where.kind in ("latlon", "lonlat"):
        made = _pairs(batch, where, bad, why)
    else:
        made = _moved(_parsed(batch[where.columns[0]], where.kind, bad, why), where.crs)
    made[shapely.is_empty(made)] = None
    box = shapely.bounds(made)
    there = shapely.is_geometry(made)
    with np.errstate(invalid="ignore"):
        off = there & ~(
            np.isfinite(box).all(axis=1)
            & (np.abs(box[:, [0, 2]]) <= 180).all(axis=1)
            & (np.abs(box[:, [1, 3]]) <= 90).all(axis=1)
        )
    bad |= off
    why[off] = "place_off_earth"
    made[bad] = None
    box[bad] = np.nan
    kinds = np.unique(shapely.get_type_id(made[shapely.is_geometry(made)]))
    areas = made[np.isin(shapely.get_type_id(made), (3, 6))]
    return Shapes(
        pa.array(shapely.to_wkb(made, include_srid=False), pa.binary()),
        box,
        bad,
        why,
        frozenset(_NAMES[int(kind)] for kind in kinds),
        int((~shapely.is_valid(areas)).sum()),
    )


_NAMES = {
    0: "Point",
    1: "LineString",
    2: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: "GeometryCollection",
}


def _points(batch: pa.RecordBatch, where: Where, bad: Mask, why: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    pair = []
    for name in where.columns:
        column = batch[name]
        if not pa.types.is_string(column.type):
            pair.append(pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False).copy())
            continue
        read = read_numbers(pc.fill_null(column, ""), where.decimal)
        bad |= read.bad
        why[read.bad] = "number_unknown"
        pair.append(np.where(read.missing | read.bad, np.nan, read.values))
    return _made(pair[0], pair[1], where.crs)


def _made(east: npt.NDArray[np.float64], north: npt.NDArray[np.float64], crs: str) -> npt.NDArray[np.object_]:
    nowhere = np.isnan(east) | np.isnan(north) | ((east == 0) & (north == 0))
    lon, lat = to_wgs84(crs, east, north)
    made = np.asarray(shapely.points(np.where(nowhere, 0, lon), np.where(nowhere, 0, lat)), dtype=object)
    made[nowhere] = None
    return made


def _pairs(batch: pa.RecordBatch, where: Where, bad: Mask, why: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    text = pc.fill_null(batch[where.columns[0]], "")
    parts = pc.extract_regex(
        text, r"^\s*[\(\[]?\s*(?P<a>-?\d+(?:\.\d+)?)\s*[,; ]\s*(?P<b>-?\d+(?:\.\d+)?)\s*[\)\]]?\s*$"
    )
    odd = pc.and_(pc.is_null(parts), pc.not_equal(pc.utf8_trim_whitespace(text), "")).to_numpy(zero_copy_only=False)
    bad |= odd
    why[odd] = "place_unknown"
    a, b = (pc.cast(parts.field(n), pa.float64()).to_numpy(zero_copy_only=False) for n in (0, 1))
    gone = pc.is_null(parts).to_numpy(zero_copy_only=False)
    a, b = np.where(gone, np.nan, a), np.where(gone, np.nan, b)
    return _made(a, b, where.crs) if where.kind == "lonlat" else _made(b, a, where.crs)


def _parsed(column: pa.Array, kind: str, bad: Mask, why: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    if kind == "native":
        cells = np.array(column.to_pylist(), dtype=object)
        read = shapely.from_wkb(cells, on_invalid="ignore")
    else:
        text = [_bare(cell) for cell in column.to_pylist()]
        cells = np.array(text, dtype=object)
        reader = {"wkt": shapely.from_wkt, "wkb": shapely.from_wkb, "geojson": shapely.from_geojson}[kind]
        read = reader(cells, on_invalid="ignore")
    made = np.asarray(read, dtype=object).reshape(len(cells))
    odd = np.array([cell is not None for cell in cells], dtype=np.bool_) & ~shapely.is_geometry(made)
    bad |= odd
    why[odd] = "place_unknown"
    return made


def _bare(cell: str | None) -> str | None:
    """The geometry alone: no blank cells, no SRID before it, and of a GeoJSON Feature its geometry."""
    text = re.sub(r"^SRID=\d+;", "", (cell or "").strip(), flags=re.IGNORECASE)
    if text.startswith("{") and '"Feature"' in text:
        try:
            return json.dumps(json.loads(text).get("geometry"))
        except (ValueError, AttributeError, RecursionError):
            return text
    return text or None


def _moved(made: npt.NDArray[np.object_], crs: str) -> npt.NDArray[np.object_]:
    """Into WGS 84, without height: a town's map has none, and interfaces of two dimensions are understood by all."""
    flat = shapely.force_2d(made)

    def move(positions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(to_wgs84(crs, positions[:, 0], positions[:, 1]))

    return np.asarray(shapely.transform(flat, move), dtype=object) if crs != "OGC:CRS84" else flat
