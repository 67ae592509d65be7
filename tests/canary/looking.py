"""Every text in an answer of any kind: what is packed is unpacked, and databases and columns are read out."""

import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import mapbox_vector_tile
import pyarrow as pa
from pyarrow import parquet

PARQUET, ARROW, TILE = "parquet", "vnd.apache.arrow", "vnd.mapbox-vector-tile"


def texts_of(answer: httpx.Response) -> Iterator[str]:
    """Headers and body, in every way that they can be read."""
    yield f"{answer.status_code} {answer.reason_phrase} " + "\n".join(f"{k}: {v}" for k, v in answer.headers.items())
    yield answer.content.decode("utf-8", "replace")
    yield from unpacked(answer.content, answer.headers.get("content-type", ""))


def unpacked(content: bytes, media: str) -> Iterator[str]:
    """The texts inside of files that are not text."""
    if content.startswith(b"SQLite format 3"):
        yield from _database(content)
    elif content.startswith(b"PAR1") or PARQUET in media:
        file = parquet.ParquetFile(io.BytesIO(content))
        yield from (str(file.metadata.row_group(n).column(c)) for n, c in _chunks(file.metadata))
        yield f"{file.metadata.metadata} {file.schema_arrow} {file.schema_arrow.metadata}"
        yield str(file.read().to_pylist())
    elif ARROW in media:
        with pa.ipc.open_stream(content) as stream:
            yield f"{stream.schema} {stream.schema.metadata} {stream.read_all().to_pylist()}"
    elif TILE in media:
        yield str(mapbox_vector_tile.decode(content)) if content else ""
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                inside = archive.read(name)
                yield name
                yield inside.decode("utf-8", "replace")
                yield from unpacked(inside, "")


def _chunks(metadata: Any) -> Iterator[tuple[int, int]]:
    return ((n, c) for n in range(metadata.num_row_groups) for c in range(metadata.num_columns))


def _database(content: bytes) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        file.write(content)
        file.flush()
        connection = sqlite3.connect(file.name)
        try:
            for name, statement in connection.execute("SELECT name, sql FROM sqlite_master").fetchall():
                yield f"{name} {statement}"
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                if not table.startswith("rtree_"):  # their module need not be there; the boxes are in the geometries
                    yield str(connection.execute(f'SELECT * FROM "{table}"').fetchall())
        finally:
            connection.close()
