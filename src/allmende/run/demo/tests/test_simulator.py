"""The simulator: one value for each instant, however it is asked for; and a town that one could believe in."""

import itertools
from datetime import UTC, datetime

import numpy as np
import pytest

from allmende.run.demo.calendar import clock, grid, month_of, month_span
from allmende.run.demo.chance import DAY, HOUR, hashed, key_of, normal, smooth
from allmende.run.demo.simulator import Simulator, Values
from allmende.run.demo.town import DEVICES, QUANTITIES, Device

DEVICE = {device.key: device for device in DEVICES}


def at(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())


BEGIN, END = at(2025, 1, 20), at(2025, 3, 5)
SUMMER = (at(2025, 6, 1), at(2025, 9, 1))


@pytest.fixture(scope="module")
def town() -> Simulator:
    return Simulator(7)


def same(a: dict[str, Values], b: dict[str, Values]) -> bool:
    return a.keys() == b.keys() and all(
        np.array_equal(a[key].times, b[key].times) and np.array_equal(a[key].values, b[key].values) for key in a
    )


def joined(parts: list[dict[str, Values]]) -> dict[str, Values]:
    return {
        key: Values(*(np.concatenate(column) for column in zip(*(part[key] for part in parts), strict=True)))
        for key in parts[0]
    }


@pytest.mark.parametrize(
    "key", ["wetter-markt", "baum-anger", "parken-markt", "zaehler-bruecke", "luft-ring", "pegel-bruecke"]
)
def test_whole_or_in_pieces_or_by_another_simulator_it_is_the_same(town: Simulator, key: str):
    whole = town.between(DEVICE[key], BEGIN, END)
    marks = [BEGIN, BEGIN + 1, BEGIN + 12_345, at(2025, 1, 31, 23, 59), at(2025, 2, 1), at(2025, 2, 14), END]
    other = Simulator(7)
    pieces = [other.between(DEVICE[key], a, b) for a, b in itertools.pairwise(marks)]
    assert same(whole, joined(pieces))
    assert not same(whole, Simulator(8).between(DEVICE[key], BEGIN, END))


def test_times_rise_and_values_are_finite_and_reported_as_devices_do(town: Simulator):
    for device in DEVICES:
        for quantity, (times, values) in town.between(device, BEGIN, END).items():
            assert len(times) > 100, device.key
            assert (np.diff(times) > 0).all() and times[0] > BEGIN and times[-1] <= END
            digits = QUANTITIES[quantity.split("/")[0]].digits
            assert np.isfinite(values).all() and np.array_equal(values, np.round(values, digits))


def test_devices_do_not_all_report_at_once(town: Simulator):
    assert len({town.phase(device) for device in DEVICES if device.step == 3600}) > 8


def test_summer_is_warm_winter_is_cold_and_afternoons_are_warmer_than_nights(town: Simulator):
    station = DEVICE["wetter-birkried"]
    summer = town.between(station, *SUMMER)["temperature"]
    winter = town.between(station, at(2024, 12, 1), at(2025, 3, 1))["temperature"]
    assert 15 < summer.values.mean() < 22 and -3 < winter.values.mean() < 5
    hour = clock(summer.times).hour
    assert summer.values[(hour > 14) & (hour < 17)].mean() > summer.values[hour < 5].mean() + 5


def test_fronts_are_shared_between_stations(town: Simulator):
    series = []
    for key in ("wetter-birkried", "wetter-suedhoehe"):
        times, values = town.between(DEVICE[key], BEGIN, END)["temperature"]
        series.append(np.interp(np.arange(BEGIN + DAY, END - DAY, HOUR), times, values))
    assert np.corrcoef(series)[0, 1] > 0.95


def test_it_rains_as_much_as_it_should(town: Simulator):
    rain = town.between(DEVICE["wetter-birkried"], at(2024, 1, 1), at(2025, 1, 1))["rain"].values
    assert 400 < rain.sum() < 900 and rain.min() == 0
    assert 0.03 < (rain > 0).mean() < 0.2


def test_rain_wets_the_soil_and_lifts_the_river(town: Simulator):
    rain = town.between(DEVICE["wetter-birkried"], *SUMMER)["rain"]
    days = (rain.times - SUMMER[0]) // DAY
    daily = np.bincount(days, rain.values)
    wettest = SUMMER[0] + int(daily[5:-5].argmax() + 5) * DAY
    soil = town.between(DEVICE["baum-faerberweg"], *SUMMER)["tension/30"]
    level = town.between(DEVICE["pegel-bruecke"], *SUMMER)["level"]

    def mean(of: Values, begin: int, end: int) -> float:
        return of.values[(of.times > begin) & (of.times <= end)].mean()

    assert mean(soil, wettest + DAY, wettest + 2 * DAY) < mean(soil, wettest - DAY, wettest) * 0.9
    assert mean(level, wettest + 12 * HOUR, wettest + DAY) > mean(level, wettest - DAY, wettest) + 3
    assert soil.values.max() > 20 > mean(soil, SUMMER[0], SUMMER[1]) > 5


def test_weekdays_market_days_and_rush_hours(town: Simulator):
    times, people = town.between(DEVICE["zaehler-marktgasse"], *SUMMER)["people"]
    now = clock(times)
    morning = (now.hour > 9) & (now.hour < 12) & ~now.free
    assert people[morning & (now.weekday == 2)].mean() > 1.5 * people[morning & (now.weekday == 3)].mean()
    assert people[(now.hour > 2) & (now.hour < 4)].mean() < 0.1 * people[(now.hour > 15) & (now.hour < 18)].mean()
    times, bicycles = town.between(DEVICE["zaehler-rad-ring"], *SUMMER)["bicycles"]
    now = clock(times)
    work = (now.weekday < 5) & ~now.free
    assert (
        bicycles[work & (np.abs(now.hour - 7.6) < 0.5)].mean()
        > 3 * bicycles[work & (np.abs(now.hour - 10.5) < 0.5)].mean()
    )


def test_car_parks_report_only_changes_and_at_least_once_a_day(town: Simulator):
    for key in ("parken-markt", "parken-kalkweg"):
        times, free = town.between(DEVICE[key], *SUMMER)["free"]
        assert (np.diff(free) == 0).mean() < 0.02
        assert np.diff(times).max() < 3 * DAY  # a day, or two and a bit where it was out
        assert free.min() >= 0 and free.max() <= DEVICE[key].how["capacity"]


def test_the_faults_that_there_should_be(town: Simulator):
    lot = DEVICE["parken-ostkai"]
    assert town.between(lot, *SUMMER)["free"].values.max() == lot.how["capacity"] + lot.how["over"]
    implausible = town.between(DEVICE["wetter-ostkai"], at(2024, 1, 1), at(2026, 1, 1))["temperature"].values > 50
    assert 1 <= implausible.sum() <= 6
    gaps = np.diff(town.between(DEVICE["luft-park"], at(2024, 1, 1), at(2026, 1, 1))["no2"].times)
    assert (gaps > 3 * HOUR).any() and (gaps == HOUR).mean() > 0.98


def test_one_sensor_falls_silent_and_all_others_go_on(town: Simulator):
    since = at(2025, 2, 20)
    quiet = Simulator(7, silent_since=since)
    tree = DEVICE["baum-kalkhang"]
    assert quiet.between(tree, BEGIN, END)["tension/30"].times[-1] < since
    assert same(quiet.between(tree, BEGIN, since - 1), town.between(tree, BEGIN, since - 1))
    assert same(quiet.between(DEVICE["baum-anger"], BEGIN, END), town.between(DEVICE["baum-anger"], BEGIN, END))


def test_new_years_night_is_in_the_air(town: Simulator):
    dust = town.between(DEVICE["luft-park"], at(2024, 12, 31, 12), at(2025, 1, 1, 12))["pm25"].values
    assert dust.max() > 60 > 25 > np.median(dust)


def test_months_and_clocks():
    assert month_of(at(1970, 1, 31)) == 0 and month_of(at(2025, 12, 1)) == 671
    assert month_span(month_of(at(2024, 2, 10))) == (at(2024, 2, 1), at(2024, 3, 1))
    times = grid(month_of(at(2024, 2, 10)), 600, 77)
    assert times[0] == at(2024, 2, 1) + 77 and times[-1] < at(2024, 3, 1) and (np.diff(times) == 600).all()
    now = clock(np.array([at(2025, 7, 6, 22, 30), at(2025, 12, 25, 11)]))
    assert now.hour.tolist() == [0.5, 12.0] and now.weekday.tolist() == [0, 3] and now.free.tolist() == [False, True]


def test_chance_is_spread_as_it_says_and_differs_by_key():
    places = np.arange(100_000)
    even, bell = hashed(key_of(1, "a"), places), normal(key_of(1, "a"), places)
    assert even.min() >= 0 and even.max() < 1 and abs(even.mean() - 0.5) < 0.005
    assert abs(bell.mean()) < 0.02 and abs(bell.std() - 1) < 0.02
    assert abs(np.corrcoef(even, hashed(key_of(1, "b"), places))[0, 1]) < 0.02
    curve = smooth(key_of(1, "a"), places * 60, 3600)
    assert np.abs(np.diff(curve)).max() < 0.15 and curve.std() > 0.6


def test_the_town_is_told_completely():
    assert len(DEVICES) >= 26 and sum(len(device.quantities) for device in DEVICES) >= 60
    assert len({device.key for device in DEVICES}) == len({device.german for device in DEVICES}) == len(DEVICES)
    assert sum(bool(device.how.get("silent")) for device in DEVICES) == 1
    featured = sorted(place for device in DEVICES for place in device.featured.values())
    assert featured == [1, 2, 3, 4, 5]
    assert isinstance(DEVICES[0], Device)
