"""The small guesses: rhythm, sentinels, headings, families of names; and that everything said has words."""

import re
from pathlib import Path

import numpy as np
import pytest

from allmende.catalogue.loaders import (
    columns,
    dialect,
    misfits,
    parse,
    places,
    reading,
    rhythm,
    sniff,
    source,
    timecolumn,
)
from allmende.catalogue.loaders.headings import meaning
from allmende.catalogue.loaders.recipes import family
from allmende.catalogue.loaders.rhythm import rhythm_of
from allmende.catalogue.loaders.said import Said
from allmende.catalogue.loaders.sentinels import Range
from allmende.catalogue.loaders.times import REASONS
from allmende.catalogue.loaders.words import TOPICS, WORDS, words

MINUTE = 60_000_000


def walk(seed: int, count: int) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).integers(-2, 3, count)).astype(float)


def test_a_series_that_reports_only_changes():
    values = walk(1, 4000)
    kept = np.concatenate(([True], np.diff(values) != 0))
    times = np.arange(4000)[kept] * 15 * MINUTE
    found = rhythm_of(np.zeros(len(times), dtype=np.int32), times, values[kept])
    assert (found.holding, found.why_holding.code) == ("until_next", "holding_changes")
    everything = rhythm_of(np.zeros(4000, dtype=np.int32), np.arange(4000) * 15 * MINUTE, values)
    assert (everything.holding, everything.interval) == ("instant", 900)


def test_a_meter_that_only_rises_at_a_steady_interval_is_no_change_only_series():
    values = np.cumsum(np.random.default_rng(2).integers(1, 3, 1000)).astype(float)
    assert rhythm_of(np.zeros(1000, dtype=np.int32), np.arange(1000) * MINUTE, values).holding == "instant"


def test_rhythm_of_interleaved_series_and_of_nothing():
    series = np.tile(np.array([0, 1], dtype=np.int32), 500)
    times = np.repeat(np.arange(500), 2) * 10 * MINUTE
    assert rhythm_of(series, times, np.arange(1000.0)).interval == 600
    assert rhythm_of(series[:0], times[:0], np.zeros(0)).interval is None
    assert rhythm_of(series[:1], times[:1], np.zeros(1)).holding == "instant"


@pytest.mark.parametrize(
    ("values", "sentinels"),
    [
        ([1.0, 2.0, -9999.0, 3.0], {-9999.0: 1}),
        ([20.5, -999.0, -999.0, -12.0], {-999.0: 2}),
        ([1.0, 2.0, 3.0], {}),
        ([-999.0, -998.0, -997.0, -500.0, 0.0], {}),  # altitudes, tensions: one number among its like
        ([-99.0, 5.0, 7.0], {-99.0: 1}),
        ([-99.0, -60.0, 7.0], {}),
        ([40_000.0, 9999.0, 12.0], {}),
        ([32767.0, 5.0, 9.0], {32767.0: 1}),
        ([-9999.0, -9999.0], {}),  # nothing else to compare with
        ([], {}),
    ],
)
def test_sentinels(values: list[float], sentinels: dict[float, int]):
    seen = Range()
    seen.see(np.array(values[: len(values) // 2]))
    seen.see(np.array(values[len(values) // 2 :]))
    assert seen.sentinels() == sentinels


@pytest.mark.parametrize(
    ("heading", "english", "unit"),
    [
        ("Avg_Temperature_C", "Air temperature", "Cel"),
        ("Lufttemperatur [°C]", "Air temperature", "Cel"),
        ("Bodentemperatur in °C", "Soil temperature", "Cel"),
        ("Avg_Humidity_%", "Relative humidity", "%"),
        ("Avg_Wind_Speed_m/s", "Wind speed", "m/s"),
        ("Niederschlag (mm)", "Precipitation", "mm"),
        ("NO2 [µg/m³]", "Nitrogen dioxide", "ug/m3"),
        ("PM2.5", "Particulate matter PM2.5", ""),
        ("free", "Free parking spaces", "{spaces}"),
        ("Passanten", "Pedestrians", "{people}"),
        ("soil water tension [kPa]", "Soil water tension", "kPa"),
        ("sensor_A", "sensor A", ""),
        ("Wert_2", "Wert 2", ""),
        ("Leistung_kW", "Leistung kW", "kW"),
    ],
)
def test_headings(heading: str, english: str, unit: str):
    means = meaning(heading)
    assert (means.name["en"], means.unit) == (english, unit)


@pytest.mark.parametrize(
    ("name", "common"),
    [
        ("parking_2020_2026.csv.gz", "parking"),
        ("parking-2026-09.csv", "parking"),
        ("Klima Tage 2024.CSV", "klima-tage"),
        ("2024-01.csv", "2024-01"),
        ("Größe.csv", "große"),
        ("parken_2024_03.set-aside.csv", "parken"),
        ("….csv", "file"),
    ],
)
def test_families(name: str, common: str):
    assert family(Path(name)) == common.replace("ß", "") or family(Path(name)) == common


def test_everything_that_can_be_said_has_words():
    modules = (columns, dialect, misfits, parse, places, reading, rhythm, sniff, source, timecolumn)
    texts = "".join(Path(module.__file__).read_text() for module in modules)
    codes = set(re.findall(r'(?:Said\.of|Unreadable)\(\s*"(\w+)"', texts)) | set(REASONS.values())
    codes |= {"ragged", "place_empty", "number_unknown", "interval_loose", "header_none"}
    assert codes - set(WORDS) == set()
    topics = set(re.findall(r'Assumption\(\s*"(\w+)"', texts))
    assert topics - set(TOPICS) == set()


def test_words_take_their_parameters():
    assert words(Said.of("zone_suffix", suffix="+00:00")).endswith("+00:00")
