"""What a field of a message means, by its name in German or English and by the value that it has in a sample.

Leans on what the loaders know of column headings; adds what only devices say.
"""

import re
from dataclasses import dataclass, replace

from allmende.catalogue.loaders.assumption import tokens
from allmende.catalogue.loaders.headings import OWN, PROPERTIES
from allmende.catalogue.loaders.headings import meaning as heading_meaning
from allmende.core.signals import BATTERY_LEVEL, BATTERY_VOLTAGE, RSSI, SNR, Signal

_CF = "http://vocab.nerc.ac.uk/standard_name/"


@dataclass(frozen=True, slots=True)
class Meaning:
    """unit: UCUM code, empty where nothing says so; assumed: it was not said but is usual, and the value fits it."""

    definition: str
    name: dict[str, str]
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    assumed: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Known:
    words: tuple[frozenset[str], ...]
    meaning: Meaning


def _known(words: str, definition: str, german: str, english: str, unit: str, least: float, most: float) -> _Known:
    sets = tuple(frozenset(one.split()) for one in words.split("|"))
    return _Known(sets, Meaning(definition, {"de": german, "en": english}, unit, least, most))


def _signal(words: str, signal: Signal) -> _Known:
    name = signal.name
    return _known(words, signal.definition, name["de"], name["en"], signal.unit, signal.minimum, signal.maximum)


# The order decides where several fit: the particular before the general.
_FIELDS = (
    _signal("rssi|empfangsstärke|feldstärke", RSSI),
    _signal("snr|lorasnr", SNR),
    _signal("bat v|batv|vbat|battery voltage|battery v|batt v|bat mv|battery mv|batteriespannung|vdd", BATTERY_VOLTAGE),
    _signal("battery|batterie|batt|bat|akku|battery level|batteriestand|ladestand|battery percent", BATTERY_LEVEL),
    _known("soil water tension|soil tension", OWN + "soil-water-tension", "Bodenwasserspannung", "Soil water tension",
           "kPa", -2000, 2000),
    _known("potentialwater|water potential|matric potential|matrixpotential|matrixpotenzial",
           OWN + "soil-water-potential", "Wasserpotenzial des Bodens", "Soil water potential", "kPa", -100000, 10),
    _known("temp soil|soil temp", _CF + "soil_temperature/", "Bodentemperatur", "Soil temperature", "Cel", -40, 60),
    _known("water soil|soil water|vwc|soil vwc", OWN + "soil-moisture", "Bodenfeuchte", "Soil moisture", "%", 0, 100),
    _known("conduct soil|soil conductivity|soil ec|bodenleitfähigkeit", OWN + "soil-conductivity",
           "Leitfähigkeit des Bodens", "Soil conductivity", "uS/cm", 0, 20000),
    _known("conductivity|leitfähigkeit|ec", OWN + "conductivity", "Leitfähigkeit", "Conductivity", "uS/cm", 0, 100000),
    _known("wind speed|windspeed|windgeschwindigkeit", _CF + "wind_speed/", "Windgeschwindigkeit", "Wind speed",
           "m/s", 0, 75),
    _known("wind gust|windböe|gust|böe", _CF + "wind_speed_of_gust/", "Windböe", "Wind gust", "m/s", 0, 100),
    _known("uv|uv index|uvindex", _CF + "ultraviolet_index/", "UV-Index", "UV index", "{UV-Index}", 0, 20),
    _known("light|light intensity|ambient light|illuminance|illumination|lux|helligkeit|beleuchtungsstärke",
           OWN + "illuminance", "Beleuchtungsstärke", "Illuminance", "lx", 0, 200000),
    _known("distance|abstand|entfernung|distanz", OWN + "distance", "Abstand", "Distance", "mm", 0, 20000),
    _known("fill level|füllstand|level percent", OWN + "fill-level", "Füllstand", "Fill level", "%", 0, 100),
    _known("ph|ph value|phwert", OWN + "ph", "pH-Wert", "pH", "[pH]", 0, 14),
    _known("speed|geschwindigkeit|tempo", OWN + "speed", "Geschwindigkeit", "Speed", "km/h", 0, 300),
    _known("tvoc|voc", OWN + "tvoc", "Flüchtige organische Stoffe", "Volatile organic compounds", "[ppb]", 0, 60000),
    _known("power|leistung|wirkleistung", OWN + "power", "Leistung", "Power", "W", -1e7, 1e7),
    _known("energy|energie|zählerstand|verbrauch", OWN + "energy", "Energie", "Energy", "kW.h", 0, 1e9),
)  # fmt: skip
_AIR = _CF + "air_temperature/"
_ANY_TEMPERATURE = Meaning(
    "http://qudt.org/vocab/quantitykind/Temperature", {"de": "Temperatur", "en": "Temperature"}, "Cel", -60, 200
)
# What may stand beside «temperature» of the air; whatever else does speaks of another place, such as a probe.
_WORDS_OF_AIR = "temp temperature temperatur lufttemperatur airtemperature tair air luft outdoor outside ambient außen"
_OF_AIR = frozenset(f"{_WORDS_OF_AIR} aussen avg mean 2m c celsius".split())
_TRAILING = re.compile(r"(?<=[a-zäöüß])\d+$")
# (definition, above this the value must be in the other unit, that unit)
_PASCAL = ("http://vocab.nerc.ac.uk/standard_name/air_pressure/", 20_000.0, "Pa", 50_000.0, 110_000.0)


def meaning(field: str, value: float | None = None) -> Meaning:
    """What a field such as `temp_SOIL`, `BatV` or `Luftfeuchte` means. value: from a sample, to tell units apart."""
    words = _words(field)
    found = next((each.meaning for each in _FIELDS if any(words >= one for one in each.words)), None)
    if found is None:
        found = _of_heading(field, words)
    elif found.definition == BATTERY_LEVEL.definition and value is not None and 0 < value < 5 and value != int(value):
        found = _of(BATTERY_VOLTAGE)
    if not found.known:
        return found
    return _with_unit(found, field, value)


def _words(field: str) -> frozenset[str]:
    words = tokens(field)
    return words | {_TRAILING.sub("", word) for word in words}


def _of(signal: Signal) -> Meaning:
    return Meaning(signal.definition, dict(signal.name), signal.unit, signal.minimum, signal.maximum)


def _of_heading(field: str, words: frozenset[str]) -> Meaning:
    known = next((each for each in PROPERTIES if any(words >= one for one in each.words)), None)
    if known is None:
        said = heading_meaning(field)
        return Meaning(said.definition, said.name, said.unit, known=False)
    if known.definition == _AIR and not tokens(field) <= _OF_AIR:
        return _ANY_TEMPERATURE
    return Meaning(known.definition, dict(known.name), known.unit, known.least, known.most)


def _with_unit(found: Meaning, field: str, value: float | None) -> Meaning:
    """The unit that the name says; else the usual one where the value fits it; else none, and no range."""
    said = heading_meaning(field).unit
    if said and said != found.unit:
        return replace(found, unit=said, minimum=None, maximum=None)
    if said:
        return found
    definition, threshold, unit, least, most = _PASCAL
    if found.definition == definition and value is not None and value > threshold:
        return replace(found, unit=unit, minimum=least, maximum=most, assumed=True)
    if found.definition == BATTERY_VOLTAGE.definition and value is not None and value > 100:
        return replace(found, unit="mV", minimum=0.0, maximum=60_000.0, assumed=True)
    below = value is not None and found.minimum is not None and value < found.minimum
    above = value is not None and found.maximum is not None and value > found.maximum
    if value is None or below or above:
        return replace(found, unit=found.unit if value is None else "", minimum=None, maximum=None, assumed=True)
    return replace(found, assumed=True)
