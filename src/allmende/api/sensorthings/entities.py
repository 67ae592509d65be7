"""The schema of SensorThings 1.1 as data: which entity types there are, what they carry, and how they are linked.

Tables of OGC 18-088 § 8.2 (sensing) and § 14 (MultiDatastream). Names of the standard are isolated here.
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What type a property, a literal or an expression has."""

    NULL = "null"
    BOOLEAN = "boolean"
    NUMBER = "number"
    STRING = "string"
    ID = "id"  # a string or a number, as the service likes; here always a string
    INSTANT = "instant"  # TM_Instant
    INTERVAL = "interval"  # TM_Period
    TIME = "time"  # TM_Object: an instant or an interval
    DURATION = "duration"
    DATE = "date"
    TIME_OF_DAY = "time of day"
    GEOMETRY = "geometry"
    OBJECT = "object"  # a JSON object or array as a whole
    ANY = "any"  # what JSON may hold: known only when it is read

    @property
    def words(self) -> str:
        """The type in words, for messages."""
        return _WORDS.get(self) or f"{'an' if self[0] in 'aeiou' else 'a'} {self}"


_WORDS = {Kind.ANY: "a value of any type", Kind.OBJECT: "a JSON object"}


class Property(Struct, frozen=True, eq=False):
    """A property of an entity type. Two are the same if they are one object.

    mandatory: a create without it is refused (the standard's «mandatory» less what the service fills in by itself).
    writable: clients may set it. open: it may be followed by a path into its JSON. parts: the names that may follow,
    where the standard fixes them. many: it is a JSON array, of objects with these parts or else of texts.
    """

    name: str
    kind: Kind
    mandatory: bool = False
    writable: bool = True
    open: bool = False
    parts: tuple[str, ...] = ()
    many: bool = False


class Navigation(Struct, frozen=True, eq=False):
    """A navigation property. inverse: the name of the way back, a navigation property of the target.

    mandatory: an entity must have such a link from the start (§ 10.2, Table 24).
    """

    name: str
    target_name: str
    many: bool
    inverse: str
    mandatory: bool = False

    @property
    def target(self) -> "EntityType":
        """The entity type it leads to."""
        return ENTITY_TYPES[self.target_name]


class EntityType(Struct, frozen=True, eq=False):
    """An entity type: `name` of one, `set_name` of the collection of all."""

    name: str
    set_name: str
    properties: dict[str, Property]
    navigations: dict[str, Navigation]

    def __repr__(self) -> str:
        return f"<{self.name}>"


ID = Property("@iot.id", Kind.ID, writable=False)
SELF_LINK = Property("@iot.selfLink", Kind.STRING, writable=False)


def _text(name: str, mandatory: bool = True) -> Property:
    return Property(name, Kind.STRING, mandatory)


def _times() -> list[Property]:
    """What the service keeps of a datastream's observations (§ 8.2.4)."""
    return [
        Property("observedArea", Kind.GEOMETRY, writable=False, open=True),
        Property("phenomenonTime", Kind.INTERVAL, writable=False),
        Property("resultTime", Kind.INTERVAL, writable=False),
    ]


_OPEN_PROPERTIES = Property("properties", Kind.OBJECT, open=True)
_NAMED = (_text("name"), _text("description"))
_UNIT = ("name", "symbol", "definition")


def _type(name: str, set_name: str, properties: Iterable[Property], *navigations: Navigation) -> EntityType:
    return EntityType(name, set_name, {p.name: p for p in properties}, {n.name: n for n in navigations})


def _one(name: str, inverse: str, mandatory: bool = False) -> Navigation:
    return Navigation(name, name, False, inverse, mandatory)


def _many(name: str, target: str, inverse: str, mandatory: bool = False) -> Navigation:
    return Navigation(name, target, True, inverse, mandatory)


THING = _type(
    "Thing",
    "Things",
    [*_NAMED, _OPEN_PROPERTIES],
    _many("Locations", "Location", "Things"),
    _many("HistoricalLocations", "HistoricalLocation", "Thing"),
    _many("Datastreams", "Datastream", "Thing"),
    _many("MultiDatastreams", "MultiDatastream", "Thing"),
)

LOCATION = _type(
    "Location",
    "Locations",
    [*_NAMED, _text("encodingType"), Property("location", Kind.GEOMETRY, True, open=True), _OPEN_PROPERTIES],
    _many("Things", "Thing", "Locations"),
    _many("HistoricalLocations", "HistoricalLocation", "Locations"),
)

HISTORICAL_LOCATION = _type(
    "HistoricalLocation",
    "HistoricalLocations",
    [Property("time", Kind.INSTANT, True)],
    _one("Thing", "HistoricalLocations", True),
    _many("Locations", "Location", "HistoricalLocations", True),
)

DATASTREAM = _type(
    "Datastream",
    "Datastreams",
    [
        *_NAMED,
        Property("unitOfMeasurement", Kind.OBJECT, True, parts=_UNIT),
        _text("observationType"),
        *_times(),
        _OPEN_PROPERTIES,
    ],
    _one("Thing", "Datastreams", True),
    _one("Sensor", "Datastreams", True),
    _one("ObservedProperty", "Datastreams", True),
    _many("Observations", "Observation", "Datastream"),
)

MULTI_DATASTREAM = _type(
    "MultiDatastream",
    "MultiDatastreams",
    [
        *_NAMED,
        _text("observationType"),
        Property("multiObservationDataTypes", Kind.OBJECT, True, many=True),
        Property("unitOfMeasurements", Kind.OBJECT, True, parts=_UNIT, many=True),
        *_times(),
        _OPEN_PROPERTIES,
    ],
    _one("Thing", "MultiDatastreams", True),
    _one("Sensor", "MultiDatastreams", True),
    _many("ObservedProperties", "ObservedProperty", "MultiDatastreams", True),
    _many("Observations", "Observation", "MultiDatastream"),
)

SENSOR = _type(
    "Sensor",
    "Sensors",
    [*_NAMED, _text("encodingType"), Property("metadata", Kind.ANY, True, open=True), _OPEN_PROPERTIES],
    _many("Datastreams", "Datastream", "Sensor"),
    _many("MultiDatastreams", "MultiDatastream", "Sensor"),
)

OBSERVED_PROPERTY = _type(
    "ObservedProperty",
    "ObservedProperties",
    [_text("name"), _text("definition"), _text("description"), _OPEN_PROPERTIES],
    _many("Datastreams", "Datastream", "ObservedProperty"),
    _many("MultiDatastreams", "MultiDatastream", "ObservedProperties"),
)

OBSERVATION = _type(
    "Observation",
    "Observations",
    [
        Property("phenomenonTime", Kind.TIME),  # the service's clock where it is not sent
        Property("result", Kind.ANY, True, open=True),
        Property("resultTime", Kind.INSTANT),  # null where it is not sent
        Property("resultQuality", Kind.ANY, open=True),
        Property("validTime", Kind.INTERVAL),
        Property("parameters", Kind.OBJECT, open=True),
    ],
    # One of the two streams is mandatory; that is a rule between properties, not of one.
    _one("Datastream", "Observations"),
    _one("MultiDatastream", "Observations"),
    _one("FeatureOfInterest", "Observations"),
)

FEATURE_OF_INTEREST = _type(
    "FeatureOfInterest",
    "FeaturesOfInterest",
    [*_NAMED, _text("encodingType"), Property("feature", Kind.GEOMETRY, True, open=True), _OPEN_PROPERTIES],
    _many("Observations", "Observation", "FeatureOfInterest"),
)

_ALL = (
    THING,
    LOCATION,
    HISTORICAL_LOCATION,
    DATASTREAM,
    MULTI_DATASTREAM,
    SENSOR,
    OBSERVED_PROPERTY,
    OBSERVATION,
    FEATURE_OF_INTEREST,
)
ENTITY_TYPES = {entity.name: entity for entity in _ALL}
ENTITY_SETS = {entity.set_name: entity for entity in _ALL}
