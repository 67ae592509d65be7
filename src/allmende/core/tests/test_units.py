"""Units are found by every code and spelling in use, and the table contradicts itself nowhere."""

from collections import Counter

import pytest

from allmende.core import units
from allmende.core.unit_table import TABLE


@pytest.mark.parametrize(
    ("spelling", "code", "symbol", "unece"),
    [
        ("Cel", "Cel", "°C", "CEL"),
        ("CEL", "Cel", "°C", "CEL"),
        ("°C", "Cel", "°C", "CEL"),
        ("degC", "Cel", "°C", "CEL"),
        ("%", "%", "%", "P1"),
        ("P1", "%", "%", "P1"),
        ("hPa", "hPa", "hPa", "A97"),
        ("kPa", "kPa", "kPa", "KPA"),
        ("MTS", "m/s", "m/s", "MTS"),
        ("KMH", "km/h", "km/h", "KMH"),
        ("mm", "mm", "mm", "MMT"),
        ("µg/m³", "ug/m3", "µg/m³", "GQ"),
        ("μg/m³", "ug/m3", "µg/m³", "GQ"),
        ("GP", "mg/m3", "mg/m³", "GP"),
        ("ppm", "[ppm]", "ppm", "59"),
        ("61", "[ppb]", "ppb", "61"),
        ("dB(A)", "dB[SPL]{A}", "dB(A)", ""),
        ("LUX", "lx", "lx", "LUX"),
        ("D54", "W/m2", "W/m²", "D54"),
        ("kWh", "kW.h", "kWh", "KWH"),
        ("2Z", "mV", "mV", "2Z"),
        ("4K", "mA", "mA", "4K"),
        ("HTZ", "Hz", "Hz", "HTZ"),
        ("4T", "pF", "pF", "4T"),
        ("DD", "deg", "°", "DD"),
        ("MTQ", "m3", "m³", "MTQ"),
        ("l", "L", "l", "LTR"),
        ("C62", "1", "", "C62"),
        ("", "1", "", "C62"),
        (" mV ", "mV", "mV", "2Z"),
    ],
)
def test_units_are_found_by_every_code_in_use(spelling: str, code: str, symbol: str, unece: str):
    found = units.unit(spelling)
    assert (found.code, found.symbol, found.unece) == (code, symbol, unece)
    assert units.symbol(spelling, "de") == symbol


def test_case_matters():
    assert units.unit("MW").name["en"] == "megawatt"
    assert units.unit("MIN") == units.unit("min")
    assert units.unit("A") != units.unit("a")


def test_counted_things_are_shown_by_name_in_the_readers_language():
    assert units.symbol("{vehicles}", "de") == "Fahrzeuge"
    assert units.symbol("{vehicles}", "en") == "vehicles"
    assert units.symbol("{person}", "en") == "people"


def test_an_unknown_unit_is_refused_but_shown_as_given():
    with pytest.raises(units.UnknownUnit, match="The unit 'furlong' is not known") as caught:
        units.unit("furlong")
    assert caught.value.code == "furlong"
    assert isinstance(caught.value, LookupError)
    assert units.symbol("furlong") == "furlong"


def test_spellings_of_one_unit_are_the_same():
    assert units.same("Cel", "CEL")
    assert units.same("°C", " Cel")
    assert units.same("furlong", "furlong")
    assert not units.same("Cel", "[degF]")
    assert not units.same("Cel", "furlong")


def test_every_unit_has_both_names_and_there_are_enough():
    assert len(units.UNITS) >= 60
    assert [unit.code for unit in units.UNITS if not (unit.name["de"] and unit.name["en"])] == []


def test_no_spelling_means_two_units():
    seen = Counter(spelling for row in TABLE for spelling in {row[0], row[4], *row[5]} if spelling or row[0] == "1")
    assert [spelling for spelling, times in seen.items() if times > 1] == []


def test_counts_without_a_symbol_are_annotations():
    assert [unit.code for unit in units.UNITS if not unit.symbol and not unit.code.startswith("{")] == ["1"]
