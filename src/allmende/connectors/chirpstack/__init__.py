"""ChirpStack, version 3 and 4: uplinks over its HTTP integration, or over MQTT with the kind `mqtt`."""

from django.utils.translation import gettext_lazy as _
from msgspec import field

from allmende.connectors.chirpstack.uplink import parse
from allmende.connectors.kind import Kind, WayConfig
from allmende.connectors.lorawan import Lorawan, UplinkReader


class ChirpstackConfig(WayConfig, kw_only=True):
    """What is said about the devices."""

    chirpstack: Lorawan = field(default_factory=Lorawan)


def decoder(config: ChirpstackConfig) -> UplinkReader:
    """Raises ValueError for rules that cannot work."""
    return reader(config.chirpstack)


def reader(rules: Lorawan) -> UplinkReader:
    """The same for messages over other transports."""
    return UplinkReader(rules, parse)


KIND = Kind(
    name="chirpstack",
    label=_("ChirpStack"),
    about=_("Takes the uplinks of a LoRaWAN network server, version 3 or 4, from its HTTP integration."),
    config=ChirpstackConfig,
    check=decoder,
    decoder=decoder,
    hook=True,
)
