"""Time-weighted means, against a plain integration second by second."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.observations.weighting import weighted_means

SECOND = 1_000_000


def plain(times, values, edges, longest):
    """The definition: walk every second, take the value that holds there, if it still holds."""
    means = []
    for begin, end in pairwise(edges):
        held = []
        for second in range(begin, end):
            before = [k for k, t in enumerate(times) if t <= second]
            if before and second - times[before[-1]] < longest and not np.isnan(values[before[-1]]):
                held.append(values[before[-1]])
        means.append(np.mean(held) if held else np.nan)
    return means


@given(
    st.lists(st.tuples(st.integers(0, 100), st.one_of(st.just(np.nan), st.integers(-50, 50).map(float))), max_size=20),
    st.lists(st.integers(0, 100), min_size=2, max_size=6, unique=True).map(sorted),
    st.integers(1, 40),
)
def test_it_equals_the_definition(rows, edges, longest):
    rows = sorted(dict(rows).items())
    times, values = [t for t, _ in rows], [v for _, v in rows]
    found = weighted_means(
        np.array(times, dtype=np.int64) * SECOND,
        np.array(values, dtype=np.float64),
        np.array(edges, dtype=np.int64) * SECOND,
        longest * SECOND,
    )
    assert found == pytest.approx(plain(times, values, edges, longest), nan_ok=True)


def test_a_counter_that_reports_only_changes():
    # 10 free places for an hour, then 0 for three: the plain mean would be 5, the truth is 2.5
    hour = 3600 * SECOND
    found = weighted_means(np.array([0, hour]), np.array([10.0, 0.0]), np.array([0, 4 * hour]))
    assert found.tolist() == [2.5]


def test_a_collector_that_is_down_does_not_hold_its_value_for_ever():
    day = 86_400 * SECOND
    found = weighted_means(np.array([0]), np.array([7.0]), np.array([0, day, 2 * day]))
    assert found[0] == 7.0 and np.isnan(found[1])


def test_nothing_gives_nothing():
    found = weighted_means(np.array([], dtype=np.int64), np.array([]), np.array([0, 1, 2]))
    assert np.isnan(found).all() and len(found) == 2
