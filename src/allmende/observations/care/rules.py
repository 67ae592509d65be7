"""Whether a sensor does as it should: fresh, late, silent or implausible. One rule for pages, lists and notices.

Pure functions. Times in µs UTC, intervals in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR

RECENT = 10  # how many of the newest values are looked at for plausibility
_IN_A_ROW, _OF_RECENT = 3, 5
ENOUGH_GAPS = 8  # fewer teach nothing about an interval


class State(StrEnum):
    """How a datastream or thing does."""

    FRESH = "fresh"
    LATE = "late"
    SILENT = "silent"
    IMPLAUSIBLE = "implausible"


URGENCY = {State.SILENT: 3, State.IMPLAUSIBLE: 2, State.LATE: 1, State.FRESH: 0}


@dataclass(frozen=True, slots=True)
class Habit:
    """What is known of how a datastream reports. expected: stated by somebody; learned: from its own values;
    late_after, silent_after: what a gap rule says, in place of what follows from the interval."""

    expected: int | None = None
    learned: int | None = None
    holding: str = "instant"
    late_after: int | None = None
    silent_after: int | None = None

    @property
    def interval(self) -> int | None:
        """The interval (seconds) between two values; what was stated counts before what was learned."""
        return self.expected or self.learned


@dataclass(frozen=True, slots=True)
class Patience:
    """How old (µs) the last value may be before a datastream counts as late, and as silent."""

    late: int
    silent: int


def patience(habit: Habit) -> Patience:
    """Three intervals until late, twenty-four until silent, but never less than five minutes and a day.

    A stream that reports only changes may rest for a day and is silent after a week. An interval that was only learned
    is waited for longer.
    """
    if habit.interval is None or habit.holding == "until_next":
        late, silent = DAY, 7 * DAY
    else:
        length = habit.interval * SECOND
        late = max((3 if habit.expected else 5) * length, 5 * 60 * SECOND)
        silent = max(24 * length, DAY)
    if habit.late_after is not None:
        late = habit.late_after * SECOND
    if habit.silent_after is not None:
        silent = habit.silent_after * SECOND
    return Patience(late, max(late, silent))


def state_of(
    last: int | None, now: int, habit: Habit, *, implausible: bool = False, registered: int | None = None
) -> State:
    """last: time of the newest value, None when there is none; registered: since when one is waited for, None: always.

    A datastream without any value is late at first: somebody has just registered it.
    """
    allowed = patience(habit)
    if last is None:
        return State.LATE if registered is not None and now - registered <= allowed.silent else State.SILENT
    age = now - last
    if age > allowed.silent:
        return State.SILENT
    if implausible:
        return State.IMPLAUSIBLE
    return State.FRESH if age <= allowed.late else State.LATE


def of_thing(states: Sequence[State]) -> State:
    """The state of a thing: implausible when one of its datastreams is, else that of its most talkative one; without
    any it is silent."""
    if State.IMPLAUSIBLE in states:
        return State.IMPLAUSIBLE
    return min(states, key=URGENCY.__getitem__, default=State.SILENT)


def implausible(flagged: Sequence[bool], was: bool = False) -> bool:
    """Whether the newest values (newest first, at most RECENT of them count) can be believed no more.

    Three flagged in a row, or five of ten, begin it; it ends when the newest three are all good.
    """
    newest = flagged[:_IN_A_ROW]
    if was:
        return any(newest)
    in_a_row = len(newest) == _IN_A_ROW and all(newest)
    return in_a_row or sum(flagged[:RECENT]) >= _OF_RECENT


def learned_interval(times: npt.NDArray[np.int64]) -> int | None:
    """The interval (seconds) that a datastream keeps by itself: the median gap; of an irregular one the gap that nine
    of ten stay below. times: (n,) µs, rising. None where there are too few values to tell."""
    gaps = np.diff(times)
    if len(gaps) < ENOUGH_GAPS:
        return None
    usual, long = np.quantile(gaps, [0.5, 0.9])
    return max(1, round(float(long if long > 2.5 * usual else usual) / SECOND))


UNSTEADY_CHANGES = 4  # so many changes of state within a day: it flaps
_REMEMBERED = 6


def turned(turns: Sequence[int], now: int) -> list[int]:
    """The times of the last changes of state, with this one."""
    return [*turns, now][-_REMEMBERED:]


def unsteady(turns: Sequence[int], now: int) -> bool:
    """Whether a datastream changes its state so often that telling of each change would only tire."""
    return sum(now - turn <= DAY for turn in turns) >= UNSTEADY_CHANGES
