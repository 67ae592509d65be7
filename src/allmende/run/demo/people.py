"""People on the move: passers-by, cyclists and parked cars, by weekday and hour, market days, weather and season."""

import numpy as np

from allmende.run.demo.calendar import Clock, clock
from allmende.run.demo.chance import HOUR, Floats, Seconds, key_of, normal, smooth
from allmende.run.demo.weather import air

MARKET_DAYS = (2, 5)  # Wednesday and Saturday


def _bump(hour: Floats, peak: float, width: float) -> Floats:
    return np.exp(-(((hour - peak) / width) ** 2))


def _counted(key: int, times: Seconds, expected: Floats) -> Floats:
    """Whole numbers around what is expected; the spread of a count is the root of its mean."""
    return np.rint(np.clip(expected + np.sqrt(expected) * normal(key, times // 60), 0, None))


def _weather_mood(seed: int, times: Seconds, per_degree: float) -> Floats:
    over = air(seed, "mood", times)
    return np.clip(1 + per_degree * (over.temperature - 12), 0.25, 1.7) * np.where(over.rain > 0.3, 0.55, 1.0)


def passers(seed: int, name: str, times: Seconds, step: int, busy: float, market: float) -> Floats:
    """Passers-by in each step of seconds. busy: people an hour on a usual afternoon; market: what a market day adds."""
    now = clock(times)
    shape = 0.25 * _bump(now.hour, 8, 1.5) + 0.8 * _bump(now.hour, 12.5, 2.2) + _bump(now.hour, 16.8, 2.6)
    shape += 0.25 * _bump(now.hour, 20.5, 2) * np.where(now.weekday >= 4, 1.8, 1.0) + 0.01
    shape *= np.where(now.free, 0.5, np.where(now.weekday == 5, 1.35, 1.0))
    shape += market * _bump(now.hour, 10.5, 2.2) * np.isin(now.weekday, MARKET_DAYS) * ~now.free
    shape *= np.where((now.month == 12) & (now.hour > 14) & (now.hour < 21), 1.5, 1.0)  # the market before Christmas
    mood = _weather_mood(seed, times, 0.012) * (1 + 0.12 * smooth(key_of(seed, name), times, 5 * HOUR))
    return _counted(key_of(seed, name, "count"), times, busy * shape * mood * step / HOUR)


def cyclists(seed: int, name: str, times: Seconds, step: int, busy: float) -> Floats:
    """Cyclists in each step of seconds: to work and back on weekdays, out into the green at weekends."""
    now = clock(times)
    work = _bump(now.hour, 7.6, 1.1) + 0.9 * _bump(now.hour, 16.8, 1.7) + 0.25 * _bump(now.hour, 12.5, 3)
    leisure = 0.8 * _bump(now.hour, 14.5, 3.2)
    shape = np.where(now.free | (now.weekday == 5), leisure, work) + 0.015
    return _counted(key_of(seed, name, "count"), times, busy * shape * _weather_mood(seed, times, 0.03) * step / HOUR)


def free_spaces(seed: int, name: str, times: Seconds, capacity: int, use: str) -> Floats:
    """Free spaces at each instant. use: `town` (shops and work), `commuters` or `residents`."""
    now = clock(times)
    full = _use(now, use) + 0.05 * smooth(key_of(seed, name, "slow"), times, 7 * HOUR)
    full += 0.009 * smooth(key_of(seed, name, "quick"), times, 1500) * (1 - np.abs(2 * full - 1) * 0.5)
    return np.clip(np.rint(capacity * (1 - full)), 0, capacity)


def _use(now: Clock, use: str) -> Floats:
    """The share of spaces that are taken."""
    quiet = now.free | (now.weekday == 5)
    if use == "commuters":
        return np.where(quiet, 0.12, 0.08 + 0.86 * _bump(now.hour, 12.2, 4.6) ** 0.7)
    if use == "residents":
        return 0.92 - np.where(quiet, 0.12, 0.5) * _bump(now.hour, 12.5, 4.5)
    day = 0.12 + 0.66 * _bump(now.hour, 13.4, 4.4) + 0.14 * _bump(now.hour, 19.5, 2)
    day += 0.16 * _bump(now.hour, 10.5, 2) * np.isin(now.weekday, MARKET_DAYS)
    return np.where(now.free, 0.1 + 0.25 * _bump(now.hour, 15, 3), day)


def only_changes(times: Seconds, values: Floats) -> tuple[Seconds, Floats]:
    """What a counter sends that reports only changes, and its value once a day to show that it lives."""
    keep = np.append([True], np.diff(values) != 0) | (times % 86_400 < np.append([60], np.diff(times)))
    return times[keep], values[keep]
