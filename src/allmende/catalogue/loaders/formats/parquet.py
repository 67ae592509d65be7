"""Parquet and GeoParquet: one table that knows its types, read in batches, so that memory stays flat."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.formats import GEOMETRY, Found
from allmende.catalogue.loaders.formats.typed import plain, sliced
from allmende.catalogue.loaders.headline import unique_names
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabular.crs import code_of
from allmende.catalogue.loaders.tabular.recipe import TableHints
from allmende.catalogue.loaders.tabular.systems import CRS84

_ROWS = 4096  # of a batch
_SAMPLE = 10_000  # rows
_TRIED = 100  # cells that are tried as geometries
_LIMITS = {"thrift_string_size_limit": 64 * 2**20, "thrift_container_size_limit": 2_000_000}


@dataclass(frozen=True, slots=True)
class _Geometry:
    """The column with the places. crs: empty where the file does not know it."""

    column: str
    crs: str
    others: frozenset[str]  # geometries and boxes that are not the one


def found(source: BinaryIO, hints: TableHints) -> list[Found]:
    """The table. Raises Unreadable."""
    with _told():
        file = _opened(source)
        if not file.metadata.num_rows or not file.schema_arrow.names:
            raise Unreadable("no_rows")
        geometry = _geometry(file)
    table = Parquet(source, {"geometry": geometry.column, "others": sorted(geometry.others)})
    nested = {name: "json" for name, kind in table.kinds.items() if pa.types.is_nested(kind)}
    said = [Assumption("ignored", name, Said.of("column_geometry")) for name in sorted(geometry.others)]
    options = {"geometry": geometry.column, "others": sorted(geometry.others)}
    return [Found("table", options, said, geometry.crs, file.metadata.num_rows, types=nested)]


def opened(source: BinaryIO, options: dict[str, Any]) -> "Parquet":
    """The table. options: geometry (the column with it), others (columns to leave out). Raises Unreadable."""
    return Parquet(source, options)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever goes wrong becomes a sentence. Raises Unreadable."""
    try:
        yield
    except (Unreadable, MemoryError, GeneratorExit):
        raise
    except Exception as problem:
        words = str(problem).split("\n")[0][:150]
        raise Unreadable("parquet_broken", problem=words or type(problem).__name__) from None


def _opened(source: BinaryIO) -> pq.ParquetFile:
    source.seek(0)
    return pq.ParquetFile(pa.PythonFile(source, "r"), buffer_size=2**20, pre_buffer=False, **_LIMITS)


def _geometry(file: pq.ParquetFile) -> _Geometry:
    """By the metadata of GeoParquet; without, a column of bytes that are geometries."""
    schema = file.schema_arrow
    told = _metadata(schema)
    columns = told.get("columns")
    columns = columns if isinstance(columns, dict) else {}
    known = {name: each for name, each in columns.items() if name in schema.names and isinstance(each, dict)}
    readable = [name for name, each in known.items() if each.get("encoding") == "WKB"]
    if not readable:
        bare = next((each.name for each in schema if _is_wkb(file, each)), "")
        return _Geometry(bare, "", frozenset())
    primary = told.get("primary_column")
    column = str(primary) if primary in readable else readable[0]
    boxes = {name for each in known.values() for name in _boxes(each)}
    crs = known[column].get("crs", CRS84)
    code = code_of(json.dumps(crs) if isinstance(crs, dict) else crs) if crs else ""
    return _Geometry(column, code, frozenset((set(known) | boxes) & set(schema.names) - {column}))


def _metadata(schema: pa.Schema) -> dict[str, Any]:
    try:
        told = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _boxes(column: dict[str, Any]) -> Iterator[str]:
    """The columns that repeat the box of each geometry."""
    covering = column.get("covering")
    box = covering.get("bbox") if isinstance(covering, dict) else None
    for way in box.values() if isinstance(box, dict) else ():
        if isinstance(way, list) and way and isinstance(way[0], str):
            yield way[0]


def _is_wkb(file: pq.ParquetFile, field: pa.Field) -> bool:
    if not (pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type)):
        return False
    batch = next(file.iter_batches(_TRIED, columns=[field.name], use_threads=False), None)
    cells = np.array(batch.column(0).drop_null().to_pylist() if batch else [], dtype=object)
    read = shapely.from_wkb(cells, on_invalid="ignore")
    return len(cells) > 0 and bool(shapely.is_geometry(read).all())


class Parquet:
    """Rows of a Parquet file; see formats.Raw. kinds: Arrow's types of the columns."""

    delimiter, encoding = ",", "utf-8"

    def __init__(self, source: BinaryIO, options: dict[str, Any]) -> None:
        self._source = source
        with _told():
            self._file = _opened(source)
            self._size = _size(source)
            schema = self._file.schema_arrow
        geometry, others = options.get("geometry", ""), set(options.get("others", ()))
        own = [n for n, name in enumerate(schema.names) if geometry and name == geometry][:1]
        wanted = [n for n, each in enumerate(schema) if each.name not in others and _has_cells(each.type)]
        rest = [n for n in wanted if n not in own]
        self._places = own + rest
        names = unique_names([GEOMETRY] * len(own) + [schema.names[n] for n in rest])
        self.columns = names
        self._binary = len(own)
        self.kinds = {name: schema.field(n).type for name, n in zip(names, self._places, strict=True)}
        self.misfits = Misfits(0)
        self._done = 0

    @property
    def consumed(self) -> int:
        return min(self._size * self._done // max(self._file.metadata.num_rows, 1), self._size)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows; what is no usual type is text."""
        self._done = 0
        with _told():
            for batch in self._file.iter_batches(_ROWS, use_threads=False):
                for piece in sliced(batch):
                    self._done += piece.num_rows
                    yield self._made(piece)

    def sample(self) -> pa.Table:
        """Rows from the beginning."""
        some: list[pa.RecordBatch] = []
        for batch in self.batches():
            some.append(batch)
            if self._done >= _SAMPLE:
                break
        if not some:
            raise Unreadable("no_rows")
        return pa.Table.from_batches(some).combine_chunks()

    def _made(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = []
        for number, place in enumerate(self._places):
            column = batch.column(place)
            columns.append(pc.cast(column, pa.binary()) if number < self._binary else plain(column, False))
        return pa.record_batch(columns, names=list(self.columns))


def _has_cells(kind: pa.DataType) -> bool:
    """Whether a person can read it: no pictures and the like."""
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    return not (binary or pa.types.is_null(kind))


def _size(source: BinaryIO) -> int:
    return source.seek(0, os.SEEK_END)
