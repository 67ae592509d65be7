"""Times as devices write them: ISO 8601, counts since 1970, or what the clock on the wall showed; into µs UTC."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext_noop as _

from allmende.connectors.readings import Unmapped
from allmende.core.clock import MAX_US, MIN_US, from_us, to_us, town_zone
from allmende.core.said import Said

UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_UNSET = 365 * 86_400 * 1_000_000  # a clock that nobody has set begins at 1970
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")

_NO_TIME = _("“%(text)s” is not a date and time; write it like 2026-11-23T14:05:00.")
_OUTSIDE = _("The time “%(text)s” is outside the years 1700 to 2200.")

Reader = Callable[[Any, int], int]


def reader(unit: str, zone: str) -> Reader:
    """A function (what was found, arrival in µs UTC) → µs UTC. It raises Unmapped. Raises Unmapped for a zone that is
    none."""
    if unit == "iso":
        return lambda found, arrival: _iso(found)
    if unit in UNITS:
        return lambda found, arrival: _counted(found, unit)
    try:
        place = ZoneInfo(zone) if zone else town_zone()
    except (ZoneInfoNotFoundError, ValueError):
        raise Unmapped(_("There is no time zone %(zone)s; write it like Europe/Berlin."), zone=zone) from None
    return lambda found, arrival: _local(found, place, arrival)


def _written(found: Any) -> str:
    text = "" if found is None else str(found).strip()
    if not text:
        raise Unmapped(_("The field for the time is empty."))
    return text


def _iso(found: Any) -> int:
    text = _written(found)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Unmapped(_NO_TIME, text=text[:40]) from None
    if instant.tzinfo is None:
        raise Unmapped(
            _("The time “%(text)s” has no time zone; if it is that of a clock on the wall, choose «local»."),
            text=text[:40],
        )
    time = to_us(instant)
    if not MIN_US <= time <= MAX_US:
        raise Unmapped(_OUTSIDE, text=text[:40])
    return time


def _counted(found: Any, unit: str) -> int:
    """Microseconds are counted exactly; a float of seconds holds them to within a quarter."""
    try:
        if isinstance(found, bool) or found is None:
            raise TypeError
        whole = isinstance(found, int) or (isinstance(found, str) and found.strip().isdecimal())
        time = int(found) * UNITS[unit] if whole else round(float(found) * UNITS[unit])
    except (TypeError, ValueError, OverflowError):
        raise Unmapped(
            _("The time “%(found)s” is not a number of %(unit)s."), found=str(found)[:40], unit=unit
        ) from None
    if not MIN_US <= time <= MAX_US:
        raise Unmapped(
            _("The time “%(found)s” is outside the years 1700 to 2200; is it counted in %(unit)s?"),
            found=str(found)[:40],
            unit=unit,
        )
    if 0 <= time < _UNSET:
        raise Unmapped(_("The time “%(found)s” lies in 1970: nobody has set the clock of the device."), found=found)
    return time


def _local(found: Any, zone: ZoneInfo, arrival: int) -> int:
    """Of the hour that the clock shows twice, the pass nearer to the arrival counts."""
    text = _written(found)
    try:
        clock = datetime.fromisoformat(_as_iso(text))
    except ValueError:
        raise Unmapped(_NO_TIME, text=text[:40]) from None
    if clock.tzinfo is not None:
        return _iso(text)
    if clock.year < 1700 or clock.year > 2200:
        raise Unmapped(_OUTSIDE, text=text[:40])
    passes = [clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    if _in_gap(passes):
        raise Unmapped(
            _("The clock in %(key)s was set forward and never showed %(text)s."), key=zone.key, text=text[:40]
        )
    return min((to_us(each) for each in passes), key=lambda time: abs(time - arrival))


def _in_gap(passes: list[datetime]) -> bool:
    """Whether the clock jumped over this reading: then the two ways of reading it lie the wrong way round."""
    first, second = passes[0].utcoffset(), passes[1].utcoffset()
    return first is not None and second is not None and first < second


def _as_iso(text: str) -> str:
    """31.03.2026 14:05 as 2026-03-31T14:05; anything else as it is."""
    match = _GERMAN.fullmatch(text)
    if match is None:
        return text
    day, month, year, hour, minute, second = match.groups()
    return f"{year}-{int(month):02}-{int(day):02}T{int(hour or 0):02}:{minute or '00'}:{second or '00'}"


def check_ahead(time: int, arrival: int, ahead: int | None) -> None:
    """Raises Unmapped for a time that lies further ahead of the arrival than that many seconds: its clock is wrong."""
    if ahead is not None and time - arrival > ahead * 1_000_000:
        hours = ahead >= 7200 and ahead % 3600 == 0
        span = (
            Said(_("%(count)s hours"), {"count": ahead // 3600}) if hours else Said(_("%(count)s s"), {"count": ahead})
        )
        raise Unmapped(
            _("The time %(time)s UTC lies more than %(span)s in the future."),
            time=format(from_us(time), "%Y-%m-%d %H:%M"),
            span=span,
        )
