"""Makes the file that readers get from the one that the office holds: without what is withheld, with what is coarsened.

A file of its own rather than a filter at reading: what is not in it cannot come out of any interface, cache or export.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import shapely
from pyarrow import parquet

from allmende.catalogue.gate.remedies import Applied, grid_degrees
from allmende.catalogue.holdings.building import ROW_GROUP, facts_of
from allmende.catalogue.holdings.columns import BOX, GEOMETRY, ColumnFacts
from allmende.catalogue.holdings.comparing import Side
from allmende.catalogue.holdings.engine import cursor, quoted, text
from allmende.catalogue.holdings.files import keep, making

_BATCH = 50_000


@dataclass(frozen=True, slots=True)
class Published:
    """The readers' file. columns: facts found in it, never those of the office's file."""

    digest: str
    rows: int
    columns: tuple[ColumnFacts, ...]
    bbox: tuple[float, float, float, float] | None


def published_from(office: Side, remedies: Applied) -> Published:
    """Makes it. Where the key is not in it as it was, rows are named by their number instead. Raises ValueError for a
    remedy that does not fit the rows any more."""
    columns = tuple(
        replace(each, type=remedies.types.get(each.name, each.type))
        for each in office.columns
        if each.name not in remedies.withheld
    )
    for name, emptied in remedies.emptied(office.source()).items():
        whole = remedies.cells.get(name, quoted(name))
        remedies.cells[name] = f"CASE WHEN _row IN ({', '.join(map(str, emptied))}) THEN NULL ELSE {whole} END"
    with making() as path, cursor() as connection:
        if not (remedies.withheld & {each.name for each in office.columns} or _changes(remedies)):
            facts, rows = facts_of(connection, office.path(), columns)
            return Published(office.digest, rows, facts, _box(connection, office.path(), office.placed))
        _write(connection, _statement(office, remedies, columns), path, remedies.grid if office.placed else 0)
        facts, rows = facts_of(connection, path, columns)
        box = _box(connection, path, office.placed)
        return Published(keep(path), rows, facts, box)


def _changes(remedies: Applied) -> bool:
    return bool(remedies.cells or remedies.suppressed or remedies.grid)


def _statement(office: Side, remedies: Applied, columns: tuple[ColumnFacts, ...]) -> str:
    touched = remedies.withheld | remedies.cells.keys()
    cells = [f"{remedies.cells.get(each.name, quoted(each.name))} AS {quoted(each.name)}" for each in columns]
    places = [GEOMETRY, *BOX] if office.placed else []
    plain = not (touched & set(office.key) or (remedies.suppressed and not office.key) or remedies.grid)
    identity = "_id" if plain else "CAST(row_number() OVER (ORDER BY _row) AS VARCHAR) AS _id"
    inner = f"SELECT _row, {', '.join(['_id', *cells, *places])} FROM {office.source()}"
    if remedies.suppressed:
        names = ", ".join(quoted(name) for name in remedies.suppressed)
        inner += f" QUALIFY count(*) OVER (PARTITION BY {names}) >= {remedies.least:d}"
    kept = ", ".join([quoted(each.name) for each in columns] + places)
    order = "_row"
    if remedies.grid and office.placed:
        order = "hash(_row)"  # the order along the curve would tell places finer than the grid
    return f"SELECT row_number() OVER (ORDER BY {order}) - 1 AS _row, {identity}, {kept} FROM ({inner}) ORDER BY _row"


def _write(connection: duckdb.DuckDBPyConnection, statement: str, path: Path, grid: int) -> None:
    if not grid:
        connection.execute(
            f"COPY ({statement}) TO {text(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        )
        return
    reader = connection.execute(statement).to_arrow_reader(_BATCH)
    with parquet.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in _on_grid(reader, grid):
            writer.write_batch(batch, row_group_size=ROW_GROUP)


def _on_grid(batches: pa.RecordBatchReader, metres: int) -> Iterator[pa.RecordBatch]:
    """Every place becomes the middle of its cell: the same for all in it, so that nothing can be averaged out."""
    for batch in batches:
        box = [batch[name].to_numpy(zero_copy_only=False) for name in BOX]
        lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        there = ~np.isnan(lon)
        _, height = grid_degrees(metres, 0.0)
        middle_lat = (np.floor(lat / height) + 0.5) * height
        width = metres / (111_320.0 * np.cos(np.radians(np.where(there, middle_lat, 0.0))))
        middle_lon = (np.floor(lon / width) + 0.5) * width
        points = np.asarray(
            shapely.points(np.where(there, middle_lon, 0), np.where(there, middle_lat, 0)), dtype=object
        )
        points[~there] = None
        columns = {name: batch[name] for name in batch.schema.names}
        columns[GEOMETRY] = pa.array(shapely.to_wkb(points), pa.binary())
        for name, side in zip(BOX, (middle_lon, middle_lat, middle_lon, middle_lat), strict=True):
            columns[name] = pa.array(side, mask=~there)
        yield pa.RecordBatch.from_arrays([columns[name] for name in batch.schema.names], schema=batch.schema)


def _box(connection: duckdb.DuckDBPyConnection, path: Path, placed: bool) -> tuple[float, float, float, float] | None:
    if not placed:
        return None
    found = connection.execute(
        f"SELECT min(_xmin), min(_ymin), max(_xmax), max(_ymax) FROM read_parquet({text(path)})"
    ).fetchone()
    return found if found and found[0] is not None else None
