"""Which format a file has, by its first bytes; its name is asked only within archives, to tell data from the rest.
Archives are looked into: some are a format of their own, others only wrap files of data."""

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.dialect import encoding_of
from allmende.catalogue.loaders.formats import Found, Raw, archive, pabulib
from allmende.catalogue.loaders.formats.jsontext import SCRIPT
from allmende.catalogue.loaders.formats.long import Long
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.sniff import beginning, decoded
from allmende.catalogue.loaders.source import GZIP, Caps
from allmende.catalogue.loaders.tabular.recipe import TableHints

FORMATS = ("delimited", "sheets", "jsonlike", "geojson", "vector", "xml", "parquet", "gtfs", "pabulib")

_ARCHIVES = frozenset({"vector", "gtfs"})  # formats that look into archives themselves
_HEAD = 2**16
_MOST_MEMBERS = 40  # files of data in one archive that are looked at
_BY_BYTES = (
    (b"\xd0\xcf\x11\xe0", "sheets"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3\0", "vector"),
    (b"fgb\x03fgb", "vector"),
)
_NO_DATA = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "packed with bzip2"),
    (b"\xfd7zXZ", "packed with xz"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_ALONE = b"\x00\x00\x27\x0a"  # a .shp without its neighbours
_TURTLE = re.compile(r"(?i)(\s*#[^\n]*\n|\s)*(@prefix|@base|prefix)\s+[\w-]*:?\s*<")
_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_TABLES = frozenset({"csv", "tsv", "tab", "xlsx", "xlsm", "xlsb", "xls", "ods", "parquet"})
_TREES = frozenset({"json", "geojson", "ndjson", "jsonl", "geojsonl", "js", "xml", "gml", "gpx", "kml", "gpkg", "fgb"})
_PERHAPS = frozenset({"txt", "dat", "asc", ""})  # data only where nothing else in the archive is


def found(source: BinaryIO, name: str, hints: TableHints) -> list[tuple[str, Found]]:
    """(format, table) for each table or layer in the file. Raises Unreadable."""
    if not _is_zip(source):
        kind = hints.format or format_of(source, name)
        return [(kind, each) for each in _module(kind).found(source, hints)]
    packed = archive.looked_through(source)
    kind = hints.format or _of_archive(packed)
    members = [] if kind else _members(packed)
    if not members:
        return [(kind, each) for each in _module(kind or "delimited").found(source, hints)]
    return _of_members(source, members, hints)


def format_of(source: BinaryIO, name: str) -> str:
    """The module of `formats` for this file. Raises Unreadable for what is none of them."""
    source.seek(0)
    head = source.read(64)
    source.seek(0)
    for signature, kind in _BY_BYTES:
        if head.startswith(signature):
            return kind
    for signature, what in _NO_DATA:
        if head.startswith(signature):
            raise Unreadable("not_data", what=what)
    if head.startswith(_ALONE):
        raise Unreadable("shape_alone")
    if head.startswith(archive.ZIP):
        return _of_archive(archive.looked_through(source)) or "delimited"
    return _of_text(source, name)


def opened(source: BinaryIO, kind: str, options: dict[str, Any]) -> Raw:
    """One table of the file. options: of the format, and member, the file of an archive that is meant. An archive that
    has but one file of data may call it differently."""
    module = _module(kind)
    if kind not in _ARCHIVES and (member := options.get("member")):
        packed = archive.looked_through(source)
        if member not in archive.names(packed):
            others = _members(packed)
            if len(others) != 1:
                raise Unreadable("no_such_layer", name=member, layers=", ".join(others[:10]))
            member = others[0]
        source = archive.member(source, member)
    raw: Raw = module.opened(source, options)
    return Long(raw) if options.get("long") else raw


def _is_zip(source: BinaryIO) -> bool:
    source.seek(0)
    head = source.read(4)
    source.seek(0)
    return head == archive.ZIP


def _of_archive(packed: Any) -> str:
    """The format that an archive is itself; empty: it wraps files. Raises Unreadable."""
    names = [name.lower() for name in archive.names(packed)]
    if any(name.startswith("xl/workbook.") for name in names):
        return "sheets"
    if "mimetype" in names or "meta-inf/manifest.xml" in names:
        if "content.xml" in names and _mimetype(packed) in ("", "spreadsheet", "spreadsheet-template"):
            return "sheets"
        raise Unreadable("not_data", what="a text document")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise Unreadable("not_data", what="a text document")
    stems = {PurePosixPath(name).name for name in names}
    if {"stops.txt", "trips.txt"} <= stems or {"routes.txt", "agency.txt"} <= stems:
        return "gtfs"
    if any(name.endswith((".shp", ".kml")) for name in names):
        return "vector"
    return ""


def _mimetype(packed: Any) -> str:
    """The last word of what an OpenDocument says it is."""
    said = archive.beginning_of(packed, "mimetype", 200).decode("ascii", "replace")
    return said.strip().rpartition("opendocument.")[2]


def _members(packed: Any) -> list[str]:
    """The files of data in an archive. Raises Unreadable where there are none."""
    names = archive.names(packed)
    chosen = [name for name in names if _ending(name) in _TABLES | _TREES] or [
        name for name in names if _ending(name) in _PERHAPS
    ]
    if not chosen:
        raise Unreadable("zip_no_data", names=", ".join(names[:10]) or "–")
    return chosen[:_MOST_MEMBERS]


def _ending(name: str) -> str:
    return PurePosixPath(name.lower().removesuffix(".gz")).suffix[1:]


def _of_members(source: BinaryIO, members: list[str], hints: TableHints) -> list[tuple[str, Found]]:
    """The tables of all files of data in an archive; of several, those that cannot be read are told."""
    tables: list[tuple[str, Found]] = []
    failed: list[tuple[str, Unreadable]] = []
    wanted = [name for name in members if hints.layer in (name, PurePosixPath(name).name)] if hints.layer else []
    told = replace(hints, layer="") if wanted else hints
    for name in wanted or members:
        try:
            tables += _of_member(source, name, told, len(members) > 1)
        except Unreadable as problem:
            failed.append((name, problem))
    if not tables:
        raise failed[0][1]
    tables[0][1].said.extend(Assumption("ignored", name, problem.said) for name, problem in failed)
    return tables


def _of_member(source: BinaryIO, name: str, hints: TableHints, several: bool) -> Iterator[tuple[str, Found]]:
    member = archive.member(source, name)
    kind = hints.format or format_of(member, name)
    if kind == "vector":
        tables = _module(kind).found(source, replace(hints, layer=hints.layer), name)
    else:
        tables = _module(kind).found(member, hints)
    for each in tables:
        stem = PurePosixPath(name).stem
        title = each.name if not several else stem if len(tables) == 1 else f"{stem} {each.name}"
        said = [Assumption("compression", "ZIP", Said.of("zip_member", name=name)), *each.said]
        yield kind, replace(each, name=title, options={**each.options, "member": name}, said=said)


def _of_text(source: BinaryIO, name: str) -> str:
    head, unpacked, whole = beginning(source, Caps(), _HEAD)
    for signature, _ in _BY_BYTES if unpacked.packed else ():
        if head.startswith(signature):
            raise Unreadable("packed_twice")
    if unpacked.packed and head.startswith((archive.ZIP, GZIP)):
        raise Unreadable("packed_twice")
    text = decoded(head, encoding_of(head)[0], whole).lstrip("\ufeff \t\r\n\x1e")
    if text.startswith("<"):
        return _of_markup(text)
    if text.startswith(("{", "[")) or SCRIPT.match(text):
        from allmende.catalogue.loaders.formats.geojson import recognised  # noqa: PLC0415 - loaded only for such files

        return "geojson" if recognised(text) else "jsonlike"
    if _TURTLE.match(text):
        raise Unreadable("not_data", what="a text in RDF (Turtle)")
    return "pabulib" if pabulib.is_so(text) else "delimited"


def _of_markup(text: str) -> str:
    root = _ROOT.search(re.sub(r"<!--.*?-->", "", text, flags=re.S))
    tag = root.group(1).lower() if root else ""
    if tag == "html" or re.match(r"(?i)<!doctype\s+html", text):
        raise Unreadable("not_data", what="a web page")
    if tag in ("kml", "gpx"):
        return "vector"
    return "vector" if tag == "featurecollection" and "opengis.net/" in text else "xml"


def _module(kind: str) -> Any:
    if kind not in FORMATS:
        raise Unreadable("unknown_format", name=kind)
    return import_module(f"allmende.catalogue.loaders.formats.{kind}")
