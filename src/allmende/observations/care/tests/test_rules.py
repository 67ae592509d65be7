"""Fresh, late, silent, implausible; learned intervals; flapping."""

import numpy as np
import pytest

from allmende.observations.care.rules import (
    DAY,
    HOUR,
    Habit,
    State,
    implausible,
    learned_interval,
    of_thing,
    patience,
    state_of,
    turned,
    unsteady,
)

NOW = 1_800_000_000_000_000
MINUTE = HOUR // 60
TEN = Habit(expected=600)


@pytest.mark.parametrize(
    ("age", "habit", "state"),
    [
        (None, TEN, State.SILENT),
        (0, TEN, State.FRESH),
        (30 * MINUTE, TEN, State.FRESH),
        (31 * MINUTE, TEN, State.LATE),
        (DAY, TEN, State.LATE),
        (DAY + 1, TEN, State.SILENT),
        (-5 * MINUTE, TEN, State.FRESH),  # a clock that goes fast
        (MINUTE, Habit(expected=1), State.FRESH),  # five minutes of patience even for the quickest
        (40 * MINUTE, Habit(learned=600), State.FRESH),  # only learned: waited for longer
        (51 * MINUTE, Habit(learned=600), State.LATE),
        (20 * HOUR, Habit(holding="until_next"), State.FRESH),  # nothing changed, nothing reported
        (2 * DAY, Habit(holding="until_next"), State.LATE),
        (8 * DAY, Habit(expected=60, holding="until_next"), State.SILENT),
        (20 * HOUR, Habit(), State.FRESH),
        (11 * MINUTE, Habit(expected=600, late_after=600), State.LATE),  # a gap rule
        (3 * HOUR, Habit(expected=600, late_after=600, silent_after=7200), State.SILENT),
    ],
)
def test_the_state_follows_from_the_age(age, habit, state):
    assert state_of(None if age is None else NOW - age, NOW, habit) is state


def test_one_that_was_just_registered_is_only_late():
    assert state_of(None, NOW, TEN, registered=NOW - HOUR) is State.LATE
    assert state_of(None, NOW, TEN, registered=NOW - 2 * DAY) is State.SILENT


def test_implausible_counts_while_it_reports():
    assert state_of(NOW, NOW, TEN, implausible=True) is State.IMPLAUSIBLE
    assert state_of(NOW - 2 * HOUR, NOW, TEN, implausible=True) is State.IMPLAUSIBLE
    assert state_of(NOW - 2 * DAY, NOW, TEN, implausible=True) is State.SILENT


def test_silence_is_never_shorter_than_lateness():
    assert patience(Habit(expected=600, late_after=7200, silent_after=60)).silent == 7200 * 1_000_000


@pytest.mark.parametrize(
    ("flags", "was", "found"),
    [
        ("", False, False),
        ("x", False, False),  # one outlier is no news
        ("xx", False, False),
        ("xxx", False, True),
        ("xx.xxx", False, True),  # five of ten
        ("x.x.x.x.x", False, True),
        (".xx.x....", False, False),
        ("...xxxxxxxxxx", False, True),
        ("..x", True, True),
        ("...xxx", True, False),  # three good ones end it
        ("", True, False),
    ],
)
def test_a_few_bad_values_make_it_implausible(flags, was, found):
    assert implausible([flag == "x" for flag in flags], was) is found


def test_a_thing_is_as_talkative_as_its_best_sensor_unless_one_cannot_be_believed():
    assert of_thing([State.SILENT, State.FRESH, State.LATE]) is State.FRESH
    assert of_thing([State.SILENT, State.LATE]) is State.LATE
    assert of_thing([State.FRESH, State.IMPLAUSIBLE]) is State.IMPLAUSIBLE
    assert of_thing([]) is State.SILENT


def test_an_interval_is_learned_from_the_usual_gap():
    steady = np.arange(50) * 600_000_000
    assert learned_interval(steady) == 600
    assert learned_interval(np.delete(steady, [7, 8, 9])) == 600  # an outage teaches nothing
    assert learned_interval(steady[:8]) is None
    irregular = np.cumsum(np.where(np.arange(200) % 3 == 0, 3600, 60)) * 1_000_000
    assert learned_interval(irregular) == 3600


def test_who_changes_four_times_a_day_is_unsteady():
    turns: list[int] = []
    for hour in range(4):
        turns = turned(turns, NOW + hour * HOUR)
        assert unsteady(turns, NOW + hour * HOUR) is (hour == 3)
    assert not unsteady(turns, NOW + 2 * DAY)
    assert len(turned(range(20), NOW)) == 6
