"""The weather over the town: fronts that all stations share, the course of day and year, and what each place adds."""

from typing import NamedTuple

import numpy as np

from allmende.run.demo.chance import DAY, HOUR, Floats, Seconds, key_of, normal, smooth

LATITUDE, LONGITUDE = 50.705, 10.985
_YEAR = 365.2425 * DAY


class Sky(NamedTuple):
    """What is the same for the whole town. season: -1 in mid-January to 1 in mid-July; front: of the passing weather;
    cloud: 0 to 1; sun: 0 to 1, before clouds; rain: mm per hour."""

    season: Floats
    front: Floats
    cloud: Floats
    sun: Floats
    rain: Floats


class Air(NamedTuple):
    """At one station: °C, %, mm per hour, m/s, hPa."""

    temperature: Floats
    humidity: Floats
    rain: Floats
    wind: Floats
    pressure: Floats


def sky(seed: int, times: Seconds) -> Sky:
    """The sky at these instants (seconds UTC, rising)."""

    def curve(name: str, period: float) -> Floats:
        return smooth(key_of(seed, "sky", name), times, period)

    year = (times % _YEAR) / _YEAR * 2 * np.pi
    season = np.cos(year - 0.545 * 2 * np.pi)
    declination = np.radians(23.44) * np.cos(year - 0.473 * 2 * np.pi)
    angle = ((times % DAY) / DAY + LONGITUDE / 360 - 0.5) * 2 * np.pi
    phi = np.radians(LATITUDE)
    sun = np.clip(np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(angle), 0, 1)
    front = 0.75 * curve("front", 4.5 * DAY) + 0.5 * curve("front2", 1.8 * DAY)
    wet = 0.9 * curve("wet", 15 * HOUR) + 0.55 * curve("wet2", 4 * HOUR) + 0.3 * curve("wet3", 40 * 60)
    steady = np.clip(wet - 1.25, 0, None) ** 1.4 * 2.0
    storm = np.clip(curve("storm", 2 * HOUR) + 0.5 * curve("storm2", 1.5 * DAY) - 2.0, 0, None) * 16 * sun
    rain = steady + np.where(season > 0.2, storm, 0)
    cloud = np.clip(0.52 + 0.26 * curve("cloud", 1.2 * DAY) + 0.2 * curve("cloud2", 5 * HOUR) + 0.3 * (wet > 0.8), 0, 1)
    return Sky(season, front, cloud, sun, rain)


def air(seed: int, station: str, times: Seconds, above: float = 0.0, built: float = 0.0) -> Air:
    """The air at a station. above: metres above the market place; built: 0 in the fields to 1 between houses."""
    over = sky(seed, times)
    steps = times // 60

    def curve(name: str, period: float) -> Floats:
        return smooth(key_of(seed, "air", name), times, period)

    def own(name: str) -> Floats:
        return normal(key_of(seed, station, name), steps)

    hour = (times % DAY) / HOUR + LONGITUDE / 15
    swing = (2.4 + 4.0 * (over.season + 1) / 2) * (1.15 - 0.8 * over.cloud)
    night = np.clip(-np.cos((hour - 15) / 24 * 2 * np.pi), 0, 1) * (1 - over.cloud)
    temperature = 9.6 + 9.6 * over.season + 5.4 * over.front + swing * np.cos((hour - 15) / 24 * 2 * np.pi)
    temperature += -0.0065 * above + 2.4 * built * night - 0.4 * np.minimum(over.rain, 4) + 0.12 * own("temperature")
    humidity = 76 - 5 * over.season - 4.0 * swing * np.cos((hour - 15) / 24 * 2 * np.pi) + 12 * over.cloud - 6
    humidity += np.minimum(over.rain, 3) * 6 - 4 * built + 5 * curve("damp", 9 * HOUR) + 0.6 * own("humidity")
    gusty = np.exp(0.5 * curve("wind", 16 * HOUR) + 0.28 * curve("wind2", 40 * 60) + 0.12 * own("wind"))
    wind = (2.3 + 0.5 * np.abs(over.front) - 0.5 * over.season) * gusty * (1 - 0.45 * built) * (1 + above / 400)
    pressure = 1016 + 8.5 * curve("pressure", 3.6 * DAY) + 3 * curve("pressure2", 1.1 * DAY) - 2.5 * (over.rain > 0)
    local = np.clip(1 + 0.35 * smooth(key_of(seed, station, "shower"), times, 50 * 60), 0.2, 2)
    return Air(temperature, np.clip(humidity, 18, 100), over.rain * local, np.clip(wind, 0, None), pressure)
