"""One door to all formats."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from allmende.catalogue.exports import objects, text
from allmende.catalogue.exports.about import About, Format
from allmende.catalogue.exports.geopackage import write_geopackage
from allmende.catalogue.exports.parquet import to_parquet
from allmende.catalogue.holdings.files import folder
from allmende.catalogue.holdings.reading import Holding, Question, batches
from allmende.catalogue.holdings.terms import Term

_PIECE = 1 << 20


def write(
    holding: Holding, kind: Format, about: About, kinds: tuple[str, ...], where: Term | None = None
) -> Iterator[bytes]:
    """The rows (all, or those of a condition) as a file in pieces. kinds: types of the geometries.

    Raises UnknownColumn, and ValueError for a format of places where there are none.
    """
    if kind in (Format.GEOJSON, Format.GPKG) and not holding.placed:
        raise ValueError(f"{kind} is for tables whose rows have a place.")
    names = holding.names
    json = frozenset(each.name for each in holding.columns if each.type == "json")
    found = batches(holding, Question(where=where, limit=None, box=kind == Format.GPKG))
    if kind == Format.CSV:
        return text.to_csv(found, about, names, kinds if holding.placed else ())
    if kind == Format.CSV_DE:
        return text.to_csv_de(found, about, names, kinds if holding.placed else ())
    if kind == Format.JSON:
        return objects.to_json(found, about, names, json)
    if kind == Format.GEOJSON:
        return objects.to_geojson(found, about, names, json)
    if kind == Format.PARQUET:
        return to_parquet(found, about, names, kinds, holding.bbox)
    return _geopackage(holding, about, kinds, where)


def _geopackage(holding: Holding, about: About, kinds: tuple[str, ...], where: Term | None) -> Iterator[bytes]:
    """Written to the data folder first: SQLite writes here and there in its file."""
    handle, name = tempfile.mkstemp(suffix=".gpkg", dir=folder())
    os.close(handle)
    path = Path(name)
    try:
        path.unlink()
        found = batches(holding, Question(where=where, limit=None, box=True))
        write_geopackage(path, found, about, holding.columns, kinds, holding.bbox)
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    finally:
        path.unlink(missing_ok=True)
