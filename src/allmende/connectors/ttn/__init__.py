"""The Things Network (The Things Stack, version 3): uplinks over its webhooks, or over MQTT with the kind `mqtt`."""

from django.utils.translation import gettext_lazy as _
from msgspec import field

from allmende.connectors.kind import Kind, WayConfig
from allmende.connectors.lorawan import Lorawan, UplinkReader
from allmende.connectors.ttn.uplink import parse


class TtnConfig(WayConfig, kw_only=True):
    """What is said about the devices."""

    ttn: Lorawan = field(default_factory=Lorawan)


def decoder(config: TtnConfig) -> UplinkReader:
    """Raises ValueError for rules that cannot work."""
    return reader(config.ttn)


def reader(rules: Lorawan) -> UplinkReader:
    """The same for messages over other transports."""
    return UplinkReader(rules, parse)


KIND = Kind(
    name="ttn",
    label=_("The Things Network"),
    about=_("Takes the uplinks of LoRaWAN devices from a webhook of The Things Stack, version 3."),
    config=TtnConfig,
    check=decoder,
    decoder=decoder,
    hook=True,
)
