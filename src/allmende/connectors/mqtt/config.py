"""What an administrator says about a broker."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from allmende.connectors.mapping import Mapper, Mapping


class MqttConfig(Struct, forbid_unknown_fields=True):
    """host, port: the broker; client_id: stable, so that the broker keeps messages while we are away."""

    host: str
    mapping: Mapping
    port: Annotated[int, Meta(ge=1, le=65535)] = 1883
    tls: bool = False
    username: str = ""
    password: str = ""
    client_id: str = ""
    qos: Annotated[int, Meta(ge=0, le=1)] = 1


def read_config(given: Any) -> MqttConfig:
    """The checked configuration. Raises ValueError with the place that is wrong."""
    config = msgspec.convert(given, MqttConfig)
    Mapper(config.mapping)
    return config
