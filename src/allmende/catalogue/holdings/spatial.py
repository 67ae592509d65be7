"""Relations of geometries for conditions on rows, answered by shapely inside DuckDB's statements.

DuckDB asks for many rows at once. The other geometry is named by a key, because a bound value would be copied for every
row; it is prepared once.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

# What shapely calls the relation of the other geometry to a row's, so that the prepared one stands first.
RELATIONS: dict[str, Callable[..., Any]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_within": shapely.contains,
    "s_contains": shapely.within,
    "s_touches": shapely.touches,
    "s_crosses": shapely.crosses,
    "s_overlaps": shapely.overlaps,
    "s_equals": shapely.equals,
}
_POINT = 21  # bytes of a point as WKB
_MOST = 1_000  # geometries kept prepared; far more than statements can run at once
_lock = threading.Lock()
_kept: OrderedDict[str, Any] = OrderedDict()


def key_of(wkb: bytes) -> str:
    """The name under which the functions below know a geometry."""
    key = sha256(wkb).hexdigest()[:32]
    with _lock:
        if key not in _kept:
            shape = shapely.from_wkb(wkb)
            shapely.prepare(shape)
            _kept[key] = shape
            if len(_kept) > _MOST:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
    return key


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the relations known to a database: (row's geometry, key) → boolean."""
    settings: dict[str, Any] = {"type": "arrow", "null_handling": "special"}
    for name in RELATIONS:
        connection.create_function(name, _function(name), ["BLOB", "VARCHAR"], "BOOLEAN", **settings)


def positions(column: pa.Array) -> npt.NDArray[np.float64] | None:
    """(n, 2) coordinates where each value is a plain point as WKB in little-endian; None otherwise."""
    n = len(column)
    wide = pa.types.is_large_binary(column.type)
    if not n or column.null_count or not (wide or pa.types.is_binary(column.type)):
        return None
    _, ends, data = column.buffers()
    offsets = np.frombuffer(ends, np.int64 if wide else np.int32)[column.offset : column.offset + n + 1]
    if offsets[-1] - offsets[0] != n * _POINT or not (np.diff(offsets) == _POINT).all():
        return None
    cells = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]].reshape(n, _POINT)
    if not (cells[:, :5] == (1, 1, 0, 0, 0)).all():
        return None
    return np.ascontiguousarray(cells[:, 5:]).view("<f8")


def _function(name: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    def relation(geometry: Any, keys: Any) -> pa.Array:
        column, key = _whole(geometry), keys[0].as_py()
        with _lock:
            other = _kept[key]
        return _related(name, column, other)

    return relation


def _whole(column: Any) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _related(name: str, column: pa.Array, other: Any) -> pa.Array:
    places = positions(column)
    if places is not None and name in ("s_intersects", "s_disjoint", "s_within"):
        x, y = places[:, 0], places[:, 1]
        if name == "s_within":
            return pa.array(shapely.contains_xy(other, x, y))
        met = shapely.intersects_xy(other, x, y)
        return pa.array(met if name == "s_intersects" else ~met)
    shapes = shapely.points(places) if places is not None else shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    try:
        found = RELATIONS[name](other, shapes)
    except shapely.errors.GEOSException:  # areas that cross themselves are kept as they came
        found = RELATIONS[name](other, shapely.make_valid(shapes))
    return pa.array(found, mask=shapely.is_missing(shapes))
