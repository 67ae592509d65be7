"""Literals of time: what they mean, and where a bad one is bad."""

from datetime import UTC, date, datetime, time

import pytest

from allmende.api.sensorthings.entities import Kind
from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.times import duration, temporal
from allmende.api.sensorthings.language.tree import Duration, Interval

SECOND = 1_000_000
DAY = 86_400 * SECOND


def us(text: str) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2010-12-23T10:20:00Z", "2010-12-23T10:20:00"),
        ("2010-12-23t10:20:00z", "2010-12-23T10:20:00"),
        ("2010-12-23T10:20Z", "2010-12-23T10:20:00"),
        ("2010-12-23T10:20:00+01:00", "2010-12-23T09:20:00"),
        ("2010-12-23T10:20:00-0730", "2010-12-23T17:50:00"),
        ("2010-12-23T10:20:00+01", "2010-12-23T09:20:00"),
        ("2010-12-23T10:20:00.5Z", "2010-12-23T10:20:00.500000"),
        ("2010-12-23T10:20:00.1234567899Z", "2010-12-23T10:20:00.123456"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00"),
    ],
)
def test_instants(text: str, meant: str):
    literal = temporal(text, 3)
    assert (literal.at, literal.kind, literal.value) == (3, Kind.INSTANT, us(meant))


def test_the_first_year_with_an_offset():
    assert temporal("0001-01-01T00:00:00+14:00", 0).value == us("0001-01-01T00:00:00") - 14 * 3600 * SECOND


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-01-01T00:00:00Z/2026-01-01T00:00:00Z", "2026-01-01", "2026-01-01"),
        ("2026-01-01T00:00:00+01:00/2026-01-02T00:00:00Z", "2025-12-31T23:00:00", "2026-01-02"),
        ("2026-01-01T00:00:00Z/PT1H30M", "2026-01-01", "2026-01-01T01:30:00"),
        ("2026-01-31T00:00:00Z/P1M", "2026-01-31", "2026-02-28"),
        ("2024-02-29T12:00:00Z/P1Y", "2024-02-29T12:00:00", "2025-02-28T12:00:00"),
        ("P1D/2026-01-01T00:00:00Z", "2025-12-31", "2026-01-01"),
        ("P1M/2026-03-31T00:00:00Z", "2026-02-28", "2026-03-31"),
        ("P13M/2026-01-01T00:00:00Z", "2024-12-01", "2026-01-01"),
    ],
)
def test_intervals(text: str, start: str, end: str):
    assert temporal(text, 0).value == Interval(us(start), us(end))


@pytest.mark.parametrize(
    ("text", "months", "length"),
    [
        ("P1D", 0, DAY),
        ("p1dt1h", 0, DAY + 3600 * SECOND),
        ("PT0S", 0, 0),
        ("PT1.5S", 0, 1_500_000),
        ("-PT90M", 0, -5400 * SECOND),
        ("+P1W", 0, 7 * DAY),
        ("P1Y2M3W4DT1H2M3.25S", 14, 25 * DAY + 3_723_250_000),
        ("-P1Y", -12, 0),
    ],
)
def test_durations(text: str, months: int, length: int):
    assert duration(text, 0) == Duration(months, length)


def test_dates_and_times_of_day():
    assert temporal("2026-03-01", 0).value == date(2026, 3, 1)
    assert temporal("06:30", 0).value == time(6, 30)
    assert temporal("18:30:00.25", 0).value == time(18, 30, 0, 250_000)


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("2026-13-01T00:00:00Z", 0, "no day"),
        ("2026-02-29", 0, "no day"),
        ("2026-01-01T24:00:00Z", 11, "no time"),
        ("2026-01-01T23:59:60Z", 11, "no time"),
        ("2026-01-01T10:00:00", 0, "no time zone"),
        ("2026-01-01T10:00:00+25:00", 19, "less than 24 hours"),
        ("2026-01-01T10:00:00X", 19, "time zone"),
        ("2026-01-01T1:00:00Z", 10, "time of day"),
        ("2026-1-1T10:00:00Z", 0, "no time"),
        ("0000-01-01T00:00:00Z", 0, "no day"),
        ("20260-01-01T00:00:00Z", 0, "no time"),
        ("2026-01-02T00:00:00Z/2026-01-01T00:00:00Z", 21, "before it begins"),
        ("2026-01-01T00:00:00Z/-PT1H", 21, "before it begins"),
        ("P1D/P1D", 0, "needs a time"),
        ("2026-01-01T00:00:00Z/P1X", 21, "no duration"),
        ("9999-12-01T00:00:00Z/P1M", 21, "leaves the years"),
        ("P1Y/0001-01-01T00:00:00Z", 0, "leaves the years"),
        ("2026-01-01/2026-01-02", 0, "no time"),
        ("25:00", 0, "no time 25:00".replace("no time 25:00", "no time")),
        ("1:2:3", 0, "no date"),
    ],
)
def test_bad_times(text: str, at: int, said: str):
    with pytest.raises(Fault) as caught:
        temporal(text, 0)
    assert caught.value.at == at
    assert said in caught.value.reason


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "1D", "P1", "P1DT", "PT1D", "P1H", "P-1D", "P1.5D", "P1D2M", "PT1S1M", "P٣D"]
)
def test_bad_durations(text: str):
    with pytest.raises(Fault, match="no duration"):
        duration(text, 0)


def test_durations_longer_than_the_calendar():
    with pytest.raises(Fault, match="longer than"):
        duration("P9999999D", 0)
