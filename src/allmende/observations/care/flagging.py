"""Quality rules that need the values before: jumps and values that stand still. Pure functions over NumPy arrays.

History and the way in give the same flags: each function takes what it remembers of the values before (`Memory`) and
gives back what the next call needs. Values that cannot be used (out of range, no value) are not handed in.
"""

from bisect import bisect_right
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from allmende.observations.quality import Quality

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_STEP, _STUCK = int(Quality.STEP), int(Quality.STUCK)
SECOND = 1_000_000
LEAST_EQUAL = 3  # two equal values are chance


class StepRule(msgspec.Struct, frozen=True):
    """A value may differ from the last believed one by at most `change` (in the unit of the datastream) within
    `seconds`; after a longer pause by proportionally more. So a lasting change of level is believed after a while."""

    change: float
    seconds: int


class StuckRule(msgspec.Struct, frozen=True):
    """Flagged is every further equal value from the count-th on, or once they have been equal for so many seconds;
    where both are given, both must hold. except_for: values that may stand still, such as 0 mm of rain."""

    count: int | None = None
    seconds: int | None = None
    except_for: tuple[float, ...] = ()


class Rules(NamedTuple):
    """What holds for one datastream on the way in."""

    step: StepRule | None = None
    stuck: StuckRule | None = None


class Memory(NamedTuple):
    """What is remembered of a datastream's values so far: the newest, the last believed one, and the run of equal
    ones. Times in µs; the default: nothing yet."""

    time: int | None = None
    believed: float = 0.0
    believed_at: int | None = None
    run_value: float = 0.0
    run_since: int = 0
    run_count: int = 0


NOTHING = Memory()


def flag_series(times: Ints, values: Floats, rules: Rules, before: Memory = NOTHING) -> tuple[Flags, Memory]:
    """(flags per value, memory for what follows). times: (n,) µs, rising, after `before`; values: (n,), usable."""
    flags = np.zeros(len(times), dtype=np.int32)
    if not len(times):
        return flags, before
    memory = before._replace(time=int(times[-1]))
    if rules.step:
        jumps, believed, at = steps(times, values, rules.step, before.believed, before.believed_at)
        flags[jumps] |= _STEP
        memory = memory._replace(believed=believed, believed_at=at)
    if rules.stuck:
        still, memory = stuck(times, values, rules.stuck, memory)
        flags[still] |= _STUCK
    return flags, memory


def steps(
    times: Ints, values: Floats, rule: StepRule, believed: float = 0.0, believed_at: int | None = None
) -> tuple[Ints, float, int]:
    """(places of values that jump, last believed value, its time). The first value of all is believed."""
    reference, at = (float(values[0]), int(times[0])) if believed_at is None else (believed, believed_at)
    before_values = np.concatenate(([reference], values[:-1]))
    before_times = np.concatenate(([at], times[:-1]))
    per = rule.seconds * SECOND
    room = rule.change * np.maximum((times - before_times) / per, 1.0)
    candidates = np.flatnonzero(np.abs(values - before_values) > room).tolist()
    if not candidates:
        return np.empty(0, dtype=np.int64), float(values[-1]), int(times[-1])
    # Only what comes after a jump has to be looked at one by one, until a value is believed again.
    known_times, known_values = times.tolist(), values.tolist()
    found: list[int] = []
    number, last = 0, len(known_values)
    while number < len(candidates):
        place = candidates[number]
        if place > 0:
            reference, at = known_values[place - 1], known_times[place - 1]
        while place < last and abs(known_values[place] - reference) > rule.change * max(
            (known_times[place] - at) / per, 1.0
        ):
            found.append(place)
            place += 1
        if place == last:
            return np.array(found, dtype=np.int64), reference, at
        number = bisect_right(candidates, place)
    return np.array(found, dtype=np.int64), float(values[-1]), int(times[-1])


def stuck(times: Ints, values: Floats, rule: StuckRule, before: Memory = NOTHING) -> tuple[Ints, Memory]:
    """(places of values that have stood still for too long, memory with the run at the end)."""
    begins = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    run = np.cumsum(np.concatenate(([0], (values[1:] != values[:-1]).astype(np.int64))))
    count = np.arange(len(values)) - begins[run] + 1
    since = times[begins][run]
    if before.run_count and values[0] == before.run_value:
        first = run == 0
        count = np.where(first, count + before.run_count, count)
        since = np.where(first, before.run_since, since)
    still = count >= (rule.count or LEAST_EQUAL)
    if rule.seconds is not None:
        still &= times - since >= rule.seconds * SECOND
    if rule.except_for:
        still &= ~np.isin(values, np.array(rule.except_for))
    memory = before._replace(run_value=float(values[-1]), run_since=int(since[-1]), run_count=int(count[-1]))
    return np.flatnonzero(still).astype(np.int64), memory


def flag_next(time: int, value: float, rules: Rules, before: Memory) -> tuple[int, Memory]:
    """(flags of one value after all others, memory). The same as flag_series with one value, without arrays."""
    flags = 0
    believed, at = before.believed, before.believed_at
    step = rules.step
    if step is not None:
        if at is not None and abs(value - believed) > step.change * max((time - at) / (step.seconds * SECOND), 1.0):
            flags = _STEP
        else:
            believed, at = value, time
    since, count = before.run_since, before.run_count
    rule = rules.stuck
    if rule is not None:
        if count and value == before.run_value:
            count += 1
        else:
            since, count = time, 1
        long_enough = rule.seconds is None or time - since >= rule.seconds * SECOND
        if count >= (rule.count or LEAST_EQUAL) and long_enough and value not in rule.except_for:
            flags |= _STUCK
    return flags, Memory(time, believed, at, value, since, count)


class Gap(NamedTuple):
    """A time without values: from the last one before to the first one after (µs)."""

    begin: int
    end: int

    @property
    def length(self) -> int:
        """µs."""
        return self.end - self.begin


def gaps(times: Ints, longest: int) -> list[Gap]:
    """Times without values longer than `longest` seconds, oldest first. times: (n,) µs, rising."""
    places = np.flatnonzero(np.diff(times) > longest * SECOND)
    return [Gap(int(times[place]), int(times[place + 1])) for place in places.tolist()]
