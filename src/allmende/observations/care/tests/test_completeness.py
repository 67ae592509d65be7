"""Completeness by the day: clock changes, today, rests, flags, several datastreams, and that a year is quick."""

from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from allmende.accounts.actors import SYSTEM
from allmende.core.clock import to_us
from allmende.observations.care.completeness import (
    Counted,
    Day,
    Shared,
    borders,
    days,
    last_year,
    summary,
    together,
)
from allmende.observations.care.rules import Habit
from allmende.observations.services import append_table

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = 60_000_000


def us(*parts):
    return to_us(datetime(*parts, tzinfo=BERLIN))


def keep(stream, times, values=None):
    values = np.ones(len(times)) if values is None else values
    table = pa.table(
        {
            "datastream": pa.array([stream.code] * len(times), pa.string()),
            "time": pa.array(np.array(times), pa.timestamp("us", tz="UTC")),
            "value": pa.array(values, pa.float64()),
        }
    )
    append_table(SYSTEM, table)


def shares(stream, habit, first, last, now=None, since=None):
    counted = Counted(stream.pk, habit, since if since is not None else us(first.year, first.month, first.day))
    now = now or us(last.year, last.month, last.day) + 24 * 60 * MINUTE
    return [day.share for day in days(counted, first, last, now)]


HOURLY = Habit(expected=3600)


def test_days_of_the_clock_change_are_complete_with_23_and_25_values(town):
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    for day, hours in ((spring, 23), (autumn, 25)):
        begin = us(day.year, day.month, day.day)
        keep(town.open_stream, [begin + hour * 60 * MINUTE for hour in range(hours)])
        [found] = days(Counted(town.open_stream.pk, HOURLY, begin), day, day, begin + 30 * 60 * MINUTE)
        assert (found.expected, found.usable, found.share) == (hours, hours, 1.0)


def test_a_value_belongs_to_the_day_of_the_town(town):
    keep(town.open_stream, [us(2026, 5, 2, 0, 10), us(2026, 5, 2, 23, 50)])
    assert [
        day.usable
        for day in days(Counted(town.open_stream.pk, HOURLY, 0), date(2026, 5, 1), date(2026, 5, 3), us(2026, 5, 4))
    ] == [0, 2, 0]


def test_flagged_values_came_but_do_not_count(town):
    begin = us(2026, 5, 2)
    keep(town.open_stream, [begin + hour * 60 * MINUTE for hour in range(24)], np.array([99.0] * 6 + [1.0] * 18))
    [day] = days(Counted(town.open_stream.pk, HOURLY, begin), date(2026, 5, 2), date(2026, 5, 2), us(2026, 5, 3))
    assert day == Day(date(2026, 5, 2), 24, 18, 6)
    assert day.share == 0.75


def test_today_only_counts_up_to_now(town):
    begin = us(2026, 5, 2)
    keep(town.open_stream, [begin + (hour * 60 + 7) * MINUTE for hour in range(12)])
    assert shares(town.open_stream, HOURLY, date(2026, 5, 2), date(2026, 5, 3), us(2026, 5, 2, 12)) == [1.0, None]
    assert shares(town.open_stream, HOURLY, date(2026, 5, 2), date(2026, 5, 2), us(2026, 5, 2, 0, 5)) == [None]


def test_nothing_is_expected_before_the_beginning(town):
    noon = us(2026, 5, 2, 12)
    keep(town.open_stream, [noon + hour * 60 * MINUTE for hour in range(12)])
    found = shares(town.open_stream, HOURLY, date(2026, 5, 1), date(2026, 5, 3), since=noon)
    assert found == [None, 1.0, 0.0]


def test_more_than_expected_is_not_more_than_all(town):
    keep(town.open_stream, [us(2026, 5, 2) + n * MINUTE for n in range(1000)])
    assert shares(town.open_stream, HOURLY, date(2026, 5, 2), date(2026, 5, 2)) == [1.0]


def test_a_stream_of_changes_may_rest_for_a_week(town):
    keep(town.open_stream, [us(2026, 5, 1, 8)])
    found = shares(town.open_stream, Habit(holding="until_next"), date(2026, 5, 1), date(2026, 5, 10))
    assert found == [1.0, *[None] * 7, 0.0, 0.0]


def test_a_weekly_one_is_expected_once_a_week(town):
    keep(town.open_stream, [us(2026, 5, 1, 8), us(2026, 5, 8, 8)])
    found = shares(town.open_stream, Habit(expected=7 * 86400 + 1), date(2026, 5, 1), date(2026, 5, 17))
    assert found == [1.0, *[None] * 6, 1.0, *[None] * 7, 0.0, 0.0]


def test_a_daily_one_is_there_or_not(town):
    keep(town.open_stream, [us(2026, 5, 1, 23, 59), us(2026, 5, 3, 0, 1)])
    assert shares(town.open_stream, Habit(expected=86400), date(2026, 5, 1), date(2026, 5, 3)) == [1.0, 0.0, 1.0]


def test_without_an_interval_nobody_knows_how_many(town):
    keep(town.open_stream, [us(2026, 5, 1, 8)])
    [day] = days(Counted(town.open_stream.pk, Habit(), 0), date(2026, 5, 1), date(2026, 5, 1), us(2026, 5, 2))
    assert (day.expected, day.usable, day.share) == (None, 1, None)


def test_a_zone_of_half_hours(town):
    kolkata = ZoneInfo("Asia/Kolkata")
    begin = to_us(datetime(2026, 5, 2, tzinfo=kolkata))
    keep(town.open_stream, [begin - 1, begin, begin + 24 * 60 * MINUTE - 1])
    counted = Counted(town.open_stream.pk, HOURLY, begin)
    assert [d.usable for d in days(counted, date(2026, 5, 1), date(2026, 5, 2), begin + 48 * 60 * MINUTE, kolkata)] == [
        1,
        2,
    ]


def test_several_datastreams_count_alike():
    day, next_day = date(2026, 5, 1), date(2026, 5, 2)
    often = [Day(day, 1440, 1440), Day(next_day, 1440, 0)]
    seldom = [Day(day, 4, 2, 1), Day(next_day, 0, 0)]
    assert together([often, seldom]) == [Shared(day, 0.75, 1444, 1442, 1), Shared(next_day, 0.0, 1440, 0, 0)]


def test_the_summary_names_the_longest_time_without_values():
    begin = date(2026, 5, 1)
    pattern = [1, 0, 0, 0.5, None, 0, 0, 0, None, 0]
    found = summary(Shared(begin + timedelta(days=n), share, 0, 0, 0) for n, share in enumerate(pattern))
    assert found.counted == 8
    assert found.empty == 6
    assert found.share == pytest.approx(1.5 / 8)
    assert found.longest == (date(2026, 5, 6), date(2026, 5, 8))
    assert summary([]).share is None


def test_borders_are_midnights_of_the_town():
    found = borders(date(2026, 10, 24), date(2026, 10, 26), BERLIN)
    assert np.diff(found).tolist() == [24 * 60 * MINUTE, 25 * 60 * MINUTE, 24 * 60 * MINUTE]
    assert last_year(to_us(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)), BERLIN) == (
        date(2025, 11, 1),
        date(2026, 11, 24),
    )


def test_a_year_of_every_ten_minutes_is_quick(town):
    begin = us(2025, 6, 1)
    keep(town.open_stream, [begin + n * 10 * MINUTE for n in range(365 * 144)])
    counted = Counted(town.open_stream.pk, Habit(expected=600), begin)
    days(counted, date(2025, 6, 1), date(2026, 5, 31), us(2026, 6, 1))
    begun = perf_counter()
    found = days(counted, date(2025, 6, 1), date(2026, 5, 31), us(2026, 6, 1))
    assert perf_counter() - begun < 0.2  # 13 ms where nothing else runs
    assert sum(day.share == 1 for day in found) >= 363
