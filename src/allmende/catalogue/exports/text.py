"""Tables as delimited text. Cells that a spreadsheet would run as a formula get an apostrophe before them."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyarrow import csv

from allmende.catalogue.exports.about import About
from allmende.core.clock import town_zone

_FORMULA = r"^([=@\t\r]|[+-].)"
_DECIMALS = 7  # of a degree: a centimetre
_NUMBER = r"^[+-][\d.,\s]+$"


def guarded(column: pa.Array) -> pa.Array:
    """Texts, those that begin like a formula with an apostrophe before; a number with a sign is none."""
    risky = pc.and_not(pc.match_substring_regex(column, _FORMULA), pc.match_substring_regex(column, _NUMBER))
    if not pc.any(risky).as_py():
        return column
    return pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)


def to_csv(
    batches: Iterable[pa.RecordBatch], about: About, names: tuple[str, ...], kinds: tuple[str, ...]
) -> Iterator[bytes]:
    """UTF-8, commas, points, ISO dates; points as longitude and latitude, other
    places as WKT. kinds: types of the geometries, empty where there are none."""
    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    heads = [*names, *_place_heads(names, kinds), *(("simulated",) if about.simulated else ())]
    yield (",".join(heads) + "\r\n").encode()
    for batch in batches:
        columns = [_plain(batch[name]) for name in names]
        columns += _places(batch, kinds)
        if about.simulated:
            columns.append(pa.array(["true"] * batch.num_rows))
        sink = pa.BufferOutputStream()
        csv.write_csv(pa.RecordBatch.from_arrays(columns, heads), sink, options)
        yield sink.getvalue().to_pybytes()


def _plain(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        return guarded(column)
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column.cast(pa.timestamp("us", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    return column


def _place_heads(names: tuple[str, ...], kinds: tuple[str, ...]) -> list[str]:
    """Names for what says where, that no column has."""
    if not kinds:
        return []
    heads = ["longitude", "latitude"] if kinds == ("Point",) else ["wkt"]
    return [f"geo_{head}" if head in names else head for head in heads]


def _places(batch: pa.RecordBatch, kinds: tuple[str, ...]) -> list[pa.Array]:
    """The columns that say where."""
    if not kinds:
        return []
    if kinds != ("Point",):
        return [wkt(batch["geometry"])]
    shapes = shapely.from_wkb(batch["geometry"].to_numpy(zero_copy_only=False))
    pair = (np.round(axis(shapes), _DECIMALS) for axis in (shapely.get_x, shapely.get_y))
    return [pa.array(side, mask=np.isnan(side)) for side in pair]


def wkt(column: pa.Array) -> pa.Array:
    """Geometries as text, to the centimetre."""
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    return pa.array(shapely.to_wkt(shapes, rounding_precision=_DECIMALS), pa.string())


def to_csv_de(
    batches: Iterable[pa.RecordBatch], about: About, names: tuple[str, ...], kinds: tuple[str, ...]
) -> Iterator[bytes]:
    """For Excel set to German: a mark of UTF-8, semicolons, decimal commas, dates and times as people write them."""
    heads = [about.titles.get(name) or name for name in names]
    heads += {1: ["Geometrie (WKT)"], 2: ["Länge", "Breite"]}.get(len(_place_heads(names, kinds)), [])
    heads += ["Simulierte Daten"] if about.simulated else []
    yield b"\xef\xbb\xbf" + _line(guarded(pa.array(heads)).to_pylist()).encode()
    options = csv.WriteOptions(include_header=False, quoting_style="needed", delimiter=";")
    for batch in batches:
        columns = [_german(batch[name]) for name in names]
        columns += [_german(column) for column in _places(batch, kinds)]
        if about.simulated:
            columns.append(pa.array(["ja"] * batch.num_rows))
        sink = pa.BufferOutputStream()
        csv.write_csv(pa.RecordBatch.from_arrays(columns, [str(n) for n in range(len(columns))]), sink, options)
        yield sink.getvalue().to_pybytes().replace(b"\n", b"\r\n")


def _german(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_string(kind):
        return guarded(column)
    if pa.types.is_floating(kind):
        return pc.replace_substring(column.cast(pa.string()), ".", ",")
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "ja", "nein")
    if pa.types.is_date(kind):
        return pc.strftime(column.cast(pa.timestamp("s")), format="%d.%m.%Y")
    if pa.types.is_timestamp(kind):
        local = pc.local_timestamp(column.cast(pa.timestamp("us", tz=town_zone().key)))
        return pc.strftime(local.cast(pa.timestamp("s"), safe=False), format="%d.%m.%Y %H:%M:%S")
    return column


def _line(cells: list[str]) -> str:
    quoted = ('"' + cell.replace('"', '""') + '"' if set(cell) & set(';"\r\n') else cell for cell in cells)
    return ";".join(quoted) + "\r\n"
