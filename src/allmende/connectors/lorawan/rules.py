"""What people say about the devices of a network server."""

from typing import Annotated

from msgspec import Meta, Struct

from allmende.connectors.mapping.rules import Text, ValueRule


class Devices(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Rules for the devices that fit all that is given. application, profile: their names; device: how the EUI begins;
    port: the fPort; records: path of several records in the decoded values. Paths begin in the decoded values;
    expressions may look at the bytes. An empty list of values leaves those devices out."""

    values: Annotated[list[ValueRule], Meta(max_length=200)]
    application: Text = ""
    profile: Text = ""
    device: Text = ""
    port: Annotated[int, Meta(ge=0, le=255)] | None = None
    records: Text = ""


class Lorawan(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """topic: pattern of MQTT topics; devices: rules, of which the first that fits counts; automatic: every decoded
    number of devices without rules becomes a datastream; leave_out: names that do not; signals: whether battery and
    signal are kept; ahead: seconds that a time may lie in the future."""

    topic: Text = ""
    devices: list[Devices] = []
    automatic: bool = True
    leave_out: list[Text] = []
    signals: bool = True
    ahead: Annotated[int, Meta(ge=0)] | None = 86_400
