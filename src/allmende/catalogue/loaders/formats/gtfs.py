"""Timetables in GTFS: a ZIP of texts, each a table; stops are points, shapes become lines."""

from pathlib import PurePosixPath
from typing import Any, BinaryIO

import pyarrow.compute as pc

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.formats import Found, Raw, archive, delimited
from allmende.catalogue.loaders.formats.gtfslines import Lines
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabular.recipe import TableHints
from allmende.catalogue.loaders.tabular.systems import CRS84

_NEEDED = ("agency", "stops", "routes", "trips", "stop_times")
_ONE_NEEDED = ("calendar", "calendar_dates")
_KEYS = {
    "agency": ("agency_id",),
    "stops": ("stop_id",),
    "routes": ("route_id",),
    "trips": ("trip_id",),
    "stop_times": ("trip_id", "stop_sequence"),
    "calendar": ("service_id",),
    "calendar_dates": ("service_id", "date"),
    "shapes": ("shape_id",),
}
_ORDER = (*_NEEDED, *_ONE_NEEDED, "shapes")
_MOST_TABLES = 40
_CLOCK_TIMES = frozenset({"arrival_time", "departure_time", "start_time", "end_time"})  # 25:10 is after midnight
_TEXTS = frozenset({"stop_code", "route_short_name", "trip_short_name", "zone_id", "platform_code"})


def found(source: BinaryIO, hints: TableHints) -> list[Found]:
    """The tables of the timetable, and what is missing of those that every one must have. Raises Unreadable."""
    names = _tables(source)
    wanted = {hints.layer: names[hints.layer]} if hints.layer in names else names
    if hints.layer and hints.layer not in names:
        raise Unreadable("no_such_layer", name=hints.layer, layers=", ".join(names))
    tables: list[Found] = []
    said = [] if hints.layer else _missing(names)
    for name in list(wanted)[:_MOST_TABLES]:
        try:
            tables.append(_found(source, name))
        except Unreadable as problem:
            said.append(Assumption("ignored", f"{name}.txt", problem.said))
    if not tables:
        raise Unreadable("no_rows")
    tables[0].said[:0] = said
    return tables


def opened(source: BinaryIO, options: dict[str, Any]) -> Raw:
    """A table. options: table; header, delimiter as found. Raises Unreadable."""
    name = options.get("table", "")
    names = _tables(source)
    if name not in names:
        raise Unreadable("no_such_layer", name=name, layers=", ".join(names))
    table = delimited.opened(archive.member(source, names[name]), options)
    return Lines(table) if name == "shapes" else table


def _tables(source: BinaryIO) -> dict[str, str]:
    """The texts by their name, the known ones first."""
    found: dict[str, str] = {}
    for name in archive.names(archive.looked_through(source)):
        path = PurePosixPath(name)
        if path.suffix.lower() == ".txt":
            found.setdefault(path.stem.lower(), name)
    known = [each for each in _ORDER if each in found]
    return {each: found[each] for each in (*known, *(other for other in found if other not in known))}


def _missing(names: dict[str, str]) -> list[Assumption]:
    gone = [f"{each}.txt" for each in _NEEDED if each not in names]
    if not any(each in names for each in _ONE_NEEDED):
        gone.append(" / ".join(f"{each}.txt" for each in _ONE_NEEDED))
    return [Assumption("missing", ", ".join(gone), Said.of("gtfs_needed"))] if gone else []


def _found(source: BinaryIO, name: str) -> Found:
    options = {"table": name, "header": True, "delimiter": ",", "encoding": ""}
    raw = opened(source, options)
    if isinstance(raw, Lines):
        return Found(name, options, [Assumption("place", "shapes.txt", Said.of("gtfs_lines"))], CRS84, key=_KEYS[name])
    sample = raw.sample()
    if not sample.num_rows:
        raise Unreadable("no_rows")
    types = {
        heading: "text"
        for heading in raw.columns
        if (heading.endswith("_id") or heading in _CLOCK_TIMES or heading in _TEXTS)
        and pc.any(pc.not_equal(pc.utf8_trim_whitespace(sample[heading]), "")).as_py()
    }
    key = _KEYS.get(name, ())
    return Found(name, options, types=types, key=key if set(key) <= set(raw.columns) else ())
