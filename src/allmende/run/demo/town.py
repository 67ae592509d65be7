"""What there is in Ulmenfurt: offices, datasets, things and their datastreams. Every name is invented."""

from dataclasses import dataclass, field
from typing import Any

from allmende.catalogue.licences import DL_BY, DL_ZERO
from allmende.core.signals import BATTERY_LEVEL, RSSI
from allmende.run.demo.water import Tree

NAME, RIVER = "Ulmenfurt", "Sirne"
CITIZEN = "citizen"  # holding of devices that residents run; their dataset is made when the town approves
CENTRE = (10.985, 50.705)  # where the made-up map lies

_CF = "http://vocab.nerc.ac.uk/standard_name/"
_OWN = "urn:allmende:property:"


@dataclass(frozen=True, slots=True)
class Quantity:
    """An observed property with its unit and what is plausible. digits: how finely devices report it."""

    definition: str
    german: str
    english: str
    unit: str
    digits: int
    least: float | None = None
    most: float | None = None
    holding: str = "instant"


QUANTITIES = {
    "temperature": Quantity(_CF + "air_temperature/", "Lufttemperatur", "Air temperature", "Cel", 1, -40, 50),
    "humidity": Quantity(_CF + "relative_humidity/", "Luftfeuchte", "Relative humidity", "%", 0, 5, 100),
    "rain": Quantity(
        _CF + "lwe_thickness_of_precipitation_amount/", "Niederschlag", "Precipitation", "mm", 1, 0, 60, "interval"
    ),
    "wind": Quantity(_CF + "wind_speed/", "Windgeschwindigkeit", "Wind speed", "m/s", 1, 0, 60),
    "pressure": Quantity(_CF + "air_pressure/", "Luftdruck", "Air pressure", "hPa", 1, 930, 1070),
    "tension": Quantity(_OWN + "soil-water-tension", "Saugspannung", "Soil water tension", "kPa", 1, 0, 199),
    "people": Quantity(_OWN + "pedestrians", "Passanten", "Pedestrians", "{people}", 0, 0, 5000, "interval"),
    "bicycles": Quantity(_OWN + "bicycles", "Fahrräder", "Bicycles", "{bicycles}", 0, 0, 3000, "interval"),
    "free": Quantity(_OWN + "parking-spaces-free", "Freie Plätze", "Free spaces", "{spaces}", 0, 0, None, "until_next"),
    "pm25": Quantity(
        _CF + "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air/",
        "Feinstaub PM2,5", "Fine dust PM2.5", "ug/m3", 1, 0, 1000, "interval",
    ),
    "pm10": Quantity(
        _CF + "mass_concentration_of_pm10_ambient_aerosol_particles_in_air/",
        "Feinstaub PM10", "Dust PM10", "ug/m3", 1, 0, 1500, "interval",
    ),
    "no2": Quantity(
        _CF + "mass_concentration_of_nitrogen_dioxide_in_air/",
        "Stickstoffdioxid", "Nitrogen dioxide", "ug/m3", 1, 0, 1000, "interval",
    ),
    "level": Quantity(_OWN + "water-level", "Wasserstand", "Water level", "cm", 0, 0, 600),
    "battery": Quantity(BATTERY_LEVEL.definition, "Batteriestand", "Battery level", "%", 0, 0, 100),
    "radio": Quantity(RSSI.definition, "Empfangsstärke", "Signal strength", "dB{mW}", 0, -160, 20),
    "warmth": Quantity(_CF + "water_temperature/", "Wassertemperatur", "Water temperature", "Cel", 1, -1, 35),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Office:
    key: str
    german: str
    english: str


OFFICES = (
    Office("demo-umwelt", "Amt für Umwelt und Grün", "Office for Environment and Green Spaces"),
    Office("demo-verkehr", "Amt für Verkehr", "Office for Transport"),
)


@dataclass(frozen=True, slots=True)
class Holding:
    """A dataset. slug; office: the key of its owner."""

    slug: str
    german: str
    english: str
    office: str
    purpose: tuple[str, str]
    licence: str = DL_ZERO


HOLDINGS = (
    Holding("wetter", "Wetter", "Weather", "demo-umwelt",
            ("Damit alle wissen, wie warm, nass und windig es wo in der Stadt ist.",
             "So that everybody knows how warm, wet and windy it is in which part of town.")),
    Holding("stadtbaeume-boden", "Bodenfeuchte an Stadtbäumen", "Soil moisture at town trees", "demo-umwelt",
            ("Damit Bäume gegossen werden, wenn sie Wasser brauchen.",
             "So that trees are watered when they need it.")),
    Holding("luft", "Luftqualität", "Air quality", "demo-umwelt",
            ("Damit zu sehen ist, wo die Luft Grenzwerten nahe kommt.",
             "So that one sees where the air comes close to limits."), DL_BY),
    Holding("pegel", f"Pegel der {RIVER}", f"River {RIVER}", "demo-umwelt",
            ("Damit Anwohnende bei Hochwasser rechtzeitig Bescheid wissen.",
             "So that those who live by the river know of a flood in time.")),
    Holding("passanten", "Zu Fuß und mit dem Rad", "On foot and by bicycle", "demo-verkehr",
            ("Damit Wege dort besser werden, wo viele unterwegs sind.",
             "So that paths get better where many people are.")),
    Holding("parken", "Freie Parkplätze", "Free parking spaces", "demo-verkehr",
            ("Damit niemand auf der Suche nach einem Platz im Kreis fährt.",
             "So that nobody drives in circles looking for a space."), DL_BY),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """A thing with its sensors. east, north: kilometres from the market place; step: seconds between reports;
    quantities: keys of QUANTITIES, or `tension/60` for one at a depth; how: what its model needs to know;
    featured: quantities for the first page."""

    key: str
    holding: str
    german: str
    english: str
    east: float
    north: float
    step: int
    quantities: tuple[str, ...]
    how: dict[str, Any] = field(default_factory=dict)
    featured: dict[str, int] = field(default_factory=dict)

    @property
    def point(self) -> tuple[float, float]:
        """(longitude, latitude)."""
        return round(CENTRE[0] + self.east / 70.6, 6), round(CENTRE[1] + self.north / 111.2, 6)


_ALL = ("temperature", "humidity", "rain", "wind", "pressure")
_DEPTHS = ("tension/30", "tension/60", "tension/90", "battery")


def _station(key: str, german: str, english: str, east: float, north: float, **rest: Any) -> Device:
    step, quantities = rest.pop("step", 600), rest.pop("quantities", _ALL)
    return Device(f"wetter-{key}", "wetter", german, english, east, north, step, quantities, **rest)


def _tree(
    key: str, german: str, english: str, east: float, north: float, opening: float, thirst: float, **how: Any
) -> Device:
    tree = {"tree": Tree(opening, thirst), **how}
    return Device(f"baum-{key}", "stadtbaeume-boden", german, english, east, north, 3600, _DEPTHS, tree)


def _car_park(
    key: str, german: str, english: str, east: float, north: float, capacity: int, use: str, **rest: Any
) -> Device:
    how = {"capacity": capacity, "use": use, **rest.pop("how", {})}
    return Device(f"parken-{key}", "parken", german, english, east, north, 120, ("free",), how, **rest)


def _counter(
    key: str, german: str, english: str, east: float, north: float, quantity: str, busy: int, **rest: Any
) -> Device:
    how = {"busy": busy, "market": rest.pop("market", 0.0), "flaky": rest.pop("flaky", False)}
    return Device(f"zaehler-{key}", "passanten", german, english, east, north, 600, (quantity,), how, **rest)


def _air(key: str, german: str, english: str, east: float, north: float, traffic: float, **rest: Any) -> Device:
    return Device(
        f"luft-{key}", "luft", german, english, east, north, 3600, ("pm25", "pm10", "no2"), {"traffic": traffic}, **rest
    )


DEVICES = (
    _station("markt", "Wetterstation Markt", "Weather station Market", 0.02, 0.05, step=120, how={"built": 1.0},
             quantities=("temperature", "humidity", "wind"), featured={"temperature": 1}),
    _station("suedhoehe", "Wetterstation Südhöhe", "Weather station Südhöhe", 0.7, -2.1,
             how={"above": 120, "built": 0.2}),
    _station("birkried", "Wetterstation Birkried", "Weather station Birkried", -2.6, 1.9, how={"above": -8}),
    _station("ostkai", "Wetterstation Ostkai", "Weather station Ostkai", 1.6, 0.5, how={"above": -4, "built": 0.6}),
    _tree("anger", "Linde am Anger", "Lime tree on the green", 0.25, 0.22, 0.75, 1.25),
    _tree("markt", "Ulme am Markt", "Elm at the market", -0.06, -0.03, 0.4, 0.9),
    _tree("faerberweg", "Ahorn im Färberweg", "Maple in Färberweg", -0.5, 0.35, 0.55, 0.8),
    _tree("schulhof", "Platane am Schulhof", "Plane tree in the school yard", 0.62, -0.55, 0.45, 1.2),
    _tree("gartenfeld", "Apfelbaum im Gartenfeld", "Apple tree in Gartenfeld", -1.3, -0.9, 0.95, 0.6, weak=True),
    _tree("aue", f"Esche an der {RIVER}", f"Ash by the {RIVER}", 0.9, 0.95, 1.0, 0.9),
    _tree("ring", "Feldahorn am Ulmenring", "Field maple at Ulmenring", -0.85, -0.2, 0.35, 0.8, loose=True),
    _tree("kalkhang", "Kiefer am Kalkhang", "Pine at Kalkhang", 1.7, -1.2, 0.5, 1.0, silent=True),
    _counter("marktgasse", "Marktgasse", "Marktgasse", -0.1, 0.1, "people", 620, market=0.9, featured={"people": 3}),
    _counter("bruecke", "Alte Brücke", "Old bridge", 0.3, 0.5, "people", 340, market=0.25),
    _counter("bahnhof", "Bahnhofsvorplatz", "Station square", -0.75, -0.65, "people", 480),
    _counter("promenade", "Uferpromenade", "River promenade", 1.0, 0.7, "people", 160, flaky=True),
    _counter("radweg-aue", "Radweg Sirnaue", "Cycle path Sirnaue", 1.4, 1.1, "bicycles", 190),
    _counter("rad-ring", "Radspur Ulmenring", "Cycle lane Ulmenring", -0.9, 0.25, "bicycles", 240),
    _car_park("markt", "Tiefgarage Markt", "Market underground car park", 0.08, -0.12, 240, "town",
              featured={"free": 2}),
    _car_park("bahnhof", "Parkhaus Bahnhof", "Station car park", -0.68, -0.78, 420, "commuters"),
    _car_park("ostkai", "Parkplatz Ostkai", "Car park Ostkai", 1.45, 0.32, 130, "town", how={"over": 6}),
    _car_park("theater", "Parkhaus am Theater", "Theatre car park", 0.35, -0.3, 310, "town"),
    _car_park("nordbogen", "Parkplatz Nordbogen", "Car park Nordbogen", -0.4, 1.3, 180, "commuters"),
    _car_park("kalkweg", "Anwohnergarage Kalkweg", "Residents' garage Kalkweg", 0.9, -0.9, 90, "residents"),
    _air("ring", "Luftmessstelle Ulmenring", "Air station Ulmenring", -0.92, 0.05, 1.0, featured={"no2": 4}),
    _air("schule", "Luftmessstelle Schule am Anger", "Air station school on the green", 0.4, 0.3, 0.45),
    _air("park", "Luftmessstelle Stadtpark", "Air station town park", 1.1, -0.2, 0.1),
    Device("pegel-bruecke", "pegel", "Pegel Alte Brücke", "Gauge at the old bridge", 0.32, 0.52, 900,
           ("level", "warmth", "radio"), {}, {"level": 5}),
    # A sensor of the resident among the accounts; `filling` offers it for her and has it approved.
    Device("balkon", CITIZEN, "Balkon im Lindenweg", "Balcony in Lindenweg", -0.31, 0.62, 300,
           ("temperature", "humidity", "pm25"), {"built": 0.8, "traffic": 0.5}),
)  # fmt: skip
TREES = tuple(device for device in DEVICES if "tree" in device.how)
LAYERS = 3  # depths at which a tree's soil is measured


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody to sign in as. name: the part of the address before @demo.example; office: where the role holds."""

    name: str
    german: str
    role: str = ""
    office: str = ""


ACCOUNTS = (
    Account("resident", "Einwohnerin"),
    Account("clerk", "Sachbearbeitung Umwelt", "clerk", "demo-umwelt"),
    Account("steward", "Datenpflege", "steward"),
    Account("moderator", "Moderation", "moderator"),
    Account("strategy", "Strategieleitung", "strategy_lead"),
    Account("council", "Stadtrat", "council"),
    Account("provider", "Bildungsträger", "provider"),
    Account("integrator", "Sensorbetrieb", "integrator"),
    Account("scientist", "Forschung", "scientist"),
    Account("administrator", "Administration", "administrator"),
)
