"""Labels on time axes are even, round and few."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from allmende.web.charts.ticks import ticks

BEGIN = datetime(2026, 10, 25, 14, 30)  # noqa: DTZ001 - the wall clock


@pytest.mark.parametrize("most", [4, 8])
@pytest.mark.parametrize("days", [0.1, 1, 2, 7, 30, 92, 365, 3650, 40000])
def test_never_too_many_and_all_inside(days, most):
    end = BEGIN + timedelta(days=days)
    found = ticks(BEGIN, end, most)
    assert 1 <= len(found) <= most + 1
    assert all(BEGIN <= moment <= end for moment in found)


def test_days_are_even_across_months():
    found = ticks(BEGIN, BEGIN + timedelta(days=30), 8)
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(days=4)}
    assert all(moment.hour == 0 for moment in found)


def test_a_day_has_round_hours():
    assert [moment.hour for moment in ticks(BEGIN, BEGIN + timedelta(days=1), 8)] == [15, 18, 21, 0, 3, 6, 9, 12]


def test_a_year_has_months():
    found = ticks(BEGIN, BEGIN + timedelta(days=365), 8)
    assert [(moment.month, moment.day) for moment in found] == [(11, 1), (1, 1), (3, 1), (5, 1), (7, 1), (9, 1)]
