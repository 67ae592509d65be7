"""A table as a GeoPackage (OGC 12-128r19): one SQLite file with its features and their R-tree.

Written with SQLite itself: the format is a handful of tables, and a server that loads GDAL for it would carry its
weight for good.
"""

import sqlite3
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

from allmende.catalogue.exports.about import About
from allmende.catalogue.exports.objects import cells
from allmende.catalogue.holdings.columns import BOX, ColumnFacts

_APPLICATION, _VERSION = 0x47504B47, 10300
_TYPES = {
    "text": "TEXT",
    "json": "TEXT",
    "integer": "INTEGER",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "DATETIME",
}
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
_SCHEMA = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""
# Nobody reads the file before it is whole, so nothing needs a journal.
_QUICK = (
    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
    f"PRAGMA application_id={_APPLICATION}; PRAGMA user_version={_VERSION};"
)
_SYSTEMS = (
    ("Undefined cartesian SRS", -1, "NONE", -1, "undefined", None),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None),
    ("WGS 84 geodetic", 4326, "EPSG", 4326, _WGS84, "longitude/latitude in decimal degrees"),
)
_HEADER = struct.pack("<2sBBi", b"GP", 0, 0b0000_0001, 4326)  # little-endian, no envelope; § 2.1.3.1.1


def write_geopackage(
    path: Path,
    batches: Iterable[pa.RecordBatch],
    about: About,
    columns: tuple[ColumnFacts, ...],
    kinds: tuple[str, ...],
    bbox: tuple[float, float, float, float] | None,
) -> None:
    """Writes the file anew. kinds: the types of geometries that there are. Raises sqlite3.Error where the disk is
    full."""
    table = about.name.replace("-", "_")
    with sqlite3.connect(path) as base:
        base.executescript(_QUICK)
        base.executescript(_SCHEMA)
        base.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,?)", _SYSTEMS)
        said = f"{about.title}, {about.address}, {about.attribution}".strip(", ")
        box = bbox or (None, None, None, None)
        contents = (table, "features", about.title or table, said, *box, 4326)
        names = "table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id"
        base.execute(f"INSERT INTO gpkg_contents ({names}) VALUES (?,?,?,?,?,?,?,?,?)", contents)  # noqa: S608
        base.execute("INSERT INTO gpkg_geometry_columns VALUES (?,'geom',?,4326,0,0)", (table, _kind(kinds)))
        base.execute(
            "INSERT INTO gpkg_extensions VALUES (?,'geom','gpkg_rtree_index',"
            "'http://www.geopackage.org/spec120/#extension_rtree','write-only')",
            (table,),
        )
        own = "".join(f", {_quoted(_free(each.name))} {_TYPES[each.type]}" for each in columns)
        fid = "fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
        base.execute(f"CREATE TABLE {_quoted(table)} ({fid}, geom {_kind(kinds)}{own})")
        base.execute(f"CREATE VIRTUAL TABLE {_quoted(f'rtree_{table}_geom')} USING rtree(id, minx, maxx, miny, maxy)")
        for batch in batches:
            _add(base, table, batch, columns)


def _kind(kinds: tuple[str, ...]) -> str:
    """The one type of all geometries, or the general one."""
    return kinds[0].upper() if len(kinds) == 1 else "GEOMETRY"


def _free(name: str) -> str:
    return f"{name}_" if name in ("fid", "geom") else name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _add(base: sqlite3.Connection, table: str, batch: pa.RecordBatch, columns: tuple[ColumnFacts, ...]) -> None:
    ids = [number + 1 for number in batch["_row"].to_pylist()]
    shapes = [None if shape is None else _HEADER + shape for shape in batch["geometry"].to_pylist()]
    values = [cells(batch[each.name]) for each in columns]
    marks = ",".join("?" * (2 + len(columns)))
    base.executemany(f"INSERT INTO {_quoted(table)} VALUES ({marks})", zip(ids, shapes, *values, strict=True))  # noqa: S608
    box = np.column_stack([batch[name].to_numpy(zero_copy_only=False) for name in BOX])
    there = ~np.isnan(box).any(axis=1)
    # The R-tree keeps 32-bit floats and rounds outwards by itself.
    entries = zip(np.array(ids)[there].tolist(), *(box[there][:, n].tolist() for n in (0, 2, 1, 3)), strict=True)
    base.executemany(f"INSERT INTO {_quoted(f'rtree_{table}_geom')} VALUES (?,?,?,?,?)", entries)  # noqa: S608
