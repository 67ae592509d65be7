"""Which features a tile has, and the tile as bytes. Tiles of a version never change, so they are remembered."""

import threading
from collections import OrderedDict

import pyarrow as pa
import pyarrow.compute as pc

from allmende.api.ogc.layers import Layer
from allmende.api.ogc.tiles import packing
from allmende.api.ogc.tiles.grid import EXTENT, Tile
from allmende.api.ogc.tiles.shaping import shaped
from allmende.catalogue.holdings import reading, thinning
from allmende.catalogue.holdings.reading import Question

MOST = 10_000  # features in a tile; beyond it points are thinned out and the smallest areas and lines left out
CELLS = 100  # in which a tile is divided for that
_ROOM = 32 * 1_024 * 1_024  # bytes of tiles that are remembered


def tile_of(found: Layer, tile: Tile) -> bytes:
    """The tile; no bytes where nothing lies in it."""
    key = found.holding.digest, tile
    known = _remembered.get(key)
    if known is None:
        known = _made(found, tile)
        _remembered.put(key, known)
    return known


def _made(found: Layer, tile: Tile) -> bytes:
    holding, box = found.holding, tile.box()
    table = reading.rows(holding, Question(where=box, limit=MOST + 1))
    names = ["_id", *holding.names]
    if table.num_rows > MOST:
        if found.points:
            table = thinning.one_per_cell(holding, box, CELLS)
            names.append(thinning.COUNT)
        else:
            table = thinning.largest(holding, box, MOST)
    if not table.num_rows:
        return b""
    table = table.combine_chunks()
    geometries = shaped(_whole(table["geometry"]), tile)
    unlike = {"_id", *(each.name for each in holding.columns if 2 * each.distinct > holding.rows)}
    return packing.layer(found.found.name, EXTENT, _plain(table, names), names, geometries, unlike)


def _plain(table: pa.Table, names: list[str]) -> pa.Table:
    """Properties as tiles know them: times and dates as texts."""
    columns = {"_row": table["_row"]}
    for name in names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = pc.strftime(column.cast(pa.timestamp("s", tz="UTC"), safe=False), format="%Y-%m-%dT%H:%M:%SZ")
        elif pa.types.is_date(column.type):
            column = column.cast(pa.string())
        columns[name] = column
    return pa.table(columns)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column


class _Remembered:
    """The tiles that were asked last, up to so many bytes."""

    def __init__(self, room: int) -> None:
        self._room, self._used = room, 0
        self._tiles: OrderedDict[tuple[str, Tile], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, Tile]) -> bytes | None:
        with self._lock:
            if key in self._tiles:
                self._tiles.move_to_end(key)
            return self._tiles.get(key)

    def put(self, key: tuple[str, Tile], tile: bytes) -> None:
        with self._lock:
            self._used += len(tile) + 200 - (len(self._tiles.pop(key)) + 200 if key in self._tiles else 0)
            self._tiles[key] = tile
            while self._used > self._room and len(self._tiles) > 1:
                _, gone = self._tiles.popitem(last=False)
                self._used -= len(gone) + 200


_remembered = _Remembered(_ROOM)
