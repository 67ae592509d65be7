"""The structs that the native API answers with; OpenAPI is generated from them."""

from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

Text = dict[str, str]


class Sample(Struct):
    """One observation. quality: 0 good, 1 outside the plausible range, 2 the source reported no value (bits)."""

    time: datetime
    value: float | None
    quality: int
    parameters: Any = None


class Unit(Struct):
    """code: UCUM; symbol: as people write it; unece: UN/CEFACT, where there is one."""

    code: str
    symbol: str
    name: Text
    unece: str = ""


class Property(Struct):
    """What is observed. definition: a URI."""

    name: Text
    definition: str


class Datastream(Struct):
    """A series of one property, by one sensor, at one thing. citizen_sensor: a resident runs it."""

    id: str
    name: Text
    description: Text
    unit: Unit | None
    observed_property: Property
    sensor: str
    thing: str
    dataset: str
    licence: str
    simulated: bool
    citizen_sensor: bool
    holding: str
    expected_interval: int | None
    minimum: float | None
    maximum: float | None
    count: int
    first: datetime | None
    last: datetime | None
    latest: Sample | UnsetType | None = UNSET


class DatastreamPage(Struct):
    """A page of datastreams; next: the address of the following page."""

    datastreams: list[Datastream]
    next: str | None = None


class Thing(Struct):
    """A thing with its place (GeoJSON point) and its datastreams."""

    id: str
    name: Text
    description: Text
    properties: dict[str, Any]
    location: dict[str, Any] | None
    dataset: str
    licence: str
    simulated: bool
    datastreams: list[str]


class ThingPage(Struct):
    """A page of things; next: the address of the following page."""

    things: list[Thing]
    next: str | None = None


class Latest(Struct):
    """The newest observation per datastream; datastreams without any have null. simulated: those that are made up."""

    latest: dict[str, Sample | None]
    simulated: list[str]


class Observations(Struct):
    """A page of observations; next: the address of the following page."""

    datastream: str
    unit: str
    simulated: bool
    observations: list[Sample]
    next: str | None = None


class Bucket(Struct):
    """Aggregates of one bucket. start: its border in UTC; flagged: values left out; weighted_mean: by time, for series
    whose value holds until the next."""

    start: datetime
    count: int
    mean: float | None
    minimum: float | None
    maximum: float | None
    sum: float | None
    flagged: int
    weighted_mean: float | None


class Buckets(Struct):
    """Aggregates of a datastream. zone: whose calendar the borders are of."""

    datastream: str
    unit: str
    simulated: bool
    step: str
    zone: str
    buckets: list[Bucket]


class Status(Struct):
    """Whether the platform takes and gives data. writes: ok, or why they are refused."""

    version: str
    writes: str
    waiting_rows: int
    observations: int
    drain: str = field(default="ok")
