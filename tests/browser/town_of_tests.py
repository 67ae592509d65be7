"""Fills a data folder with a small made-up town for looking at pages: `python -m tests.browser.town_of_tests DIR`.

A dozen things of five sorts with a year of values up to now, a gap, a flagged value, a late and a silent sensor, a
protected dataset, a background for the map, an administrator and a resident. Prints what a test needs as JSON.
"""

import json
import math
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

PASSWORD = "correct horse battery staple"
TOWN = "Musterstadt"
CENTRE = (11.586, 50.927)
MINUTE = 60 * 1_000_000
DAY = 1440 * MINUTE

# name: (definition, German, English, unit, holding, seconds, minimum, maximum)
QUANTITIES = {
    "temperature": ("AirTemperature", "Lufttemperatur", "Air temperature", "Cel", "instant", 600, -40, 50),
    "humidity": ("RelativeHumidity", "Luftfeuchte", "Humidity", "%", "instant", 600, 0, 100),
    "rain": ("Precipitation", "Niederschlag", "Precipitation", "mm", "interval", 3600, 0, 100),
    "dust": ("PM2.5", "Feinstaub PM2,5", "Fine dust PM2.5", "ug/m3", "interval", 3600, 0, 900),
    "spaces": ("FreeParkingSpaces", "Freie Plätze", "Free spaces", "{spaces}", "until_next", None, 0, 400),
    "people": ("Pedestrians", "Fußgängerinnen und Fußgänger", "Pedestrians", "{people}", "interval", 3600, 0, 9000),
    "soil": ("SoilWaterTension", "Saugspannung des Bodens", "Soil water tension", "kPa", "instant", 3600, 0, 200),
}
# key: (dataset, German, English, east, north, quantities)
THINGS = {
    "station-markt": (
        "wetter",
        "Wetterstation Markt",
        "Weather station market",
        0.000,
        0.000,
        "temperature humidity rain",
    ),
    "station-sued": (
        "wetter",
        "Wetterstation Südhang",
        "Weather station south slope",
        0.012,
        -0.014,
        "temperature rain",
    ),
    "luft-ring": ("luft", "Luftmessstelle Ring", "Air station ring road", -0.008, 0.006, "dust temperature"),
    "luft-park": ("luft", "Luftmessstelle Stadtpark", "Air station town park", 0.009, 0.008, "dust"),
    "parken-bahnhof": ("parken", "Parkhaus am Bahnhof", "Station car park", -0.004, -0.006, "spaces"),
    "parken-theater": ("parken", "Parkhaus Theater", "Theatre car park", 0.005, -0.003, "spaces"),
    "zaehler-bruecke": ("zaehlung", "Zählstelle Brücke", "Counter bridge", 0.002, 0.004, "people"),
    "zaehler-gasse": ("zaehlung", "Zählstelle Lange Gasse", "Counter long lane", -0.002, 0.001, "people"),
    "baum-1": ("boden", "Linde am Anger", "Lime tree on the green", 0.006, 0.002, "soil"),
    "baum-2": ("boden", "Ahorn Schulhof", "Maple in the school yard", -0.006, 0.010, "soil"),
    "baum-late": ("boden", "Eiche Nordtor", "Oak at the north gate", -0.010, -0.004, "soil"),
    "baum-silent": ("boden", "Esche Uferweg", "Ash on the river path", 0.003, -0.009, "soil"),
}
DATASETS = {
    "wetter": ("Wetter", "Weather"),
    "luft": ("Luftqualität", "Air quality"),
    "parken": ("Parken", "Parking"),
    "zaehlung": ("Zählungen zu Fuß", "Pedestrian counts"),
    "boden": ("Bodenfeuchte der Stadtbäume", "Soil moisture of town trees"),
}
_FRONT = (
    "station-markt/temperature",
    "luft-ring/dust",
    "parken-bahnhof/spaces",
    "zaehler-bruecke/people",
    "baum-1/soil",
)
FEATURED = {name: rank for rank, name in enumerate(_FRONT, start=1)}


def wave(quantity, times, seed):
    """Plausible made-up values. times: µs UTC."""
    import numpy as np

    chance = np.random.default_rng(seed)
    days = times / DAY
    hour = (days % 1) * 24
    season = np.cos((days - 200) / 365.25 * 2 * math.pi)
    noise = chance.normal(0, 1, len(times))
    mornings = np.arange(int(days[0]), int(days[-1]) + 2)
    slow = np.interp(days, mornings, chance.normal(0, 1, len(mornings)))
    if quantity == "temperature":
        return np.round(9 + 10 * season + 4 * np.sin((hour - 9) / 24 * 2 * math.pi) + 3 * slow + 0.3 * noise, 1)
    if quantity == "humidity":
        return np.round(
            np.clip(74 - 8 * season - 12 * np.sin((hour - 9) / 24 * 2 * math.pi) + 6 * slow + noise, 15, 100)
        )
    if quantity == "rain":
        return np.round(np.where(slow + chance.random(len(times)) > 1.6, chance.gamma(1.2, 1.1, len(times)), 0), 1)
    if quantity == "dust":
        return np.round(
            np.clip(9 - 4 * season + 3 * slow + 2 * np.cos((hour - 8) / 12 * 2 * math.pi) + noise, 1, None), 1
        )
    if quantity == "spaces":
        return np.round(np.clip(160 - 120 * np.exp(-(((hour - 13) / 4.5) ** 2)) + 15 * slow + 6 * noise, 0, 210))
    if quantity == "people":
        return np.round(np.clip(420 * np.exp(-(((hour - 15) / 4) ** 2)) + 40 * slow + 15 * noise, 0, None))
    return np.round(np.clip(25 + 22 * season + 14 * slow + noise, 0.5, 199), 1)


def fill(folder: Path, days: int) -> dict:
    """Everything, written by the same services as in life."""
    from allmende.accounts.actors import SYSTEM
    from allmende.accounts.services import create_administrator
    from allmende.catalogue.services import register_dataset
    from allmende.observations.services import append_table, register_thing

    datasets = open_datasets()
    hidden = register_dataset(
        SYSTEM, "intern", {"de": "Intern", "en": "Internal"}, access_class="protected", legal_ground="§ 1 Test"
    )
    register_thing(SYSTEM, dataset=hidden, name={"de": "Geheime Stelle", "en": "Secret place"}, external_key="g")
    now = datetime.now(UTC).replace(microsecond=0)
    codes, things = {}, {}
    for number, (key, (slug, german, english, east, north, quantities)) in enumerate(THINGS.items()):
        thing = register_thing(
            SYSTEM,
            dataset=datasets[slug],
            name={"de": german, "en": english},
            external_key=key,
            point=(CENTRE[0] + east, CENTRE[1] + north),
            properties={"Höhe über Grund": "2 m"},
            description={"de": "Ein erfundener Ort.", "en": "A made-up place."},
        )
        things[key] = thing.code
        for quantity in quantities.split():
            stream = datastream(thing, key, quantity)
            codes[f"{key}/{quantity}"] = stream.code
            if key != "baum-silent":
                end = now - timedelta(hours=9) if key == "baum-late" else now - timedelta(seconds=40)
                append_table(SYSTEM, history(stream.code, quantity, end, days, number))
    open_trees(datasets)
    administrator = create_administrator("admin@example.org", PASSWORD)
    things |= citizen_sensors(administrator)
    things |= asked_for(administrator)
    (folder / "ground.geojson").write_text(json.dumps(ground()))
    return {"datastreams": codes, "things": things, "administrator": str(administrator), "password": PASSWORD}


def open_datasets() -> dict:
    """slug: Dataset, for everything that the office publishes."""
    from allmende.accounts.actors import SYSTEM
    from allmende.accounts.services import create_organisation
    from allmende.catalogue.licences import DL_ZERO
    from allmende.catalogue.services import register_dataset

    office = create_organisation(SYSTEM, {"de": "Amt für Umwelt", "en": "Environment office"})
    return {
        slug: register_dataset(
            SYSTEM,
            slug,
            {"de": german, "en": english},
            owner=office.pk,
            licence=DL_ZERO,
            simulated=True,
            description={
                "de": f"Messwerte: {german}. Erfunden für Tests.",
                "en": f"Values: {english}. Made up for tests.",
            },
            purpose={
                "de": "Damit alle sehen, was die Stadt misst.",
                "en": "So that everybody sees what the town measures.",
            },
        )
        for slug, (german, english) in DATASETS.items()
    }


def open_trees(datasets: dict) -> None:
    """A dataset with a table in two versions."""
    from allmende.accounts.actors import SYSTEM
    from allmende.catalogue.services import register_dataset
    from allmende.run.demo.opendata import load_trees

    owner = next(iter(datasets.values())).owner_id
    titles = {"de": "Baumkataster", "en": "Register of trees"}
    load_trees(register_dataset(SYSTEM, "baumkataster", titles, owner=owner, themes=["ENVI"], simulated=True))


def asked_for(administrator) -> dict[str, str]:
    """A request for data that is refused, one that is worked on, and one that nobody has looked at."""
    from allmende.accounts.actors import ANONYMOUS
    from allmende.catalogue.services import asking

    made = {}
    for key, title in (("refused", "Namen von Baumpaten"), ("open", "Gefällte Bäume seit 2015"), ("new", "Bänke")):
        request, _secret = asking.ask(ANONYMOUS, title, f"Für den Test: {title}.")
        made[f"request-{key}"] = request.code
        if key != "new":
            asking.admit(administrator, request)
        if key == "refused":
            asking.refuse(administrator, request, "Es sind Namen von Menschen.", "Art. 6 Abs. 1 DSGVO")
    return made


def datastream(thing, key: str, quantity: str):
    """The datastream of one quantity at a thing."""
    from allmende.accounts.actors import SYSTEM
    from allmende.observations.services import register_datastream

    definition, german, english, unit, holding, seconds, low, high = QUANTITIES[quantity]
    name = f"{key}/{quantity}"
    return register_datastream(
        SYSTEM,
        thing=thing,
        name={"de": german, "en": english},
        observed_property=(f"https://example.org/property/{definition}", {"de": german, "en": english}),
        unit=unit,
        sensor="Modell A",
        external_key=name,
        expected_interval=seconds,
        minimum=low,
        maximum=high,
        sentinels=[-9999],
        holding=holding,
        properties={"featured": FEATURED[name]} if name in FEATURED else {},
    )


def history(code: str, quantity: str, end: datetime, days: int, seed: int):
    """The values of a datastream, as a table to append: with twelve days missing, and one implausible temperature."""
    import numpy as np
    import pyarrow as pa

    *_, holding, seconds, _, _ = QUANTITIES[quantity]
    every = (seconds or 900) * 1_000_000
    last = int(end.timestamp()) * 1_000_000
    times = np.arange(last - days * DAY, last + 1, every, dtype=np.int64)
    values = wave(quantity, times, seed)
    keep = ~((times > last - 100 * DAY) & (times < last - 88 * DAY))
    if holding == "until_next":
        keep &= np.append([True], np.diff(values) != 0)
    times, values = times[keep], values[keep]
    if quantity == "temperature":
        values[-30] = 77.0  # flagged
    return pa.table(
        {
            "datastream": pa.array([code] * len(times)).dictionary_encode(),
            "time": pa.array(times, pa.timestamp("us", tz="UTC")),
            "value": pa.array(values, pa.float64()),
        }
    )


def citizen_sensors(administrator) -> dict[str, str]:
    """Codes of a sensor that somebody has offered, of one that was approved, and of its thing."""
    from allmende.accounts.actors import SYSTEM
    from allmende.observations.care import citizens

    waiting, approved = (
        citizens.offer(
            administrator, name=name, quantities=["temperature"], point=CENTRE, device="Bausatz", interval=600
        )
        for name in ("Garten (wartet)", "Balkon")
    )
    citizens.approve(SYSTEM, approved)
    balcony = citizens.get_mine(administrator, approved.code).thing.code
    return {"balkon": balcony, "citizen-waiting": waiting.code, "citizen-approved": approved.code}


def ground() -> dict:
    """A made-up background: a river, a park, built-up blocks, a ring road and streets."""
    lon, lat = CENTRE

    def line(kind, *points):
        return {
            "type": "Feature",
            "properties": {"kind": kind},
            "geometry": {"type": "LineString", "coordinates": [[lon + x, lat + y] for x, y in points]},
        }

    def area(kind, *points):
        ring = [[lon + x, lat + y] for x, y in (*points, points[0])]
        return {"type": "Feature", "properties": {"kind": kind}, "geometry": {"type": "Polygon", "coordinates": [ring]}}

    circle = [(0.014 * math.cos(a / 12 * math.pi), 0.010 * math.sin(a / 12 * math.pi)) for a in range(25)]
    blocks = [
        area("built", (x, y), (x + 0.0035, y), (x + 0.0035, y + 0.0022), (x, y + 0.0022))
        for x in (-0.012, -0.008, -0.004, 0.004, 0.008)
        for y in (-0.008, -0.005, 0.001, 0.004)
    ]
    river = [(0.025, -0.02), (0.014, -0.012), (0.004, -0.006), (0.001, 0.003), (0.004, 0.012), (0.002, 0.025)]
    features = [
        area("green", (0.006, 0.005), (0.014, 0.005), (0.014, 0.012), (0.006, 0.012)),
        area("green", (0.008, -0.02), (0.02, -0.02), (0.02, -0.011), (0.01, -0.012)),
        *blocks,
        line("river", *river),
        line("road", *circle),
        line("street", (-0.02, 0.0), (0.02, 0.0)),
        line("street", (-0.002, -0.018), (-0.002, 0.018)),
        line("rail", (-0.02, -0.012), (-0.005, -0.0075), (0.02, -0.004)),
    ]
    return {"type": "FeatureCollection", "features": features}


def main(folder: str, days: int) -> None:
    os.environ["ALLMENDE_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
    Path(folder).mkdir(parents=True, exist_ok=True)
    import django

    django.setup()
    from allmende.observations.store import runtime
    from allmende.run.databases import prepare

    prepare()
    seeds = fill(Path(folder), days)
    runtime.release()
    print(json.dumps(seeds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 400)
