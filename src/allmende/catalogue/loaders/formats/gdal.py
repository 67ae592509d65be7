"""GDAL, tamed: only the drivers that our formats need, nothing looked up elsewhere, and files by the descriptor that
the sandbox leaves open."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

_DRIVERS = frozenset({"ESRI Shapefile", "FlatGeobuf", "GML", "GPKG", "GPX", "KML", "LIBKML"})
_OTHERS = (
    "ADBC AIVector AmigoCloud ARROW AVCBin AVCE00 CAD Carto COASP CSV CSW DB2ODBC DERIVED DGN DGNV8 DWG DXF EDIGEO "
    "EEDA EEDAI Elasticsearch ESRIC ESRIJSON FileGDB GDALG GeoJSON GeoJSONSeq GeoRSS GMLAS GPSBabel GTFS HANA HTTP "
    "Idrisi IDB INGRES Interlis%201 Interlis%202 JML JP2OpenJPEG JSONFG LVBAG MapInfo%20File MapML MBTiles "
    "MiraMonVector MongoDBv3 MSSQLSpatial MVT MySQL NAS netCDF NGW OAPIF OCI ODBC ODS OGCAPI OGR_GMT OGR_PDS "
    "OGR_VRT OpenFileGDB OSM PCIDSK PDF PDS4 PGDUMP PGeo PLSCENES PMTiles PostgreSQL PostGISRaster Parquet S57 SDTS "
    "Selafin SOSI SQLite STACIT STACTA SXF TIGER TileDB TopoJSON UK%20.NTF VDV VFK VICAR VRT WAsP WCS WFS WMS WMTS "
    "XLS XLSX XODR ZARR"
)
_SETTINGS = {  # read by GDAL once, when it is loaded
    "GDAL_SKIP": ",".join(name.replace("%20", " ") for name in _OTHERS.split()),
    "GDAL_HTTP_MAX_RETRY": "0",
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GML_GFS_TEMPLATE": "",
    "OGR_GPKG_NUM_THREADS": "1",
    "OGR_ARROW_STREAM_BASE_IMPL": "NO",
    "CPL_DEBUG": "OFF",
    "CPL_LOG": "/dev/null",
}
for _name, _value in _SETTINGS.items():
    os.environ.setdefault(_name, _value)

import pyarrow as pa  # noqa: E402
import pyogrio  # noqa: E402 - GDAL reads the settings above when it is loaded
import pyogrio.raw  # noqa: E402

from allmende.catalogue.loaders.said import Unreadable  # noqa: E402


def path_of(source: BinaryIO, member: str = "", packed: bool = False) -> str:
    """What GDAL opens. member: of a ZIP archive; packed: with gzip."""
    path = f"/proc/self/fd/{source.fileno()}"
    if packed:
        return f"/vsigzip/{path}"
    return f"/vsizip/{{{path}}}/{member}" if member else path


@contextmanager
def told() -> Iterator[None]:
    """Whatever GDAL stumbles over becomes a sentence. Raises Unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (Unreadable, MemoryError, GeneratorExit):
        raise
    except Exception as problem:
        words = str(problem).split("\n")[0].replace("/proc/self/fd/", "")[:150]
        raise Unreadable("vector_broken", problem=words) from None


def layers(path: str) -> list[str]:
    """Names of the layers, in the order of the file."""
    with told():
        return [str(name) for name, _ in pyogrio.list_layers(path)]


def info(path: str, layer: str, encoding: str = "") -> dict[str, Any]:
    """What GDAL knows of a layer: crs, encoding, fields, features, driver, … Raises Unreadable."""
    with told():
        known = dict(pyogrio.read_info(path, layer=layer, encoding=encoding or None, force_feature_count=True))
    if known["driver"] not in _DRIVERS:
        raise Unreadable("unknown_format", name=known["driver"])
    return known


def shape_of(path: str, layer: str, encoding: str = "") -> tuple[dict[str, Any], pa.Schema]:
    """(what is known of the layer's fields, their Arrow types)."""
    with told(), _opened(path, layer, encoding) as (meta, reader):
        return meta, reader.schema


def batches(path: str, layer: str, encoding: str = "", most: int | None = None) -> Iterator[pa.RecordBatch]:
    """The features of a layer, at most so many."""
    left = most
    with told(), _opened(path, layer, encoding) as (_, reader):
        for batch in reader:
            yield batch if left is None else batch.slice(0, left)
            if left is not None and (left := left - batch.num_rows) <= 0:
                return


def _opened(path: str, layer: str, encoding: str) -> Any:
    return pyogrio.raw.open_arrow(path, layer=layer, encoding=encoding or None, batch_size=4096, use_pyarrow=True)
