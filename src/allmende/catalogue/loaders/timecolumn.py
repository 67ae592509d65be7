"""Finds the column that says when, how it is written, and whose clock it shows."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.assumption import Assumption, tokens
from allmende.catalogue.loaders.recipe import Hints
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.times import COUNTED, FORMATS, Readings, clock_readings
from allmende.catalogue.loaders.vocabulary import TIMES
from allmende.catalogue.loaders.zones import OWN_OFFSET, standard_offset, to_utc

_ENOUGH = 0.9  # so many of the filled cells must be times
_FILLED = 0.5  # so many of the cells must be filled
_FEW = 2000  # so many cells are looked at
_NUMERIC = ("packed", "seconds", "milliseconds")  # written like any number: only believed where the name says so too
_SECONDS_OF_2000, _SECONDS_OF_2100 = 946_684_800, 4_102_444_800
_CLOCK = r"^\s*\d{1,2}:\d{2}(:\d{2})?([.,]\d+)?\s*$"


@dataclass(frozen=True, slots=True)
class When:
    """columns: one, or a date and a clock time; readings: of the sample."""

    columns: tuple[str, ...]
    format: str
    zone: str
    daily: bool
    said: tuple[Assumption, ...]


def time_text(table: pa.Table | pa.RecordBatch, columns: tuple[str, ...]) -> pa.Array:
    """The cells that say when; a date and a clock time are joined."""
    parts = [_whole(table[name]) for name in columns]
    if len(parts) == 1:
        return parts[0]
    return pc.utf8_rtrim_whitespace(pc.binary_join_element_wise(*parts, " "))


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column


def find_when(sample: pa.Table, hints: Hints, town_zone: str) -> When:
    """Which column says when. Raises Unreadable where none does."""
    columns, name, share = _columns(sample, hints)
    why = Said.of("told") if hints.time else Said.of("time_share", share=round(100 * share), column=columns[0])
    name, said_format = _month_or_day_first(sample, columns, name, hints)
    text = time_text(sample, columns).dictionary_encode()
    readings = clock_readings(text.dictionary, name)
    rows = np.bincount(text.indices.to_numpy(), minlength=len(text.dictionary))
    good = readings.good & ~readings.empty
    daily = bool(readings.dated[good].all())
    zone, said_zone = _zone(readings, rows, columns, name, hints, town_zone, daily)
    shown = " + ".join(columns)
    others = tuple(each for each in _also(sample, columns) if each not in hints.ignore)
    said = (
        Assumption("time", shown, why, others),
        Assumption("time_format", FORMATS[name].shows.split(" ")[0] if daily else FORMATS[name].shows, *said_format),
        Assumption("zone", said_zone[0], said_zone[1], said_zone[2]),
    )
    return When(columns, name, zone, daily, said)


def _columns(sample: pa.Table, hints: Hints) -> tuple[tuple[str, ...], str, float]:
    """(the columns, their format, the share of cells that are times)."""
    named = hints.time or sample.column_names
    candidates = []
    for place, column in enumerate(named):
        if column in hints.ignore:
            continue
        hinted = bool(hints.time) or _speaks_of_time(column)
        cells = _few(sample[column])
        format_, share = _format(cells, hinted)
        if share >= _ENOUGH and (hints.time or len(cells) > _FILLED * min(sample.num_rows, _FEW)):
            candidates.append((hinted, share, -place, column, format_))
    if hints.time and not candidates and len(hints.time) == 1:
        raise Unreadable("time_not_readable", column=hints.time[0], cell=_first_cell(sample, hints.time[0]))
    if not candidates:
        first = [*sample.column_names] + [cell for row in sample.slice(0, 1).to_pylist() for cell in row.values()]
        if len(dates := [cell for cell in first if _format(pa.array([cell]), hinted=False)[1]]) > 2:
            raise Unreadable("dates_across", first=dates[0], last=dates[-1])
        raise Unreadable("no_time_column", columns=", ".join(sample.column_names[:12]))
    _, share, _, column, format_ = max(candidates)
    clock = _clock_beside(sample, column, format_, hints)
    return ((column, clock) if clock else (column,)), format_, share


def _speaks_of_time(column: str) -> bool:
    return not TIMES.isdisjoint(tokens(column)) or any(word in column.lower() for word in ("datum", "date", "time"))


def _also(sample: pa.Table, chosen: tuple[str, ...]) -> list[str]:
    """Other columns that hold times too, such as the end of an interval."""
    rest = [name for name in sample.column_names if name not in chosen]
    return [name for name in rest if _format(_few(sample[name]), _speaks_of_time(name))[1] >= _ENOUGH]


def _few(column: pa.ChunkedArray) -> pa.Array:
    """At most so many filled cells, spread over the sample."""
    text = _whole(column)
    if len(text) > _FEW:
        text = text.take(pa.array(np.linspace(0, len(text) - 1, _FEW).astype(np.int64)))
    return text.filter(pc.not_equal(pc.utf8_trim_whitespace(text), ""))


def _format(cells: pa.Array, hinted: bool) -> tuple[str, float]:
    """(the format that reads most of these cells, its share)."""
    best = ("iso", 0.0)
    for name, format_ in FORMATS.items():
        if name in _NUMERIC and not hinted:
            continue
        if not pc.any(pc.match_substring_regex(cells[:100], format_.pattern)).as_py():
            continue
        readings = clock_readings(cells, name)
        good = readings.good
        if name in COUNTED:
            seconds = readings.micros // 1_000_000
            good = good & (seconds > _SECONDS_OF_2000) & (seconds < _SECONDS_OF_2100)
        share = float(good.mean())
        if share > best[1]:
            best = (name, share)
    return best


def _clock_beside(sample: pa.Table, column: str, format_: str, hints: Hints) -> str | None:
    """The column with the clock time where this one has only the date."""
    if not clock_readings(_few(sample[column]), format_).dated.all():
        return None
    allowed = [name for name in hints.time if name != column] if hints.time else sample.column_names
    for name in allowed:
        cells = _few(sample[name])
        if name != column and len(cells) and pc.mean(pc.match_substring_regex(cells, _CLOCK)).as_py() >= _ENOUGH:
            return str(name)
    return None


def _first_cell(sample: pa.Table, column: str) -> str:
    return next((cell for cell in sample[column].to_pylist() if cell.strip()), "")


def _month_or_day_first(
    sample: pa.Table, columns: tuple[str, ...], name: str, hints: Hints
) -> tuple[str, tuple[Said, tuple[str, ...]]]:
    """(format, (evidence, alternatives)): 03/04/2024 may be March or April; a 13 in either place decides."""
    if hints.time_format:
        return hints.time_format, (Said.of("told"), ())
    if name not in ("dmy/", "mdy/"):
        return name, (Said.of("format_fits"), ())
    text = time_text(sample, columns)
    day_first = clock_readings(text, "dmy/").good.mean()
    month_first = clock_readings(text, "mdy/").good.mean()
    if day_first == month_first:
        return "dmy/", (Said.of("format_day_or_month"), ("mdy/",))
    name = "dmy/" if day_first > month_first else "mdy/"
    return name, (Said.of("format_fits"), ())


def _zone(
    readings: Readings,
    rows: npt.NDArray[np.int64],
    columns: tuple[str, ...],
    name: str,
    hints: Hints,
    town: str,
    daily: bool,
) -> tuple[str, tuple[str, Said, tuple[str, ...]]]:
    """(zone, (as shown, evidence, alternatives)). rows: how many rows each of the readings stands in."""
    good = readings.good
    zoned = readings.zoned & good
    if name in COUNTED:
        return "UTC", ("UTC", Said.of("zone_counted"), ())
    if zoned.sum() > 0.5 * good.sum():
        return OWN_OFFSET, (OWN_OFFSET, Said.of("zone_own", share=round(100 * zoned.sum() / good.sum())), ())
    if hints.zone:
        return hints.zone, (hints.zone, Said.of("told"), ())
    if daily:
        return town, (town, Said.of("zone_days"), ("UTC",))
    words = frozenset().union(*(tokens(column) for column in columns))
    for word, zone in (("utc", "UTC"), ("gmt", "UTC"), ("mez", "+01:00"), ("cet", "+01:00")):
        if word in words:
            return zone, (zone, Said.of("zone_named", word=word.upper()), (town,))
    placed, winter = to_utc(readings.micros[good], town), standard_offset(town)
    if (twice := rows[good][placed.twice]).size and twice.mean() >= 1.5 * rows[good][~placed.twice].mean():
        return town, (town, Said.of("zone_summer", town=town), ("UTC",))
    if placed.gap.any():
        return winter, (winter, Said.of("zone_no_summer", town=town), (town, "UTC"))
    return town, (town, Said.of("zone_town"), ("UTC", winter))


def shared_suffix(text: pa.Array) -> str | None:
    """The offset with which every time ends, such as +00:00; None where they differ."""
    ends = pc.extract_regex(text, r"(?P<z>[Zz]|[+-]\d{2}:?\d{2})\s*$").field(0)
    distinct = pc.unique(ends.drop_null())
    return re.sub(r"\s", "", distinct[0].as_py()) if len(distinct) == 1 else None
