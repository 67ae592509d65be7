"""What people write down: how the messages of a connector become observations. Declared, not programmed."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(max_length=200)]
Code = Annotated[str, Meta(max_length=500)]


class Register(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How to make a datastream that is not there yet. thing, thing_key and name may use names in braces;
    thing_key: empty for the thing's name; property: a URI; property_name: empty for the name."""

    thing: Text
    name: dict[str, Text]
    property: Text
    thing_key: Text = ""
    property_name: dict[str, Text] = {}
    unit: str = ""
    holding: Literal["instant", "interval", "until_next"] = "instant"
    minimum: float | None = None
    maximum: float | None = None
    sentinels: list[float] = []
    expected_interval: Annotated[int, Meta(ge=1)] | None = None


class ValueRule(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One value of a message or record. key: the external key of its datastream; path: where it is;
    numbers: what texts stand for, such as {"open": 1}; expression: computes it (see expressions); then times factor,
    plus offset; when: an expression that must hold; optional: a message without it is no fault."""

    key: Text
    path: Text = ""
    numbers: dict[str, float] = {}
    expression: Code = ""
    factor: float = 1.0
    offset: float = 0.0
    when: Code = ""
    decimal: Literal[".", ","] = "."
    optional: bool = False
    register: Register | None = None


class Mapping(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How messages become observations. topic: pattern of MQTT topics; records: path of several records in one message;
    names: names for braces, each with its path; time: path of the time, empty for the time of arrival; ahead: seconds
    that a time may lie in the future; longitude, latitude: where a thing is that has to be made."""

    values: Annotated[list[ValueRule], Meta(min_length=1, max_length=500)]
    topic: Text = ""
    format: Literal["json", "ndjson", "csv"] = "json"
    records: Text = ""
    names: dict[Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")], Text] = {}
    when: Code = ""
    time: Text = ""
    time_unit: Literal["iso", "s", "ms", "us", "local"] = "iso"
    time_zone: Text = ""
    ahead: Annotated[int, Meta(ge=0)] | None = 86_400
    longitude: Text = ""
    latitude: Text = ""
