"""Tables as JSON and GeoJSON, piece by piece."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from allmende.catalogue.exports.about import About

_encode = msgspec.json.Encoder().encode
_DECIMALS = 7  # of a degree: a centimetre


def cells(column: pa.Array, json: bool = False) -> list[Any]:
    """Values as JSON writes them: times in UTC, dates as ISO; what is no number as null. json: texts that are JSON."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = pc.strftime(column.cast(pa.timestamp("us", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    elif pa.types.is_date(kind):
        column = column.cast(pa.string())
    elif pa.types.is_floating(kind):
        column = pc.if_else(pc.is_finite(column), column, None)
    found = column.to_pylist()
    return [None if cell is None else msgspec.Raw(cell.encode()) for cell in found] if json else found


def geometries(column: pa.Array) -> list[Any]:
    """WKB as GeoJSON objects, written already; null where there is no place."""
    shapes = shapely.set_precision(
        shapely.from_wkb(column.to_numpy(zero_copy_only=False)), 10**-_DECIMALS, mode="pointwise"
    )
    return [None if text is None else msgspec.Raw(text.encode()) for text in shapely.to_geojson(shapes)]


def rows(batch: pa.RecordBatch | pa.Table, names: tuple[str, ...], json: frozenset[str]) -> list[dict[str, Any]]:
    """Rows as objects. json: columns whose texts are JSON."""
    columns = [cells(_whole(batch[name]), name in json) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)] if columns else []


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def features(batch: pa.RecordBatch | pa.Table, names: tuple[str, ...], json: frozenset[str]) -> list[dict[str, Any]]:
    """Rows as GeoJSON Features."""
    properties = rows(batch, names, json) if names else [{} for _ in range(batch.num_rows)]
    shapes = geometries(_whole(batch["geometry"]))
    ids = _whole(batch["_id"]).to_pylist()
    return [
        {"type": "Feature", "id": id_, "geometry": shape, "properties": said}
        for id_, shape, said in zip(ids, shapes, properties, strict=True)
    ]


def to_json(
    batches: Iterable[pa.RecordBatch], about: About, names: tuple[str, ...], json: frozenset[str]
) -> Iterator[bytes]:
    """{…about…, "rows": [{"id": …, …}]}; a place as GeoJSON under `geometry`."""
    yield _encode(about.to_json())[:-1] + b',"rows":['
    yield from _listed(_objects(batch, names, json) for batch in batches)
    yield b"]}"


def _objects(batch: pa.RecordBatch, names: tuple[str, ...], json: frozenset[str]) -> list[dict[str, Any]]:
    made = rows(batch, names, json)
    if "geometry" in batch.schema.names:
        for row, shape in zip(made, geometries(batch["geometry"]), strict=True):
            row["geometry"] = shape
    return made


def to_geojson(
    batches: Iterable[pa.RecordBatch], about: About, names: tuple[str, ...], json: frozenset[str]
) -> Iterator[bytes]:
    """A FeatureCollection (RFC 7946) in WGS 84."""
    yield b'{"type":"FeatureCollection",' + _encode(about.to_json())[1:-1] + b',"features":['
    yield from _listed(features(batch, names, json) for batch in batches)
    yield b"]}"


def _listed(parts: Iterable[list[dict[str, Any]]]) -> Iterator[bytes]:
    first = True
    for part in parts:
        if part:
            yield (b"" if first else b",") + _encode(part)[1:-1]
            first = False
