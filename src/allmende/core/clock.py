"""Time: one `now`, the town's time zone, and instants as whole microseconds UTC since 1970 (what the store holds)."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# Instants outside these years are mistakes (a clock without a battery, a wrong unit), not measurements.
FIRST_YEAR, LAST_YEAR = 1700, 2200
MIN_US = (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - EPOCH) // _MICROSECOND
MAX_US = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - EPOCH) // _MICROSECOND - 1


def now() -> datetime:
    """The present instant, in UTC, with its zone."""
    return datetime.now(UTC)


@lru_cache(maxsize=4)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def town_zone() -> ZoneInfo:
    """The time zone in which the town's days begin (the setting ALLMENDE_TIME_ZONE)."""
    return _zone(settings.TIME_ZONE)


def to_us(instant: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z, exactly. Raises ValueError for a time without a zone."""
    if instant.tzinfo is None:
        raise ValueError(f"The time {instant.isoformat()} has no time zone.")
    return (instant - EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """The instant, in UTC, that lies so many microseconds after 1970-01-01T00:00Z."""
    return EPOCH + timedelta(microseconds=us)


def parse_instant(text: str) -> int:
    """Microseconds UTC of an ISO 8601 date and time with a zone; finer fractions are cut off.

    Raises ValueError, with a message for people, when it is no time, has no zone or is not of the years 1700 to 2200.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except (ValueError, AttributeError, TypeError):
        raise ValueError(f"'{text}' is not a date and time; write it like 2026-11-23T14:05:00Z.") from None
    if instant.tzinfo is None:
        raise ValueError(f"The time '{text}' has no time zone; add Z for UTC or an offset such as +01:00.")
    us = (instant - EPOCH) // _MICROSECOND
    if not MIN_US <= us <= MAX_US:
        raise ValueError(f"The time '{text}' is outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return us
