"""What is in the air: dust and nitrogen dioxide from traffic and stoves, kept near the ground on cold still days."""

from typing import NamedTuple

import numpy as np

from allmende.run.demo.calendar import clock
from allmende.run.demo.chance import DAY, HOUR, Floats, Seconds, key_of, normal, smooth
from allmende.run.demo.weather import air, sky


class Pollution(NamedTuple):
    """µg/m³."""

    pm25: Floats
    pm10: Floats
    no2: Floats


def pollution(seed: int, station: str, times: Seconds, traffic: float) -> Pollution:
    """traffic: 0 in the park to 1 at the ring road."""
    now, over = clock(times), air(seed, station, times)
    still = np.clip(2.6 / (over.wind + 0.6), 0.4, 2.6) * np.where(over.rain > 0.2, 0.6, 1.0)
    cold = np.clip((12 - over.temperature) / 14, 0, 1.4)
    rush = np.exp(-(((now.hour - 7.8) / 1.4) ** 2)) + 0.8 * np.exp(-(((now.hour - 17) / 2) ** 2))
    rush = (0.25 + rush) * np.where(now.free, 0.45, np.where(now.weekday == 5, 0.7, 1.0))
    stoves = cold * (0.5 + np.exp(-(((now.hour - 20.5) / 3) ** 2)))
    far = np.clip(smooth(key_of(seed, "far dust"), times, 3 * DAY), 0, None) * 5
    noise = 1 + 0.08 * normal(key_of(seed, station), times // 60) + 0.1 * smooth(key_of(seed, station), times, 3 * HOUR)
    pm25 = (4.5 + 3.2 * stoves + 2.0 * traffic * rush + far + _fireworks(times)) * still**0.6 * noise
    pm10 = pm25 * 1.35 + 4 + 5.5 * traffic * rush + 2 * (sky(seed, times).sun > 0.3)
    no2 = (6 + 24 * traffic * rush + 4 * stoves) * still**0.7 * noise
    return Pollution(np.clip(pm25, 0.4, None), np.clip(pm10, 0.8, None), np.clip(no2, 0.5, None))


def _fireworks(times: Seconds) -> Floats:
    """The first hours of the year."""
    local = times + HOUR
    since = local - local.astype("datetime64[s]").astype("datetime64[Y]").astype("datetime64[s]").astype(np.int64)
    return np.where(since < 9 * HOUR, 240 * np.exp(-since / (1.6 * HOUR)), 0.0)
