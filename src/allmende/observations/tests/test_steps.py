"""Borders of buckets in the town's calendar."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from allmende.core.clock import from_us, to_us
from allmende.observations.steps import Step, TooManyBuckets, phase, starts

BERLIN = ZoneInfo("Europe/Berlin")


def us(text: str) -> int:
    return to_us(datetime.fromisoformat(text))


def shown(borders, zone=BERLIN):
    return [from_us(border).astimezone(zone).isoformat(timespec="minutes") for border in borders]


def test_days_follow_the_town_not_utc():
    found = starts(Step.DAY, us("2026-07-01T10:00+02:00"), us("2026-07-03T00:00+02:00"), BERLIN)
    assert shown(found) == ["2026-07-01T00:00+02:00", "2026-07-02T00:00+02:00"]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_of_a_clock_change_has_its_real_length(day, hours):
    begin = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    found = starts(Step.DAY, to_us(begin), to_us(begin) + 30 * 3600 * 1_000_000, BERLIN)
    assert (found[1] - found[0]) // 3_600_000_000 == hours


def test_hours_of_a_clock_change_are_all_there():
    found = starts(Step.HOUR, us("2026-10-25T00:00+02:00"), us("2026-10-26T00:00+01:00"), BERLIN)
    assert len(found) == 25


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step.WEEK, "2025-12-29T00:00+01:00"),
        (Step.MONTH, "2026-01-01T00:00+01:00"),
        (Step.QUARTER, "2026-01-01T00:00+01:00"),
        (Step.YEAR, "2026-01-01T00:00+01:00"),
    ],
)
def test_long_steps_begin_where_people_say(step, expected):
    assert shown(starts(step, us("2026-01-01T12:00+01:00"), us("2026-01-01T13:00+01:00"), BERLIN)) == [expected]


def test_quarters_and_years_follow_each_other():
    found = starts(Step.QUARTER, us("2025-11-05T00:00+01:00"), us("2026-08-01T00:00+02:00"), BERLIN)
    assert shown(found) == [
        "2025-10-01T00:00+02:00",
        "2026-01-01T00:00+01:00",
        "2026-04-01T00:00+02:00",
        "2026-07-01T00:00+02:00",
    ]
    assert len(starts(Step.YEAR, us("2020-05-01T00:00+02:00"), us("2026-05-01T00:00+02:00"), BERLIN)) == 7


def test_zones_with_half_hours_have_their_own_hours():
    kolkata = ZoneInfo("Asia/Kolkata")
    begin = us("2026-01-01T00:00+05:30")
    assert starts(Step.HOUR, begin, begin + 1, kolkata) == [begin]
    assert (begin - phase(Step.HOUR, kolkata, begin)) % 3_600_000_000 == 0


def test_an_absurd_range_is_refused():
    with pytest.raises(TooManyBuckets):
        starts(Step.MINUTE, us("2020-01-01T00:00Z"), us("2026-01-01T00:00Z"), UTC)
