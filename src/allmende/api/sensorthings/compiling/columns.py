"""Where the properties and links of SensorThings entities lie in the tables of the observations room."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Plain:
    """A column of texts."""

    name: str


@dataclass(frozen=True, slots=True)
class Local:
    """A column of texts in several languages."""

    name: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A column of moments."""

    name: str


@dataclass(frozen=True, slots=True)
class Several:
    """Two columns, begin and end in µs UTC."""

    begin: str
    end: str


@dataclass(frozen=True, slots=True)
class Within:
    """A JSON column, or what lies in it under a path."""

    name: str
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A JSON column with a geometry; `box` where only a box around it is kept."""

    name: str
    box: bool = False


Column = Plain | Local | Moment | Several | Within | Place


@dataclass(frozen=True, slots=True)
class Hop:
    """A link: the field that leads along it, what holds of its targets, and their column for the dataset (or none)."""

    field: str
    dataset: str = "dataset"
    only: tuple[tuple[str, Any], ...] = ()


_CODE: dict[str, Column] = {"@iot.id": Plain("code")}
_LOCAL: dict[str, Column] = {**_CODE, "name": Local("name"), "description": Local("description")}
_NAMED: dict[str, Column] = {**_CODE, "name": Plain("name"), "description": Plain("description")}
_PROPERTIES: dict[str, Column] = {"properties": Within("properties")}
_STREAM: dict[str, Column] = {
    **_LOCAL,
    **_PROPERTIES,
    "observationType": Plain("observation_type"),
    "phenomenonTime": Several("phenomenon_begin", "phenomenon_end"),
    "resultTime": Several("result_begin", "result_end"),
    "observedArea": Place("", box=True),
}

COLUMNS: dict[str, dict[str, Column]] = {
    "Thing": {**_LOCAL, **_PROPERTIES},
    "Location": {**_LOCAL, **_PROPERTIES, "encodingType": Plain("encoding_type"), "location": Place("feature")},
    "HistoricalLocation": {**_CODE, "time": Moment("time")},
    "Datastream": {**_STREAM, "unitOfMeasurement": Within("unit_of_measurement")},
    "MultiDatastream": {
        **_STREAM,
        "unitOfMeasurements": Within("unit_of_measurement", ("units",)),
        "multiObservationDataTypes": Within("unit_of_measurement", ("types",)),
    },
    "Sensor": {**_NAMED, **_PROPERTIES, "encodingType": Plain("encoding_type"), "metadata": Within("metadata")},
    "ObservedProperty": {**_LOCAL, **_PROPERTIES, "definition": Plain("definition")},
    "FeatureOfInterest": {**_NAMED, **_PROPERTIES, "encodingType": Plain("encoding_type"), "feature": Place("feature")},
}

_STREAMS = {
    "Datastreams": Hop("datastreams", only=(("multi", False),)),
    "MultiDatastreams": Hop("datastreams", only=(("multi", True),)),
}
_THING = Hop("thing")
_LOCATIONS = Hop("locations")
_SENSOR = Hop("sensor")

# The quantities of a MultiDatastream are in the order of its results, and one may be in it twice (18-088 § 14).
PARTS = "components__observed_property"

HOPS: dict[str, dict[str, Hop]] = {
    "Thing": {"Locations": _LOCATIONS, "HistoricalLocations": Hop("historical_locations", dataset=""), **_STREAMS},
    "Location": {"Things": Hop("things"), "HistoricalLocations": Hop("historical_locations", dataset="thing__dataset")},
    "HistoricalLocation": {"Thing": _THING, "Locations": _LOCATIONS},
    "Datastream": {"Thing": _THING, "Sensor": _SENSOR, "ObservedProperty": Hop("observed_property", dataset="")},
    "MultiDatastream": {
        "Thing": _THING,
        "Sensor": _SENSOR,
        "ObservedProperties": Hop(PARTS, dataset=""),
    },
    "Sensor": _STREAMS,
    "ObservedProperty": {
        "Datastreams": _STREAMS["Datastreams"],
        "MultiDatastreams": Hop("components__datastream", only=(("multi", True),)),
    },
    "FeatureOfInterest": {},
    "Observation": {},
}
