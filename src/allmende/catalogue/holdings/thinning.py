"""Few rows for many, so that a small picture of a large holding can be drawn."""

import duckdb
import pyarrow as pa

from allmende.catalogue.holdings.columns import GEOMETRY
from allmende.catalogue.holdings.engine import quoted
from allmende.catalogue.holdings.reading import Holding
from allmende.catalogue.holdings.serving import ask
from allmende.catalogue.holdings.terms import InBox, Sql

COUNT = "_count"


def one_per_cell(holding: Holding, box: InBox, cells: int) -> pa.Table:
    """Of the rows in the box, which is divided into cells × cells by their middle, one for each cell, with how many it
    stands for in `_count`: `_row`, `_id`, the columns, `geometry`, `_count`."""
    wide, high = (box.east - box.west) / cells, (box.north - box.south) / cells
    column = f"CAST(floor(((_xmin + _xmax) / 2 - {box.west!r}) / {wide!r}) AS INTEGER)"
    line = f"CAST(floor(((_ymin + _ymax) / 2 - {box.south!r}) / {high!r}) AS INTEGER)"

    def found(connection: duckdb.DuckDBPyConnection, source: str) -> pa.Table:
        inside = Sql(holding.types).of(box)
        kept = f"SELECT min(_row) AS _row, count(*) AS {COUNT} FROM {source} WHERE {inside} GROUP BY {column}, {line}"
        return connection.execute(
            f"SELECT {_names(holding)}, {COUNT} FROM {source} JOIN ({kept}) USING (_row)"
        ).to_arrow_table()

    return ask(holding.digest, holding.rows, found)


def largest(holding: Holding, box: InBox, most: int) -> pa.Table:
    """Of the rows that meet the box those whose own boxes are the largest: `_row`, `_id`, the columns, `geometry`."""

    def found(connection: duckdb.DuckDBPyConnection, source: str) -> pa.Table:
        inside = Sql(holding.types).of(box)
        area = "(_xmax - _xmin + 1e-9) * (_ymax - _ymin + 1e-9)"
        return connection.execute(
            f"SELECT {_names(holding)} FROM {source} WHERE {inside} ORDER BY {area} DESC, _row LIMIT {most:d}"
        ).to_arrow_table()

    return ask(holding.digest, holding.rows, found)


def _names(holding: Holding) -> str:
    return ", ".join(["_row", "_id", *(quoted(name) for name in holding.names), GEOMETRY])
