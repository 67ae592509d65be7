"""Water after the rain: in the soil below trees, at three depths, and in the river. Hour by hour, since it adds up."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from allmende.run.demo.calendar import month_span
from allmende.run.demo.chance import DAY, HOUR, Floats, Seconds
from allmende.run.demo.weather import air

_SPIN_UP = 60 * DAY  # so long before New Year the sum begins, always at the same state: by then the soil is full
_DEPTH_CAPACITY = np.array([45.0, 60.0, 75.0])  # mm that a layer holds for the tree
_UPTAKE = np.array([0.5, 0.32, 0.18])  # share of a layer in what the tree drinks


class Tree(NamedTuple):
    """open: share of rain that gets into the ground (little under paving); thirst: 1 is a grown lime tree."""

    open: float
    thirst: float


class Waters(NamedTuple):
    """Of one year (UTC), hour by hour and one hour beyond: times (n,); soil (n, trees, depths), 0 dry to 1 full;
    river (n,), cm; warmth of the river (n,), °C."""

    times: Seconds
    soil: Floats
    river: Floats
    warmth: Floats


@lru_cache(maxsize=4)
def waters(seed: int, year: int, trees: tuple[Tree, ...]) -> Waters:
    """The waters of a year. The same whenever and from wherever it is asked."""
    begin, end = month_span((year - 1970) * 12)[0], month_span((year - 1969) * 12)[0]
    times = np.arange(begin - _SPIN_UP, end + 2 * HOUR, HOUR, dtype=np.int64)
    over = air(seed, "catchment", times)
    opening, thirst = np.array([tree.open for tree in trees]), np.array([tree.thirst for tree in trees])
    drink = 0.013 * np.clip(over.temperature, 0, None) * np.clip(over.temperature - 4, 0, 18) / 18
    soil, states = np.full((len(trees), 3), 0.75), []
    fast = slow = 1.0
    levels, warmth, warm = [], [], float(over.temperature[: 10 * 24].mean())
    for rain, thirsty, degrees in zip(over.rain.tolist(), drink.tolist(), over.temperature.tolist(), strict=True):
        soil = soil - thirsty * thirst[:, None] * _UPTAKE * soil / _DEPTH_CAPACITY
        soil[:, 0] += rain * opening / _DEPTH_CAPACITY[0]
        for upper in (0, 1):
            sinking = np.maximum(soil[:, upper] - 0.62, 0) * 0.05
            soil[:, upper] -= sinking
            soil[:, upper + 1] += sinking * _DEPTH_CAPACITY[upper] / _DEPTH_CAPACITY[upper + 1]
        soil = np.minimum(np.maximum(soil, 0.02), 1.0)  # np.clip takes four times as long on so few
        fast, slow = fast * 0.955 + rain * 0.55, slow * 0.9975 + rain * 0.18
        warm += (degrees - warm) / 60
        states.append(soil)
        levels.append(38 + 17 * np.sqrt(fast) + 9 * np.sqrt(slow))
        warmth.append(max(0.4, 0.82 * warm + 1.6))
    first = int(_SPIN_UP // HOUR)
    return Waters(times[first:], np.array(states[first:]), np.array(levels[first:]), np.array(warmth[first:]))


def tension(soil: Floats) -> Floats:
    """Soil water tension in kPa for a share of water between 0 and 1: pF 1.4 when full, 3.3 when dry, at most 199."""
    return np.clip(10 ** (1.4 + 1.9 * (1 - soil) ** 1.25) / 10, 0.5, 199.0)
