"""A table as Parquet; with places as GeoParquet 1.1 (WKB, OGC:CRS84)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from allmende.catalogue.exports.about import About
from allmende.core.pieces import Pieces


def to_parquet(
    batches: Iterable[pa.RecordBatch],
    about: About,
    names: tuple[str, ...],
    kinds: tuple[str, ...],
    bbox: tuple[float, float, float, float] | None,
) -> Iterator[bytes]:
    """The file in pieces. What it is of stands in its metadata."""
    pieces, writer = Pieces(), None
    for batch in batches:
        placed = "geometry" in batch.schema.names
        columns = [*names, *(("geometry",) if placed else ())]
        part = batch.select(columns)
        if writer is None:
            metadata = {"allmende": json.dumps(about.to_json())} | (
                {"geo": json.dumps(_geo(kinds, bbox))} if placed else {}
            )
            schema = part.schema.with_metadata(metadata)
            writer = parquet.ParquetWriter(pa.PythonFile(pieces, mode="w"), schema, compression="zstd")
        writer.write_batch(pa.RecordBatch.from_arrays(part.columns, schema=schema))
        if piece := pieces.take():
            yield piece
    if writer is not None:
        writer.close()
        yield pieces.take()


def _geo(kinds: tuple[str, ...], bbox: tuple[float, float, float, float] | None) -> dict[str, Any]:
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": list(kinds)}
    if bbox:
        column["bbox"] = list(bbox)
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
