"""Finds what says where a row is: a geometry of the format, a pair of columns, or one cell that holds a geometry."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from allmende.catalogue.loaders.assumption import Assumption, tokens
from allmende.catalogue.loaders.formats import GEOMETRY
from allmende.catalogue.loaders.numbers import read_numbers
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabular.crs import possible
from allmende.catalogue.loaders.tabular.guess import Guessed
from allmende.catalogue.loaders.tabular.recipe import Field, TableHints, Where
from allmende.catalogue.loaders.tabular.systems import CRS84, NAMES, NONE, System
from allmende.catalogue.loaders.tabular.words import EASTINGS, NORTHINGS, WKT_HEADS

_WKT = r"(?i)^\s*(SRID=\d+;)?\s*(" + "|".join(WKT_HEADS) + r")\s*(Z|M|ZM)?\s*\("
_WKB = r"^(00|01)[0-9A-Fa-f]{8}[0-9A-Fa-f]{16,}$"
_JSON = r'^\s*\{.*"type"\s*:\s*"(Point|LineString|Polygon|Multi\w+|GeometryCollection)"'
_PAIR = r"^\s*[\(\[]?\s*-?\d{1,3}\.\d{3,}\s*[,; ]\s*-?\d{1,3}\.\d{3,}\s*[\)\]]?\s*$"
_ENOUGH = 0.95
_MOST_TRIED = 12  # columns that are tried with one another
_SMALLEST_METRES = 100_000


@dataclass(frozen=True, slots=True)
class Placed:
    """where: None where rows have no place; uses: headings that hold nothing but the place."""

    where: Where | None
    said: list[Assumption] = field(default_factory=list)
    uses: frozenset[str] = frozenset()


def find_place(sample: pa.Table, guessed: Guessed, hints: TableHints, crs: str) -> Placed:
    """Where the rows are. crs: what the format says of its geometries. Raises Unreadable for hints that do not fit."""
    if hints.where == (NONE,):
        return Placed(None, [Assumption("place", "–", Said.of("told"))])
    if hints.where:
        return _told(sample, guessed, hints)
    ways = _native(sample, hints, crs) + _pairs(sample, guessed, hints) + _cells(sample, guessed, hints)
    if not ways:
        return Placed(None)
    chosen = max(ways, key=lambda way: _filled(sample, way))  # of several as full as it the first
    others = tuple(_shown(each.where) for each in ways if each.where and each is not chosen)
    said = [Assumption(each.topic, each.value, each.why, (*each.instead, *others)) for each in chosen.said[:1]]
    return Placed(chosen.where, said + chosen.said[1:], chosen.uses)


def _filled(sample: pa.Table, way: Placed) -> int:
    """Rows in which all columns of the place are there."""
    assert way.where is not None
    filled = None
    for name in way.where.columns:
        column = sample[name]
        there = pc.is_valid(column)
        if pa.types.is_string(column.type):
            there = pc.and_(there, pc.not_equal(pc.utf8_trim_whitespace(pc.fill_null(column, "")), ""))
        filled = there if filled is None else pc.and_(filled, there)
    return int(pc.sum(filled).as_py() or 0) if filled is not None else 0


def _shown(where: Where) -> str:
    return " + ".join(where.columns)


def _told(sample: pa.Table, guessed: Guessed, hints: TableHints) -> Placed:
    for name in hints.where:
        if name not in sample.column_names:
            raise Unreadable("hint_unknown", name=name, columns=", ".join(sample.column_names))
    if len(hints.where) == 2:
        east, north = (_numbers(sample, name, guessed.decimal) for name in hints.where)
        systems = possible(*_both(east, north))
        code = hints.crs or (systems[0].code if systems else CRS84)
        where = Where("xy", hints.where, code, guessed.decimal)
        return Placed(where, _said(where, Said.of("told"), systems, hints), frozenset(hints.where))
    cells = _cells(sample.select(list(hints.where)), guessed, hints)
    if not cells:
        raise Unreadable("where_unreadable", name=hints.where[0])
    return cells[0]


def _native(sample: pa.Table, hints: TableHints, crs: str) -> list[Placed]:
    if GEOMETRY not in sample.column_names or not pa.types.is_binary(sample[GEOMETRY].type):
        return []
    systems = [] if hints.crs or crs else _sized(sample[GEOMETRY])
    where = Where("native", (GEOMETRY,), hints.crs or crs or (systems[0].code if systems else CRS84))
    why = Said.of("told") if hints.crs else Said.of("crs_of_format") if crs else Said.of("crs_usual")
    if systems and where.crs != CRS84:
        others = tuple(each.code for each in systems[1:])
        return [
            Placed(where, [Assumption("crs", _crs(where.crs), Said.of("crs_sized"), others)], frozenset({GEOMETRY}))
        ]
    return [Placed(where, [Assumption("crs", _crs(where.crs), why)], frozenset({GEOMETRY}))]


def _sized(column: pa.ChunkedArray) -> list[System]:
    """The systems that the coordinates of some geometries can be in."""
    some = np.array(column.drop_null()[:500].to_pylist(), dtype=object)
    xy = shapely.get_coordinates(shapely.from_wkb(some, on_invalid="ignore"))
    return possible(*_both(xy[:, 0], xy[:, 1]))


def _pairs(sample: pa.Table, guessed: Guessed, hints: TableHints) -> list[Placed]:
    """A pair of columns named so; without a header, one whose numbers can only be coordinates."""
    numbers = {each.source: each for each in guessed.fields if each.type in ("number", "integer")}
    easts = [name for name in numbers if _named(name, EASTINGS)][:_MOST_TRIED]
    norths = [name for name in numbers if _named(name, NORTHINGS)][:_MOST_TRIED]
    for east, north in ((a, b) for a in easts for b in norths if a != b):
        placed = _pair(sample, guessed, hints, east, north, Said.of("place_named"))
        if placed:
            return [placed]
    measured = [name for name, each in numbers.items() if each.type == "number" and _large(sample, name, guessed)]
    measured = measured[:_MOST_TRIED]
    for east, north in ((a, b) for a in measured for b in measured if a != b):
        system = _projected(sample, guessed, east, north)
        if system:
            placed = _pair(sample, guessed, hints, east, north, Said.of("place_sized", crs=system.name))
            return [placed] if placed else []
    return []


def _large(sample: pa.Table, name: str, guessed: Guessed) -> bool:
    """Whether the numbers can be metres of a system at all, so that not every column is tried with every other."""
    numbers = _numbers(sample, name, guessed.decimal)
    there = numbers[~np.isnan(numbers) & (numbers != 0)]
    return len(there) > 0 and bool(np.median(there) >= _SMALLEST_METRES)


def _named(heading: str, words: frozenset[str]) -> bool:
    return heading.lower() in words or not tokens(heading).isdisjoint(words)


def _projected(sample: pa.Table, guessed: Guessed, east: str, north: str) -> System | None:
    """The system of a pair that nobody named; degrees alone are no evidence, metres in the right millions are."""
    pair = _both(*(_numbers(sample, name, guessed.decimal) for name in (east, north)))
    if len(pair[0]) < max(0.5 * sample.num_rows, 1) or pair[1].min() < 1_000_000:
        return None
    systems = [each for each in possible(*pair) if each.code != CRS84]
    return systems[0] if systems else None


def _pair(sample: pa.Table, guessed: Guessed, hints: TableHints, east: str, north: str, why: Said) -> Placed | None:
    """The pair in the order that the numbers say, whatever the headings say."""
    first, second = (_numbers(sample, name, guessed.decimal) for name in (east, north))
    straight, turned = possible(*_both(first, second)), possible(*_both(second, first))
    names = (east, north)
    if _swapped(first, second, straight, turned):
        names, systems, why = (north, east), turned, Said.of("place_swapped")
    else:
        systems = straight
    if not systems and not hints.crs:
        return None
    where = Where("xy", names, hints.crs or systems[0].code, guessed.decimal)
    return Placed(where, _said(where, why, systems, hints), frozenset(names))


def _swapped(first: np.ndarray, second: np.ndarray, straight: list[System], turned: list[System]) -> bool:
    if not turned:
        return False
    if not straight:
        return True
    if straight[0].code != CRS84 or turned[0].code != CRS84:
        return False
    x, y = _both(first, second)  # both ways are degrees: the one that lies in Germany is meant
    return bool(((x > 47) & (x < 55.5) & (y > 5.5) & (y < 15.5)).mean() > _ENOUGH)


def _said(where: Where, why: Said, systems: list[System], hints: TableHints) -> list[Assumption]:
    others = tuple(each.code for each in systems if each.code != where.crs)
    crs_why = Said.of("told") if hints.crs else Said.of("crs_sized")
    return [
        Assumption("place", " + ".join(where.columns), why),
        Assumption("crs", _crs(where.crs), crs_why, others),
    ]


def _crs(code: str) -> str:
    return f"{code} ({NAMES[code]})" if code in NAMES else code


def _cells(sample: pa.Table, guessed: Guessed, hints: TableHints) -> list[Placed]:
    """Cells with a whole geometry, or with two numbers."""
    ways = []
    for each in guessed.fields:
        if each.source not in sample.column_names or not _is_text(sample, each):
            continue
        filled = sample[each.source].drop_null()
        filled = filled.filter(pc.not_equal(pc.utf8_trim_whitespace(filled), ""))[:200]
        for kind, pattern in (("wkt", _WKT), ("wkb", _WKB), ("geojson", _JSON), ("latlon", _PAIR)):
            if len(filled) and pc.mean(pc.match_substring_regex(filled, pattern)).as_py() >= _ENOUGH:
                if kind == "wkb" and not _is_wkb(filled):
                    continue
                kind = "lonlat" if kind == "latlon" and _longitude_first(filled) else kind
                systems = possible(*_corners(filled)) if kind == "wkt" else []
                if kind == "wkt" and not (systems or hints.crs):
                    break
                where = Where(kind, (each.source,), hints.crs or (systems[0].code if systems else CRS84))
                crs_why = Said.of("told") if hints.crs else Said.of("crs_sized" if systems else "crs_usual")
                said = [
                    Assumption("place", each.source, Said.of(f"place_{kind}")),
                    Assumption("crs", _crs(where.crs), crs_why),
                ]
                ways.append(Placed(where, said, frozenset({each.source})))
                break
    return ways


def _corners(cells: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """The first position of each geometry in WKT."""
    parts = pc.extract_regex(cells, r"\(+\s*(?P<x>-?[\d.]+)\s+(?P<y>-?[\d.]+)").combine_chunks().drop_null()
    return tuple(pc.cast(parts.field(n), pa.float64()).to_numpy(zero_copy_only=False) for n in (0, 1))  # type: ignore[return-value]


def _is_wkb(cells: pa.ChunkedArray) -> bool:
    """Whether they are geometries, and no other bytes in hexadecimal."""
    read = shapely.from_wkb(np.array(cells.to_pylist(), dtype=object), on_invalid="ignore")
    return bool(shapely.is_geometry(read).mean() >= _ENOUGH)


def _is_text(sample: pa.Table, each: Field) -> bool:
    return bool(pa.types.is_string(sample[each.source].type))


def _longitude_first(cells: pa.ChunkedArray) -> bool:
    first = pc.cast(pc.extract_regex(cells, r"(?P<n>-?\d{1,3}\.\d+)").combine_chunks().field(0), pa.float64())
    return bool(pc.mean(first).as_py() < 47)  # German latitudes begin at 47, longitudes end at 15.1


def _numbers(sample: pa.Table, name: str, decimal: str) -> np.ndarray:
    column = sample[name].combine_chunks() if sample[name].num_chunks != 1 else sample[name].chunk(0)
    if not pa.types.is_string(column.type):
        return pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    read = read_numbers(pc.fill_null(column, ""), decimal)
    return np.where(read.missing | read.bad, np.nan, read.values)


def _both(east: np.ndarray, north: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of which both are there; 0, 0 is nobody's place."""
    there = ~np.isnan(east) & ~np.isnan(north) & ((east != 0) | (north != 0))
    return east[there], north[there]
