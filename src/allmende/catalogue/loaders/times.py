"""Dates and times as files write them, read a column at a time into µs UTC; each that cannot be read gets its reason.

A regular expression takes the parts out and arithmetic puts them together, so that 31.02. is refused and 24:00 is the
next midnight. (pyarrow's strptime turns 31.02. into 2 March.)
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.zones import OWN_OFFSET, Instants, Mask, to_utc

_CLOCK = (
    r"(?:[T ,_]+(?P<H>\d{1,2})[:.h](?P<M>\d{2})(?:[:.](?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?:\s*(?P<p>[AaPp])\.?[Mm]\.?)?(?:\s*Uhr)?)?\s*(?P<z>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)
_PARTS = ("y", "m", "d", "H", "M", "S", "f", "p", "z", "e")


@dataclass(frozen=True, slots=True)
class Format:
    """A way of writing dates and times. shows: what a person would call it."""

    name: str
    shows: str
    date: str
    clock: str = _CLOCK

    @property
    def pattern(self) -> str:
        return rf"^\s*{self.date}{self.clock}\s*$"


_D, _M, _Y = r"(?P<d>\d{1,2})", r"(?P<m>\d{1,2})", r"(?P<y>\d{4})"
_PACKED = r"(?:[T_ :-]?(?P<H>\d{2}):?(?P<M>\d{2})?:?(?P<S>\d{2})?)?\s*(?P<z>[Zz]|UTC|[+-]\d{2}:?\d{2})?"
FORMATS = {
    each.name: each
    for each in (
        Format("iso", "2024-03-31 14:05", rf"{_Y}-{_M}-{_D}"),
        Format("dmy", "31.03.2024 14:05", rf"{_D}\.{_M}\.(?P<y>\d{{4}}|\d{{2}})"),
        Format("ymd", "2024/03/31 14:05", rf"{_Y}/{_M}/{_D}"),
        Format("dmy/", "31/03/2024 14:05", rf"{_D}/{_M}/(?P<y>\d{{4}}|\d{{2}})"),
        Format("mdy/", "03/31/2024 2:05 pm", rf"{_M}/{_D}/(?P<y>\d{{4}}|\d{{2}})"),
        Format("packed", "202403311405", r"(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)", _PACKED),
        Format("seconds", "1711886700", r"(?P<e>-?\d{1,11})(?:[.,](?P<f>\d{1,9}))?", ""),
        Format("milliseconds", "1711886700000", r"(?P<e>-?\d{12,14})", ""),
    )
}
COUNTED = {"seconds": 1_000_000, "milliseconds": 1_000}  # µs in one; always UTC

# Why a time could not be read; 0: it could.
FINE, EMPTY, NO_TIME, NO_ZONE, IN_GAP, OUT_OF_YEARS = range(6)
REASONS = {
    EMPTY: "time_empty",
    NO_TIME: "time_unknown",
    NO_ZONE: "time_without_zone",
    IN_GAP: "time_in_gap",
    OUT_OF_YEARS: "time_out_of_years",
}


class Times(NamedTuple):
    """utc: (n,) µs, meaningful where reason is FINE; twice, later: see zones.Placed."""

    utc: Instants
    reason: npt.NDArray[np.int8]
    twice: Mask
    later: Instants
    local: Instants


@dataclass(frozen=True, slots=True)
class TimeReader:
    """Reads one way of writing. zone: see zones.to_utc; earliest, latest: the years that can be, in µs UTC."""

    format: str
    zone: str
    earliest: int
    latest: int

    def read(self, text: pa.Array) -> Times:
        """The times of a text column."""
        times = self._quickly(text) if self.format == "iso" else None
        if times is None:
            coded = text.dictionary_encode()
            few, place = self._closely(coded.dictionary), coded.indices.to_numpy()
            times = Times(*(column[place] for column in few))
        outside = (times.utc < self.earliest) | (times.utc > self.latest)
        times.reason[outside & (times.reason == FINE)] = OUT_OF_YEARS
        return times

    def _quickly(self, text: pa.Array) -> Times | None:
        """ISO 8601 by pyarrow's own reader, ten times as quick; None where a cell does not fit it."""
        kind = pa.timestamp("us", tz="UTC" if self.zone == OWN_OFFSET else None)
        try:
            local = pc.cast(text, kind).cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid:
            return None
        return self._placed(local, np.zeros(len(local), dtype=np.int8))

    def _closely(self, text: pa.Array) -> Times:
        read = clock_readings(text, self.format)
        reason = np.where(read.good, FINE, NO_TIME).astype(np.int8)
        reason[read.empty] = EMPTY
        if self.zone == OWN_OFFSET:
            reason[read.good & ~read.zoned] = NO_ZONE
            return self._placed(read.micros, reason)
        placed = self._placed(read.micros, reason)
        utc = np.where(read.zoned, read.micros, placed.utc)  # some rows say their zone although most do not
        reason[read.zoned & (reason == IN_GAP)] = FINE
        return Times(utc, reason, placed.twice & ~read.zoned, placed.later, read.micros)

    def _placed(self, local: Instants, reason: npt.NDArray[np.int8]) -> Times:
        placed = to_utc(local, self.zone)
        reason[placed.gap & (reason == FINE)] = IN_GAP
        return Times(placed.utc, reason, placed.twice, placed.later, local)


class Readings(NamedTuple):
    """micros: µs since 1970, UTC where zoned, else what the clock showed; good: could be read; dated: no clock time."""

    micros: Instants
    good: Mask
    zoned: Mask
    empty: Mask
    dated: Mask


def clock_readings(text: pa.Array, name: str) -> Readings:
    """What the cells say in the format of this name."""
    parts = pc.extract_regex(text, FORMATS[name].pattern)
    matched = parts.is_valid().to_numpy(zero_copy_only=False)
    empty = pc.equal(pc.utf8_trim_whitespace(text), "").to_numpy(zero_copy_only=False)
    given = {field.name: place for place, field in enumerate(parts.type)}
    cells = {part: pc.fill_null(parts.field(given[part]), "") for part in _PARTS if part in given}

    def number(part: str, default: int = 0) -> Instants:
        if part not in cells:
            return np.full(len(text), default, dtype=np.int64)
        filled = pc.if_else(pc.equal(cells[part], ""), str(default), cells[part])
        return pc.cast(filled, pa.int64()).to_numpy()

    micros = _micros_of_fraction(cells, len(text))
    if name in COUNTED:
        micros = number("e") * COUNTED[name] + micros
        return Readings(micros, matched, matched.copy(), empty, np.zeros(len(text), dtype=bool))
    short = pc.equal(pc.utf8_length(cells["y"]), 2).to_numpy(zero_copy_only=False)
    days, dated = _days(number("y", 1970) + 2000 * short, number("m", 1), number("d", 1))
    seconds, clocked = _seconds(number("H"), number("M"), number("S"), cells)
    offset, zoned = _offsets(cells, len(text))
    micros = (days * 86_400 + seconds - offset) * 1_000_000 + micros
    hours = pc.not_equal(cells["H"], "").to_numpy(zero_copy_only=False)
    return Readings(micros, matched & dated & clocked, matched & zoned, empty, matched & ~hours)


def _days(year: Instants, month: Instants, day: Instants) -> tuple[Instants, Mask]:
    """(days since 1970, whether there is such a day)."""
    good = (month >= 1) & (month <= 12)
    months = (year - 1970) * 12 + np.where(good, month, 1) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + day - 1, good & (day >= 1) & (day <= after - first)


def _seconds(hour: Instants, minute: Instants, second: Instants, cells: dict[str, pa.Array]) -> tuple[Instants, Mask]:
    """(seconds since midnight, whether there is such a time). 24:00 is the end of the day; 12 am is midnight."""
    if "p" in cells:
        half = pc.utf8_lower(cells["p"])
        is_am = pc.equal(half, "a").to_numpy(zero_copy_only=False)
        is_pm = pc.equal(half, "p").to_numpy(zero_copy_only=False)
        hour = np.where(is_am & (hour == 12), 0, np.where(is_pm & (hour < 12), hour + 12, hour))
    good = ((hour < 24) | ((hour == 24) & (minute == 0) & (second == 0))) & (minute < 60) & (second < 60)
    return hour * 3600 + minute * 60 + second, good


def _offsets(cells: dict[str, pa.Array], count: int) -> tuple[Instants, Mask]:
    """(seconds ahead of UTC, whether the cell says so)."""
    text = cells["z"]
    zoned = pc.not_equal(text, "").to_numpy(zero_copy_only=False)
    if not zoned.any():
        return np.zeros(count, dtype=np.int64), zoned
    digits = pc.replace_substring_regex(text, r"[^0-9]", "")
    padded = pc.utf8_rpad(digits, 4, "0")
    amount = pc.cast(padded, pa.int64()).to_numpy()
    sign = np.where(pc.starts_with(text, "-").to_numpy(zero_copy_only=False), -1, 1)
    return sign * (amount // 100 * 3600 + amount % 100 * 60), zoned


def _micros_of_fraction(cells: dict[str, pa.Array], count: int) -> Instants:
    if "f" not in cells:
        return np.zeros(count, dtype=np.int64)
    return pc.cast(pc.utf8_slice_codeunits(pc.utf8_rpad(cells["f"], 6, "0"), 0, 6), pa.int64()).to_numpy()
