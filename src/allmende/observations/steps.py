"""Steps of time and their borders in the town's time zone. Pure functions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from allmende.core.clock import from_us, to_us


class Step(StrEnum):
    """How long a bucket is."""

    MINUTE = "minute"
    QUARTER_HOUR = "quarter_hour"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


STEPS = tuple(Step)
_SECOND = 1_000_000
# Steps that are equally long whatever the calendar does. Hours count from UTC: every zone with whole hours agrees.
EQUAL = {Step.MINUTE: 60 * _SECOND, Step.QUARTER_HOUR: 900 * _SECOND, Step.HOUR: 3600 * _SECOND}
LONGEST_LIST = 200_000


class TooManyBuckets(ValueError):
    """The range holds more buckets than one answer carries."""


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _month(moment: datetime, months: int) -> datetime:
    first = (moment.month - 1) // months * months + 1
    return _day(moment).replace(month=first, day=1)


def _month_later(moment: datetime, months: int) -> datetime:
    place = moment.year * 12 + moment.month - 1 + months
    return moment.replace(year=place // 12, month=place % 12 + 1, day=1)


_FLOOR: dict[Step, Callable[[datetime], datetime]] = {
    Step.DAY: _day,
    Step.WEEK: lambda moment: _day(moment) - timedelta(days=moment.weekday()),  # ISO 8601: Monday
    Step.MONTH: lambda moment: _month(moment, 1),
    Step.QUARTER: lambda moment: _month(moment, 3),
    Step.YEAR: lambda moment: _month(moment, 12),
}
_NEXT: dict[Step, Callable[[datetime], datetime]] = {
    Step.DAY: lambda moment: moment + timedelta(days=1),
    Step.WEEK: lambda moment: moment + timedelta(days=7),
    Step.MONTH: lambda moment: _month_later(moment, 1),
    Step.QUARTER: lambda moment: _month_later(moment, 3),
    Step.YEAR: lambda moment: _month_later(moment, 12),
}


def following(step: Step, start: int, zone: tzinfo) -> int:
    """The start (µs UTC) of the bucket after the one that begins at `start`."""
    if step in EQUAL:
        return start + EQUAL[step]
    return _utc(_NEXT[step](from_us(start).astimezone(zone).replace(tzinfo=None)), zone)


def phase(step: Step, zone: tzinfo, begin: int) -> int:
    """How far the local hour begins beside the UTC hour (0 for whole-hour zones), in µs; only for EQUAL steps."""
    offset = from_us(begin).astimezone(zone).utcoffset() or timedelta(0)
    return -int(offset / timedelta(microseconds=1)) % EQUAL[step]


def starts(step: Step, begin: int, end: int, zone: tzinfo) -> list[int]:
    """Starts (µs UTC) of all buckets that meet [begin, end), in the zone's own calendar, clock changes included.

    Raises TooManyBuckets.
    """
    if step in EQUAL:
        size = EQUAL[step]
        shift = phase(step, zone, begin)
        first = begin - (begin - shift) % size
        if (end - first) // size > LONGEST_LIST:
            raise TooManyBuckets(f"More than {LONGEST_LIST} buckets of one {step}; ask for a shorter range.")
        return list(range(first, end, size))
    # Wall-clock arithmetic without a zone, then each border into UTC: a day is 23, 24 or 25 hours long.
    wall = _FLOOR[step](from_us(begin).astimezone(zone).replace(tzinfo=None))
    found: list[int] = []
    while (border := _utc(wall, zone)) < end:
        found.append(border)
        wall = _NEXT[step](wall)
        if len(found) > LONGEST_LIST:
            raise TooManyBuckets(f"More than {LONGEST_LIST} buckets of one {step}; ask for a shorter range.")
    return found


def _utc(wall: datetime, zone: tzinfo) -> int:
    return to_us(wall.replace(tzinfo=zone).astimezone(UTC))
