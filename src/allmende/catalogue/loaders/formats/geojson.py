"""GeoJSON as a stream of features: collections, single features, bare geometries, a feature in each line, JavaScript
that calls itself GeoJSON. Columns are the properties; the geometry goes beside them as WKB.

The standard knows WGS 84 only, longitude first; files do not: the old `crs` member is believed, and coordinates that
lie in Germany only when turned round are turned round.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import ijson
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.formats import GEOMETRY, Found
from allmende.catalogue.loaders.formats.jsonlike import SAMPLE, SCANNED, JsonTable, by_line, scanned, values_of
from allmende.catalogue.loaders.formats.jsonrows import Cells, as_json, flatten
from allmende.catalogue.loaders.formats.jsontext import SCRIPT, JsonText, guarded, partial
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabular.recipe import TableHints

GEOMETRIES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
NO_GEOMETRY = b"\0"  # where there is one that cannot be read: its row is set aside

_LOOKED_AT = 500  # features whose coordinates are looked at
_ENOUGH = 0.95
_TAIL = 4096  # bytes in which a crs member may come at the end
_CRS_MEMBER = re.compile(rb'"crs"\s*:\s*(\{.{1,2000}?\}\s*\})', re.DOTALL)
_URN = re.compile(r"(?i)(?:urn:ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?(\w+)(?::+|/)(?:[\d.]*(?::+|/))?(\w+)")


def recognised(text: str) -> bool:
    """Whether the beginning of a text is GeoJSON."""
    script = SCRIPT.match(text)
    first = next(iter(partial((text[script.end() :] if script else text)[: 2**14])), None)
    if isinstance(first, list):
        first = first[0] if first else None
    if not isinstance(first, dict):
        return False
    features = first.get("features")
    if isinstance(features, list) and features:
        return isinstance(features[0], dict) and features[0].get("type", "Feature") == "Feature"
    kind = first.get("type")
    if kind in ("Feature", "FeatureCollection"):
        return True
    return kind in GEOMETRIES and ("coordinates" in first or "geometries" in first)


def found(source: BinaryIO, hints: TableHints) -> list[Found]:
    """The one layer. Raises Unreadable."""
    text = JsonText(source, hints.encoding)
    options: dict[str, Any] = {"encoding": hints.encoding, "id": "", "swap": False}
    features = Features(text, options)
    rows = list(itertools.islice(features, _LOOKED_AT))
    if not rows:
        raise Unreadable("no_features")
    options["id"] = _id_column(rows)
    crs = _crs(source, text)
    said = text.said()
    if _turned(rows, crs):
        options["swap"] = True
        said.append(Assumption("place", GEOMETRY, Said.of("place_swapped")))
    columns, whole = scanned(Features(text, options), text, SCANNED)
    quoted, nothing, strange = columns.strange()
    options |= {"columns": columns.names, "quoted": quoted}
    count = columns.rows if whole else None
    return [Found("features", options, said + strange, crs, count, nothing, columns.types(SAMPLE))]


def opened(source: BinaryIO, options: dict[str, Any]) -> "FeatureTable":
    """The layer. options: encoding, id (the column for the features' own ids), swap (of the axes), columns and quoted
    as found. Raises Unreadable."""
    return FeatureTable(source, options)


class Features:
    """The features of a text as cells, the geometry as GeoJSON among them; from the beginning whenever asked for."""

    def __init__(self, text: JsonText, options: dict[str, Any], misfits: Misfits | None = None) -> None:
        self._text, self._misfits = text, misfits
        self._id = options.get("id", "")
        values, lines = values_of(text)
        first = values[0]
        self._way = "item" if isinstance(first, list) else ""
        if isinstance(first, dict) and (first.get("type") == "FeatureCollection" or "features" in first):
            self._way = "features.item"
        self._lines, self._several = lines and not self._way, len(values) > 1

    def __iter__(self) -> Iterator[Cells]:
        return guarded(self._cells(feature) for feature in self._features())

    def _features(self) -> Iterator[Any]:
        if self._lines:
            return by_line(self._text, self._misfits)
        self._text.rewind()
        return iter(ijson.items(self._text, self._way, use_float=True, multiple_values=self._several))

    def _cells(self, feature: Any) -> Cells:
        cells: Cells = {}
        if not isinstance(feature, dict):
            return cells
        bare = feature.get("type") in GEOMETRIES
        properties = feature.get("properties")
        if isinstance(properties, dict) and not bare:
            flatten(properties, "", cells)
        if self._id and (own := feature.get("id")) is not None:
            cells = {self._id: own, **cells}
        if GEOMETRY in cells:
            cells[f"properties.{GEOMETRY}"] = cells.pop(GEOMETRY)
        geometry = feature if bare else feature.get("geometry")
        cells[GEOMETRY] = None if _empty(geometry) else as_json(geometry)
        return cells


class FeatureTable(JsonTable):
    """Features on their way; see formats.Raw."""

    def rows(self, misfits: Misfits | None = None) -> Iterable[Cells]:
        assert isinstance(self.text, JsonText)
        return Features(self.text, self.options, misfits)

    def batches(self) -> Iterator[pa.RecordBatch]:
        return map(self._placed, super().batches())

    def sample(self) -> pa.Table:
        return pa.Table.from_batches([self._placed(batch) for batch in super().sample().to_batches()])

    def _placed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """With geometries as WKB."""
        if GEOMETRY not in batch.schema.names:
            return batch
        place = batch.schema.get_field_index(GEOMETRY)
        return batch.set_column(place, GEOMETRY, _wkb(batch.column(place).to_pylist(), self.options.get("swap", False)))


def _wkb(texts: list[str | None], swap: bool) -> pa.Array:
    cells = np.array(texts, dtype=object)
    shapes = np.asarray(shapely.from_geojson(cells, on_invalid="ignore"), dtype=object).reshape(len(cells))
    if swap:
        shapes = np.asarray(shapely.transform(shapes, lambda xy: xy[:, ::-1]), dtype=object)
    made = shapely.to_wkb(shapes)
    odd = np.array([cell is not None for cell in texts], dtype=np.bool_) & ~shapely.is_geometry(shapes)
    made[odd] = NO_GEOMETRY
    return pa.array(made, pa.binary())


def _empty(geometry: Any) -> bool:
    if not isinstance(geometry, dict) or not geometry:
        return True
    return any(geometry.get(part) == [] for part in ("coordinates", "geometries"))


def _id_column(rows: list[Cells]) -> str:
    """What the column of the features' own ids is called: `id`, unless a property is."""
    return "feature id" if any("id" in cells for cells in rows) else "id"


def _crs(source: BinaryIO, text: JsonText) -> str:
    """The system that the old `crs` member names, at the beginning or at the end; empty where there is none."""
    first = text.values[0]
    member = first.get("crs") if isinstance(first, dict) else None
    if member is None and not text.packed and not text.whole:
        source.seek(max(0, source.seek(0, 2) - _TAIL))
        last = _CRS_MEMBER.search(source.read(_TAIL))
        member = next(iter(partial(last.group(1).decode("utf-8", "replace"))), None) if last else None
    elif member is None and text.whole:
        last = _CRS_MEMBER.search(text.head[-_TAIL:].encode("utf-8", "replace"))
        member = next(iter(partial(last.group(1).decode("utf-8", "replace"))), None) if last else None
    name = member.get("properties", {}).get("name") if isinstance(member, dict) else member
    return crs_code(name) if isinstance(name, str) else ""


def crs_code(name: str) -> str:
    """`urn:ogc:def:crs:EPSG::25832` and its like as EPSG:25832; WGS 84 in longitude and latitude, which it means in
    these files whatever the registry says of the order, as OGC:CRS84."""
    parts = _URN.search(name.strip())
    if not parts:
        return ""
    authority, code = parts.group(1).upper(), parts.group(2).upper()
    if code in ("CRS84", "CRS84H", "4326", "4979"):
        return "OGC:CRS84"
    return f"{authority}:{code}" if authority in ("EPSG", "OGC", "ESRI") else ""


def _turned(rows: list[Cells], crs: str) -> bool:
    """Whether nearly all coordinates lie in Germany once latitude and longitude change places, and not before."""
    if crs not in ("", "OGC:CRS84", "EPSG:4258"):
        return False
    texts = np.array([cells.get(GEOMETRY) for cells in rows], dtype=object)
    xy = shapely.get_coordinates(shapely.from_geojson(texts, on_invalid="ignore"))
    return len(xy) > 0 and bool(_in_germany(xy[:, ::-1]).mean() > _ENOUGH)


def _in_germany(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    return (xy[:, 0] > 5.5) & (xy[:, 0] < 15.5) & (xy[:, 1] > 47) & (xy[:, 1] < 55.5)
