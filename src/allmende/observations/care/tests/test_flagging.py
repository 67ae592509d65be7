"""Jumps and values that stand still: what is flagged, and that history and the way in agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.observations.care.flagging import (
    NOTHING,
    Gap,
    Rules,
    StepRule,
    StuckRule,
    flag_next,
    flag_series,
    gaps,
)
from allmende.observations.quality import Quality

MINUTE = 60_000_000


def flagged(values, rules, minutes=10, times=None):
    """The flags of values ten minutes apart, as numbers."""
    times = np.arange(len(values)) * minutes * MINUTE if times is None else np.array(times) * MINUTE
    flags, _ = flag_series(times.astype(np.int64), np.array(values, dtype=np.float64), rules)
    return flags.tolist()


STEP = Rules(step=StepRule(change=5, seconds=600))
STUCK = Rules(stuck=StuckRule(count=4))


def test_a_spike_is_flagged_and_the_value_after_it_is_not():
    assert flagged([10, 11, 40, 12, 13], STEP) == [0, 0, 4, 0, 0]


def test_a_spike_of_two_values_is_flagged_whole():
    assert flagged([10, 40, 41, 12], STEP) == [0, 4, 4, 0]


def test_a_jump_of_exactly_the_limit_is_allowed():
    assert flagged([10, 15, 10], STEP) == [0, 0, 0]


def test_a_lasting_change_is_believed_after_a_while():
    assert flagged([10, 30, 30, 30, 30, 30], STEP) == [0, 4, 4, 4, 0, 0]


def test_after_a_pause_more_is_allowed():
    assert flagged([10, 30], STEP, times=[0, 40]) == [0, 0]
    assert flagged([10, 31], STEP, times=[0, 40]) == [0, 4]
    assert flagged([10, 16], STEP, times=[0, 1]) == [0, 4]  # quicker than the span: the whole change at most


def test_the_fourth_equal_value_is_flagged_and_all_after_it():
    assert flagged([1, 2, 2, 2, 2, 2, 3], STUCK) == [0, 0, 0, 0, 8, 8, 0]


def test_equal_for_a_time():
    rules = Rules(stuck=StuckRule(seconds=1800))
    assert flagged([2, 2, 2, 2, 2], rules) == [0, 0, 0, 8, 8]
    assert flagged([2, 2], rules, times=[0, 600]) == [0, 0]  # two equal values are chance


def test_both_must_hold_where_both_are_given():
    rules = Rules(stuck=StuckRule(count=2, seconds=3600))
    assert flagged([2, 2, 2, 2, 2, 2, 2], rules) == [0, 0, 0, 0, 0, 0, 8]


def test_some_values_may_stand_still():
    rules = Rules(stuck=StuckRule(count=2, except_for=(0.0,)))
    assert flagged([0, 0, 0, 1, 1, 0], rules) == [0, 0, 0, 0, 8, 0]


def test_both_rules_at_once():
    rules = Rules(StepRule(5, 600), StuckRule(count=2))
    assert flagged([1, 50, 50], rules) == [0, Quality.STEP, Quality.STEP | Quality.STUCK]


def test_nothing_in_nothing_out():
    assert flagged([], STEP) == []
    assert flagged([1], Rules()) == [0]


@pytest.mark.parametrize("rules", [STEP, STUCK, Rules(StepRule(3, 900), StuckRule(count=2, seconds=1200))])
@given(
    values=st.lists(st.sampled_from([0.0, 1.0, 4.0, 9.0, 30.0]), min_size=1, max_size=40),
    pauses=st.lists(st.integers(1, 90), min_size=40, max_size=40),
    cut=st.integers(0, 40),
)
def test_one_by_one_in_pieces_and_at_once_give_the_same(rules, values, pauses, cut):
    times = np.cumsum(pauses[: len(values)]).astype(np.int64) * MINUTE
    whole, end = flag_series(times, np.array(values), rules)
    first, memory = flag_series(times[:cut], np.array(values[:cut]), rules)
    rest, same_end = flag_series(times[cut:], np.array(values[cut:]), rules, memory)
    assert [*first, *rest] == whole.tolist()
    one_by_one, memory = [], NOTHING
    for time, value in zip(times.tolist(), values, strict=True):
        flags, memory = flag_next(time, value, rules, memory)
        one_by_one.append(flags)
    assert one_by_one == whole.tolist()
    if rules.step:
        assert end.believed_at == same_end.believed_at == memory.believed_at
    if rules.stuck:
        assert end.run_count == same_end.run_count == memory.run_count


def test_gaps_are_found():
    times = np.array([0, 10, 20, 90, 100, 200]) * MINUTE
    assert gaps(times, 3600) == [Gap(20 * MINUTE, 90 * MINUTE), Gap(100 * MINUTE, 200 * MINUTE)]
    assert gaps(times, 3600)[1].length == 100 * MINUTE
    assert gaps(times[:1], 60) == []


def test_a_million_values_are_flagged_within_a_second():
    chance = np.random.default_rng(7)
    times = np.arange(1_000_000, dtype=np.int64) * MINUTE
    values = np.round(np.cumsum(chance.normal(0, 0.3, 1_000_000)), 1)
    values[::997] += 60
    from time import perf_counter

    begun = perf_counter()
    flags, _ = flag_series(times, values, Rules(StepRule(5, 60), StuckRule(count=6)))
    assert perf_counter() - begun < 1.0
    assert np.count_nonzero(flags & Quality.STEP) >= 1_000
