"""Where a time axis has its labels: at round hours, midnights or first days of months, evenly, never too many.

Vega's own choice restarts with every month (31 October, then 1 November), so that labels collide and fall away.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

_MINUTES = (5, 10, 15, 30, 60, 120, 180, 240, 360, 720)
_DAYS = (1, 2, 3, 4, 5, 7, 10, 14, 21, 28)
_MONTHS = (1, 2, 3, 4, 6, 12, 24, 60, 120, 240, 600, 1200)
LONGEST_IN_HOURS = timedelta(days=2.5)
LONGEST_IN_DAYS = timedelta(days=100)


def ticks(begin: datetime, end: datetime, most: int) -> list[datetime]:
    """Wall-clock times (without a zone) of the labels between begin and end, at most so many."""
    length = end - begin
    if length <= LONGEST_IN_HOURS:
        minutes = _fitting(_MINUTES, length / timedelta(minutes=1), most)
        return list(_steps(_midnight(begin), begin, end, lambda moment: moment + timedelta(minutes=minutes)))
    if length <= LONGEST_IN_DAYS:
        days = _fitting(_DAYS, length / timedelta(days=1), most)
        first = _midnight(begin) if begin == _midnight(begin) else _midnight(begin) + timedelta(days=1)
        return list(_steps(first, begin, end, lambda moment: moment + timedelta(days=days)))
    months = _fitting(_MONTHS, length / timedelta(days=30.44), most)
    place = (begin.year * 12 + begin.month - 1) // months * months
    return list(_steps(_month(place), begin, end, lambda moment: _month(moment.year * 12 + moment.month - 1 + months)))


def _fitting(steps: tuple[int, ...], length: float, most: int) -> int:
    return next((step for step in steps if length / step <= most), steps[-1])


def _steps(
    first: datetime, begin: datetime, end: datetime, following: Callable[[datetime], datetime]
) -> Iterator[datetime]:
    moment = first
    while moment <= end:
        if moment >= begin:
            yield moment
        moment = following(moment)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _month(place: int) -> datetime:
    return datetime(place // 12, place % 12 + 1, 1)  # noqa: DTZ001 - the wall clock, without a zone on purpose
