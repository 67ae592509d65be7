"""Layers of features by GDAL: GeoPackage, Shapefile in a ZIP, KML and KMZ, GPX, GML, FlatGeobuf. One table per layer,
read in batches."""

import os
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.formats import GEOMETRY, Found, archive, gdal, markup
from allmende.catalogue.loaders.formats.descriptions import described
from allmende.catalogue.loaders.formats.typed import plain, sliced, texts
from allmende.catalogue.loaders.headline import unique_names
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.sniff import beginning
from allmende.catalogue.loaders.source import Caps, Unpacked
from allmende.catalogue.loaders.tabular.crs import code_of
from allmende.catalogue.loaders.tabular.recipe import TableHints

_SUFFIXES = frozenset({".shp", ".kml", ".gpkg", ".fgb", ".gml", ".gpx"})
_MOST_LAYERS = 100
_SAMPLE = 10_000  # features
_DESCRIBED = 500  # of them whose descriptions are looked into
_MOST_NAMES = 200
_STYLES = frozenset({"layer_styles", "qgis_projects"})  # tables in which QGIS keeps how it draws
_HOW_DRAWN = frozenset({"altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"})
_CORNERS = frozenset({"lowerCorner", "upperCorner"})  # the box of a feature in GML, which its geometry has already
_ALWAYS: dict[str, frozenset[str] | None] = {  # fields that GDAL shows whether the file has them or not; None: all
    "LIBKML": frozenset({"id", "Name", "description", "timestamp", "begin", "end"}),
    "KML": frozenset({"Name", "Description"}),
    "GPX": None,
}
_TEXTS = frozenset({"KML", "LIBKML", "GPX", "GML"})  # whose types are guesses, or fields that nobody filled


def found(source: BinaryIO, hints: TableHints, member: str = "") -> list[Found]:
    """The layers that have features. member: the file of an archive that is meant. Raises Unreadable."""
    tables, names, empty = [], [], []
    for inner in [member] if member else _members(source):
        path = _path(source, inner)
        for layer in gdal.layers(path)[:_MOST_LAYERS]:
            names.append(layer)
            if hints.layer not in ("", layer):
                continue
            if layer in _STYLES and not hints.layer:
                empty.append(Assumption("ignored", layer, Said.of("layer_styles"), (layer,)))
                continue
            info = gdal.info(path, layer, hints.encoding)
            if info["features"]:
                tables.append(_found(path, layer, inner, info, hints))
    if not tables:
        if hints.layer and hints.layer not in names:
            raise Unreadable("no_such_layer", name=hints.layer, layers=", ".join(names))
        raise Unreadable("no_features")
    tables[0].said.extend(empty)
    return tables


def opened(source: BinaryIO, options: dict[str, Any]) -> "Layer":
    """A layer. options: layer, member (of an archive), encoding, described (names in its descriptions), unfilled
    (fields that are always empty). Where there is but one layer it may have another name. Raises Unreadable."""
    members = _members(source)
    member, wanted = options.get("member", ""), options.get("layer", "")
    if member not in members:
        if len(members) != 1 or (not member) != (not members[0]):
            raise Unreadable("no_such_layer", name=member or wanted, layers=", ".join(members))
        member = members[0]
    path = _path(source, member)
    names = [name for name in gdal.layers(path) if name not in _STYLES or name == wanted]
    if wanted not in names:
        if len(names) != 1:
            raise Unreadable("no_such_layer", name=wanted, layers=", ".join(names))
        wanted = names[0]
    return Layer(source, path, wanted, options)


def _members(source: BinaryIO) -> list[str]:
    """The files in an archive that hold layers; [""]: the file is no archive."""
    source.seek(0)
    zipped = source.read(4) == archive.ZIP
    source.seek(0)
    if not zipped:
        return [""]
    names = archive.names(archive.looked_through(source))
    return [
        name
        for name in names
        if PurePosixPath(name.lower()).suffix in (".shp", ".kml", ".gpkg", ".fgb", ".gml", ".gpx")
    ]


def _path(source: BinaryIO, member: str) -> str:
    """What GDAL opens. Raises Unreadable for bombs."""
    if member:
        packed = archive.looked_through(source)
        markup.without_entities([archive.beginning_of(packed, member, markup.HEAD)])
        return gdal.path_of(source, member)
    source.seek(0)
    if source.read(6) == b"SQLite":
        return gdal.path_of(source)
    head, unpacked, _ = beginning(source, Caps(), markup.HEAD)
    markup.without_entities([head])
    if unpacked.packed:
        for _ in Unpacked(source, Caps()):
            pass
    source.seek(0)
    return gdal.path_of(source, "", unpacked.packed)


def _found(path: str, layer: str, member: str, info: dict[str, Any], hints: TableHints) -> Found:
    options: dict[str, Any] = {"layer": layer, "encoding": hints.encoding}
    if member:
        options["member"] = member
    said = []
    if not hints.encoding and info["driver"] == "ESRI Shapefile":
        options["encoding"], told = _encoding(path, layer, str(info["encoding"] or ""))
        said += told
    if info["driver"] in _ALWAYS:
        options["unfilled"] = _unfilled(path, layer, _ALWAYS[info["driver"]])
    if "KML" in info["driver"]:
        options["described"] = names = _names_described(path, layer, list(info["fields"]))
        if names:
            said.append(Assumption("header", ", ".join(names[:12]), Said.of("kml_described")))
    crs = code_of(info["crs"])
    return Found(layer, options, said, crs, max(int(info["features"]), 0))


def _encoding(path: str, layer: str, known: str) -> tuple[str, list[Assumption]]:
    """(encoding, what to tell) of a Shapefile's texts. known: UTF-8 where GDAL turns them into that, because the file
    names its encoding; it may name a wrong one."""
    wide = ""
    for batch in gdal.batches(path, layer, "", _SAMPLE):
        for column in batch.columns:
            if not pa.types.is_string(column.type):
                continue
            for cell in column.unique().cast(pa.binary()).to_pylist():
                if cell and not cell.isascii():
                    try:
                        wide = wide or cell.decode()
                    except UnicodeDecodeError:
                        why = Said.of("encoding_dbf", cell=cell.decode("cp1252", "replace")[:40])
                        return "CP1252", [Assumption("encoding", "cp1252", why, ("cp850", "iso-8859-15"))]
    if known.upper() == "UTF-8":
        return "", []
    return (
        ("UTF-8", [Assumption("encoding", "utf-8", Said.of("encoding_utf8"), ("cp1252",))]) if wide else ("CP1252", [])
    )


def _unfilled(path: str, layer: str, among: frozenset[str] | None) -> list[str]:
    """The fields that are empty in every feature."""
    empty: set[str] | None = None
    for batch in gdal.batches(path, layer):
        names = {name for name, column in zip(batch.schema.names, batch.columns, strict=True) if _empty(column)}
        empty = names if empty is None else empty & names
    return sorted(name for name in empty or () if among is None or name in among)


def _empty(column: pa.Array) -> bool:
    texts = pa.types.is_string(column.type) and column.null_count < len(column)
    return column.null_count + (pc.sum(pc.equal(column, "")).as_py() or 0 if texts else 0) == len(column)


def _names_described(path: str, layer: str, fields: list[str]) -> list[str]:
    """Names of values that stand in the descriptions and nowhere else."""
    if "description" not in fields:
        return []
    names: Counter[str] = Counter()
    filled = 0
    for batch in gdal.batches(path, layer, "", _DESCRIBED):
        for text in texts(batch["description"]).to_pylist():
            if text and text.strip():
                filled += 1
                names.update(list(described(text)[0]))
    taken = {field.lower() for field in fields}
    usual = [name for name, count in names.items() if count >= max(1, filled / 10) and name.lower() not in taken]
    return usual[:_MOST_NAMES]


class Layer:
    """Features of a layer; see formats.Raw."""

    delimiter = ","

    def __init__(self, source: BinaryIO, path: str, layer: str, options: dict[str, Any]) -> None:
        self._path, self._layer, self._options = path, layer, options
        self._encoding = options.get("encoding", "")
        self._size = os.fstat(source.fileno()).st_size
        info = gdal.info(path, layer, self._encoding)
        self.encoding = self._encoding or str(info["encoding"] or "utf-8").lower()
        self._driver, self._count = info["driver"], max(int(info["features"]), 1)
        self._described = list(options.get("described", ())) if "description" in info["fields"] else []
        self.misfits = Misfits(0)
        self._done = 0
        self._left_out = _HOW_DRAWN if "KML" in self._driver else _CORNERS if self._driver == "GML" else frozenset()
        self._left_out |= frozenset(options.get("unfilled", ()))
        self._fields, self.columns = self._named(*gdal.shape_of(path, layer, self._encoding))

    @property
    def consumed(self) -> int:
        return min(self._size * self._done // self._count, self._size)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All features; what is no usual type is text."""
        return self._batches(None)

    def sample(self) -> pa.Table:
        """Features from the beginning."""
        with closing(self._batches(_SAMPLE)) as batches:
            some = list(batches)
        if not some:
            raise Unreadable("no_features")
        return pa.Table.from_batches(some).combine_chunks()

    def _batches(self, most: int | None) -> Generator[pa.RecordBatch, None, None]:
        self._done = 0
        for batch in gdal.batches(self._path, self._layer, self._encoding, most):
            for piece in sliced(batch):
                self._done += piece.num_rows
                yield self._made(piece)

    def _named(self, meta: dict[str, Any], schema: pa.Schema) -> tuple[list[tuple[str, bool]], tuple[str, ...]]:
        """(fields of the stream in order, whether each is the geometry; headings)."""
        geometry = meta["geometry_name"] or "wkb_geometry"
        fields = []
        for field in schema:
            if field.name == geometry and (pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type)):
                fields.append((field.name, True))
            elif pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
                continue  # pictures and the like
            elif field.name not in self._left_out:
                fields.append((field.name, False))
        places = [name for name, is_geometry in fields if is_geometry]
        names = unique_names([GEOMETRY] * len(places) + [name for name, own in fields if not own] + self._described)
        return sorted(fields, key=lambda each: not each[1]), names

    def _made(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = []
        values: list[dict[str, str]] = []
        for name, is_geometry in self._fields:
            column = batch[name]
            if is_geometry:
                column = pc.cast(column, pa.binary())
            else:
                column = plain(column, self._driver in _TEXTS)
                if name == "description" and "KML" in self._driver:
                    column, values = self._taken_apart(column)
            columns.append(column)
        for name in self._described:
            columns.append(pa.array([each.get(name) for each in values], pa.string()))
        return pa.record_batch(columns, names=list(self.columns))

    def _taken_apart(self, column: pa.Array) -> tuple[pa.Array, list[dict[str, str]]]:
        """(descriptions without markup and without what became columns, the values of those)."""
        rest, values = [], []
        known = set(self._described)
        for text in column.to_pylist():
            found, other = described(text) if text else ({}, "")
            unknown = [f"{name}: {value}" for name, value in found.items() if name not in known and value]
            rest.append("\n".join([*unknown, *([other] if other else [])]) or None)
            values.append(found)
        return pa.array(rest, pa.string()), values
