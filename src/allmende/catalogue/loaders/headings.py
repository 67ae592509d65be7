"""What the heading of a value column means: the observed property, its unit, and what is plausible for it.

Definitions are CF standard names (vocab.nerc.ac.uk) where there is one, else names of our own.
"""

import re
from dataclasses import dataclass

from django.utils.text import slugify

from allmende.catalogue.loaders.assumption import tokens
from allmende.core.units import UnknownUnit, unit

_CF = "http://vocab.nerc.ac.uk/standard_name/"
OWN = "urn:allmende:property:"


@dataclass(frozen=True, slots=True)
class Property:
    """words: sets of words of which one must be in the heading; unit: the one for which least and most hold, and that
    goes without saying where counted."""

    definition: str
    name: dict[str, str]
    words: tuple[frozenset[str], ...]
    unit: str
    least: float | None
    most: float | None
    counted: bool


def _property(
    definition: str, german: str, english: str, words: str, unit: str, least: float, most: float | None
) -> Property:
    """words: alternatives with a stroke between; unit in braces: something counted."""
    sets = tuple(frozenset(one.split()) for one in words.split("|"))
    return Property(definition, {"de": german, "en": english}, sets, unit, least, most, unit.startswith("{"))


_DUST = _CF + "mass_concentration_of_{}_ambient_aerosol_particles_in_air/"
_GAS = _CF + "mass_concentration_of_{}_in_air/"
# The order decides where several fit: the particular before the general.
PROPERTIES = tuple(
    _property(*row)
    for row in (
        (_CF + "soil_temperature/", "Bodentemperatur", "Soil temperature",
         "soil temperature|bodentemperatur", "Cel", -40, 60),
        (_CF + "water_temperature/", "Wassertemperatur", "Water temperature",
         "water temperature|wassertemperatur", "Cel", -2, 45),
        (_CF + "dew_point_temperature/", "Taupunkt", "Dew point", "dewpoint|dew point|taupunkt", "Cel", -60, 40),
        (_CF + "air_temperature/", "Lufttemperatur", "Air temperature",
         "temperature|temp|temperatur|lufttemperatur|airtemperature|tair", "Cel", -50, 60),
        (OWN + "soil-moisture", "Bodenfeuchte", "Soil moisture",
         "soil moisture|bodenfeuchte|soilmoisture", "%", 0, 100),
        (OWN + "soil-water-tension", "Bodenwasserspannung", "Soil water tension",
         "tension|saugspannung|bodenwasserspannung|matric potential", "kPa", -2000, 2000),
        (_CF + "relative_humidity/", "Relative Luftfeuchte", "Relative humidity",
         "humidity|luftfeuchte|luftfeuchtigkeit|feuchte|rh|hum", "%", 0, 105),
        (_CF + "wind_from_direction/", "Windrichtung", "Wind direction",
         "wind direction|windrichtung|winddir", "deg", 0, 360),
        (_CF + "wind_speed/", "Windgeschwindigkeit", "Wind speed",
         "wind speed|windspeed|windgeschwindigkeit|wind", "m/s", 0, 75),
        (_CF + "lwe_thickness_of_precipitation_amount/", "Niederschlag", "Precipitation",
         "rain|rainfall|precipitation|niederschlag|regen|niederschlagshöhe", "mm", 0, 500),
        (_CF + "air_pressure/", "Luftdruck", "Air pressure", "pressure|luftdruck", "hPa", 500, 1100),
        (_DUST.format("pm2p5"), "Feinstaub PM2,5", "Particulate matter PM2.5", "pm2 5|pm25", "ug/m3", 0, 2000),
        (_DUST.format("pm10"), "Feinstaub PM10", "Particulate matter PM10", "pm10", "ug/m3", 0, 2000),
        (_GAS.format("nitrogen_dioxide"), "Stickstoffdioxid", "Nitrogen dioxide",
         "no2|stickstoffdioxid", "ug/m3", 0, 2000),
        (_GAS.format("ozone"), "Ozon", "Ozone", "o3|ozon|ozone", "ug/m3", 0, 1000),
        (OWN + "carbon-dioxide", "Kohlendioxid", "Carbon dioxide", "co2|kohlendioxid", "[ppm]", 250, 20000),
        (OWN + "noise-level", "Schallpegel", "Noise level", "noise|lärm|schallpegel|laeq", "dB[SPL]{A}", 0, 150),
        (OWN + "water-level", "Wasserstand", "Water level", "water level|wasserstand|pegel|gauge", "cm", -500, 3000),
        (OWN + "parking-spaces-free", "Freie Parkplätze", "Free parking spaces",
         "free|frei|freie|available", "{spaces}", 0, None),
        (OWN + "parking-spaces-occupied", "Belegte Parkplätze", "Occupied parking spaces",
         "occupied|belegt|belegte", "{spaces}", 0, None),
        (OWN + "pedestrians", "Passanten", "Pedestrians",
         "pedestrians|pedestrian|passanten|fußgänger", "{people}", 0, None),
        (OWN + "bicycles", "Radfahrende", "Cyclists",
         "bicycles|bikes|cyclists|radfahrende|räder", "{bicycles}", 0, None),
        (OWN + "vehicles", "Fahrzeuge", "Vehicles", "vehicles|kfz|cars|fahrzeuge", "{vehicles}", 0, None),
        (OWN + "battery-voltage", "Batteriespannung", "Battery voltage",
         "battery|batterie|batteriespannung", "V", 0, 60),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """known: None where the heading is none of the table; unit: UCUM code, empty where none is named."""

    known: Property | None
    unit: str
    definition: str
    name: dict[str, str]


def meaning(heading: str) -> Meaning:
    """What a heading such as `Avg_Temperature_C`, `NO2 [µg/m³]` or `free` means."""
    words = tokens(heading)
    known = next((each for each in PROPERTIES if any(words >= one for one in each.words)), None)
    code = _unit_in(heading, known)
    if known is None:
        plain = " ".join(re.sub(r"[_\s]+", " ", heading).split())
        return Meaning(None, code, OWN + (slugify(heading) or "value"), {"de": plain, "en": plain})
    return Meaning(known, code or (known.unit if known.counted else ""), known.definition, known.name)


def _unit_in(heading: str, known: Property | None) -> str:
    """The unit that a heading names: in brackets, after `in`, or as its last part."""
    for text in re.findall(r"[\[(]([^\[\]()]+)[\])]", heading):
        if found := _unit(text):
            return found
    if (match := re.search(r"\bin (\S+)$", heading)) and (found := _unit(match[1])):
        return found
    last = re.split(r"[_ ]", heading)[-1]
    if last == heading:
        return ""
    if known and known.unit == "Cel" and last in ("C", "c"):
        return "Cel"
    found = _unit(last)
    # One letter may be a unit or the name of a sensor: believed only where the property is measured so.
    return found if len(last) > 1 or (known is not None and known.unit == found) or last == "%" else ""


def _unit(text: str) -> str:
    try:
        return unit(text).code if text.strip() else ""
    except UnknownUnit:
        return ""
