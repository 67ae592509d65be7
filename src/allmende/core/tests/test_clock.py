"""Instants: exact microseconds, zones required, impossible years refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.core import clock


def test_now_is_aware_and_utc():
    assert clock.now().utcoffset() == timedelta(0)


def test_the_town_has_a_zone(settings):
    settings.TIME_ZONE = "Europe/Lisbon"
    assert str(clock.town_zone()) == "Europe/Lisbon"
    settings.TIME_ZONE = "Europe/Berlin"
    winter, summer = (datetime(2026, month, 1, tzinfo=clock.town_zone()) for month in (1, 7))
    assert (winter.utcoffset(), summer.utcoffset()) == (timedelta(hours=1), timedelta(hours=2))


@given(st.integers(clock.MIN_US, clock.MAX_US))
def test_there_and_back_without_loss(us: int):
    instant = clock.from_us(us)
    assert clock.to_us(instant) == us
    assert clock.parse_instant(instant.isoformat()) == us
    assert clock.to_us(instant.astimezone(timezone(timedelta(hours=-11, minutes=-30)))) == us


def test_a_time_without_zone_has_no_microseconds():
    with pytest.raises(ValueError, match="no time zone"):
        clock.to_us(datetime(2026, 1, 1))  # noqa: DTZ001 - the very mistake


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-23T14:05:00Z", datetime(2026, 11, 23, 14, 5, tzinfo=UTC)),
        ("2026-11-23T14:05:00+01:00", datetime(2026, 11, 23, 13, 5, tzinfo=UTC)),
        ("2026-11-23 14:05:00.123456-05:30", datetime(2026, 11, 23, 19, 35, 0, 123456, tzinfo=UTC)),
        (" 2026-11-23T14:05Z ", datetime(2026, 11, 23, 14, 5, tzinfo=UTC)),
        ("20261123T140500Z", datetime(2026, 11, 23, 14, 5, tzinfo=UTC)),
        ("2026-11-23T14:05:00.1234567Z", datetime(2026, 11, 23, 14, 5, 0, 123456, tzinfo=UTC)),
        ("1700-01-01T00:00:00Z", datetime(1700, 1, 1, tzinfo=UTC)),
        ("2200-12-31T23:59:59.999999Z", datetime(2200, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_usual_spellings_are_read(text: str, instant: datetime):
    assert clock.parse_instant(text) == clock.to_us(instant)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-11-23T14:05:00", "has no time zone; add Z"),
        ("2026-11-23", "has no time zone"),
        ("31.02.2024", "is not a date and time"),
        ("2026-02-30T00:00:00Z", "is not a date and time"),
        ("", "is not a date and time"),
        ("now", "is not a date and time"),
        ("0001-01-01T00:00:00+14:00", "outside the years 1700 to 2200"),
        ("9999-12-31T23:59:59-14:00", "outside the years 1700 to 2200"),
        ("1699-12-31T23:59:59.999999Z", "outside the years"),
        ("2201-01-01T00:00:00Z", "outside the years"),
    ],
)
def test_other_times_are_refused_with_a_reason(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        clock.parse_instant(text)


@pytest.mark.parametrize("value", [None, 17, 1.5, b"2026-11-23T14:05:00Z", [], {}])
def test_what_is_no_text_is_no_time(value: object):
    with pytest.raises(ValueError, match="is not a date and time"):
        clock.parse_instant(value)  # type: ignore[arg-type]


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str):
    try:
        us = clock.parse_instant(text)
    except ValueError:
        return
    assert clock.MIN_US <= us <= clock.MAX_US
