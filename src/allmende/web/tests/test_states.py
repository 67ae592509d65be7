"""Fresh, late, silent."""

import pytest

from allmende.web.states import DAY, HOUR, State, best, state_of

NOW = 1_800_000_000_000_000


@pytest.mark.parametrize(
    ("age", "interval", "holding", "state"),
    [
        (None, 600, "instant", State.SILENT),
        (0, 600, "instant", State.FRESH),
        (30 * 60 * 1_000_000, 600, "instant", State.FRESH),
        (31 * 60 * 1_000_000, 600, "instant", State.LATE),
        (DAY + 1, 600, "instant", State.SILENT),
        (60 * 1_000_000, 1, "instant", State.FRESH),  # five minutes of patience even for the quickest
        (20 * HOUR, None, "until_next", State.FRESH),  # nothing changed, nothing reported
        (2 * DAY, None, "until_next", State.LATE),
        (8 * DAY, 60, "until_next", State.SILENT),
    ],
)
def test_the_state_follows_from_the_age(age, interval, holding, state):
    assert state_of(None if age is None else NOW - age, NOW, interval, holding) is state


def test_a_thing_is_as_talkative_as_its_best_sensor():
    assert best([State.SILENT, State.FRESH, State.LATE]) is State.FRESH
    assert best([]) is State.SILENT
