"""Literals of time (ISO 8601, as OData 4 and 18-088 write it): instants, intervals, durations, dates, times of day.

Years 0001 to 9999, because filters name far ends on purpose (`lt 9999-12-31T00:00:00Z`); what is stored is narrower.
"""

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta

from allmende.api.sensorthings.entities import Kind
from allmende.api.sensorthings.language.faults import Fault, shown
from allmende.api.sensorthings.language.tree import Duration, Interval, Literal

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - zones are handled as offsets here
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000
_LONGEST_US = 10_000 * 366 * _DAY

_SHAPE = re.compile(r"[+-]?[0-9]{4,}-[0-9]")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?", re.ASCII)
_ZONE = re.compile(r"[Zz]|([+-])(\d\d)(?::?(\d\d))?", re.ASCII)
_DURATION = re.compile(
    r"([+-])?P(?=[\dT])(?:(\d{1,7})Y)?(?:(\d{1,7})M)?(?:(\d{1,7})W)?(?:(\d{1,7})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12})(?:\.(\d{1,12}))?S)?)?",
    re.IGNORECASE | re.ASCII,
)


def is_time(text: str) -> bool:
    """Whether a word that begins with a digit is meant as a time rather than a number."""
    return ":" in text or "/" in text or _SHAPE.match(text) is not None


def temporal(text: str, at: int) -> Literal:
    """The literal for a date, a time of day, an instant or an interval without quotes. Raises Fault."""
    if "/" in text:
        return Literal(at, Kind.INTERVAL, _interval(text, at))
    if "T" in text or "t" in text:
        return Literal(at, Kind.INSTANT, _instant(text, at))
    if match := _DATE.fullmatch(text):
        return Literal(at, Kind.DATE, _date(match, at))
    if match := _CLOCK.fullmatch(text):
        return Literal(at, Kind.TIME_OF_DAY, _clock(match, at))
    raise Fault(f"{shown(text)} is no date, time or number; write times like 2026-11-23T14:05:00Z.", at)


def duration(text: str, at: int) -> Duration:
    """The length of an ISO 8601 duration such as `P1DT12H`. Raises Fault."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise Fault(f"{shown(text)} is no duration; write it like duration'P1DT12H30M'.", at)
    sign, *numbers, fraction = match.groups("0")
    years, months, weeks, days, hours, minutes, seconds = map(int, numbers)
    us = ((weeks * 7 + days) * 86400 + hours * 3600 + minutes * 60 + seconds) * 1_000_000 + _microseconds(fraction)
    if us > _LONGEST_US or years > 10_000 or months > 120_000:
        raise Fault(f"The duration {shown(text)} is longer than 10,000 years.", at)
    factor = -1 if sign == "-" else 1
    return Duration(factor * (years * 12 + months), factor * us)


def _microseconds(fraction: str) -> int:
    return int(fraction[:6].ljust(6, "0"))  # finer fractions are cut off


def _instant(text: str, at: int) -> int:
    found = _DATE.match(text)
    if found is None or text[found.end() : found.end() + 1] not in ("T", "t"):
        raise Fault(f"{shown(text)} is no time; write it like 2026-11-23T14:05:00Z.", at)
    day = _date(found, at)
    clock = _CLOCK.match(text, found.end() + 1)
    if clock is None:
        raise Fault(f"{shown(text)} has no good time of day; write it like 2026-11-23T14:05:00Z.", at + found.end())
    moment = datetime.combine(day, _clock(clock, at + found.end() + 1))
    if clock.end() == len(text):
        raise Fault(f"The time {shown(text)} has no time zone; add Z for UTC or an offset such as +01:00.", at)
    zone = _ZONE.fullmatch(text, clock.end())
    if zone is None:
        raise Fault("A time zone is written Z or as an offset such as +01:00.", at + clock.end())
    return (moment - _EPOCH) // _MICROSECOND - _offset(zone, at + clock.end())


def _offset(zone: re.Match[str], at: int) -> int:
    sign, hours, minutes = zone.groups("0")
    if int(hours) > 23 or int(minutes) > 59:
        raise Fault("An offset is less than 24 hours.", at)
    us = (int(hours) * 60 + int(minutes)) * 60_000_000
    return -us if sign == "-" else us


def _date(match: re.Match[str], at: int) -> date:
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        raise Fault(f"There is no day {match.group()}.", at) from None


def _clock(match: re.Match[str], at: int) -> time:
    hours, minutes, seconds, fraction = match.groups("0")
    try:
        return time(int(hours), int(minutes), int(seconds), _microseconds(fraction))
    except ValueError:
        raise Fault(f"There is no time {shown(match.group())} of the day.", at) from None


def _interval(text: str, at: int) -> Interval:
    """start/end, start/duration or duration/end (ISO 8601 § 4.4.4.1)."""
    first, _, second = text.partition("/")
    middle = at + len(first) + 1
    if _lasts(first) and _lasts(second):
        raise Fault("An interval needs a time at one of its ends.", at)
    if _lasts(first):
        end = _instant(second, middle)
        interval = Interval(_moved(end, duration(first, at), -1, at), end)
    elif _lasts(second):
        start = _instant(first, at)
        interval = Interval(start, _moved(start, duration(second, middle), 1, middle))
    else:
        interval = Interval(_instant(first, at), _instant(second, middle))
    if interval.start > interval.end:
        raise Fault("The interval ends before it begins.", middle)
    return interval


def _lasts(text: str) -> bool:
    return text[:1] in ("P", "p") or text[:2] in ("-P", "-p", "+P", "+p")


def _moved(us: int, length: Duration, direction: int, at: int) -> int:
    """The instant so much later, by the calendar: a month after 31 January is the last day of February."""
    try:
        moment = _EPOCH + us * _MICROSECOND
        months = moment.year * 12 + moment.month - 1 + direction * length.months
        year, month = months // 12, months % 12 + 1
        day = min(moment.day, monthrange(year, month)[1])
        return (moment.replace(year=year, month=month, day=day) - _EPOCH) // _MICROSECOND + direction * length.us
    except (ValueError, OverflowError):
        raise Fault("The interval leaves the years 0001 to 9999.", at) from None
