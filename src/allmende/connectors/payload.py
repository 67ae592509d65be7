"""The part of a configuration that says how messages are read, over any transport: exactly one of these formats."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_noop as _

from allmende.connectors import chirpstack, ttn
from allmende.connectors.kind import WayConfig
from allmende.connectors.lorawan import Lorawan, Uplink
from allmende.connectors.mapping import Mapper, Mapping
from allmende.connectors.mapping.formats import decode_json
from allmende.connectors.readings import Decoder, Unmapped
from allmende.connectors.senml import Senml, SenmlReader
from allmende.connectors.wrong import WrongSetup


class MessageConfig(WayConfig, kw_only=True):
    """mapping: JSON or CSV by rules of one's own; senml: packs of RFC 8428; chirpstack, ttn: uplinks."""

    mapping: Mapping | None = None
    senml: Senml | None = None
    chirpstack: Lorawan | None = None
    ttn: Lorawan | None = None


FORMATS: dict[str, Callable[[Any], Decoder]] = {
    "mapping": Mapper,
    "senml": SenmlReader,
    "chirpstack": chirpstack.reader,
    "ttn": ttn.reader,
}


def format_of(config: MessageConfig) -> tuple[str, Any]:
    """(name of the format, what is said about it). Raises ValueError unless exactly one is given."""
    given = [(name, rules) for name in FORMATS if (rules := getattr(config, name)) is not None]
    if len(given) != 1:
        raise WrongSetup(_("Give exactly one of %(what)s."), what=", ".join(f"«{name}»" for name in FORMATS))
    return given[0]


def decoder_of(config: MessageConfig) -> Decoder:
    """The decoder. Raises ValueError for rules that cannot work."""
    name, rules = format_of(config)
    return FORMATS[name](rules)


def uplink_in(form: str, payload: bytes) -> Uplink | None:
    """The uplink in a message of a LoRaWAN format; None where it is none, or cannot be read."""
    try:
        return uplink_of(form, payload)
    except Unmapped:
        return None


def uplink_of(form: str, payload: bytes) -> Uplink:
    """The same for somebody who says that it is one. Raises Unmapped."""
    parse = {"chirpstack": chirpstack.parse, "ttn": ttn.parse}[form]
    content = decode_json(payload)
    found = parse(content) if isinstance(content, dict) else None
    if found is None:
        raise Unmapped(_("This is no uplink of a device, as the network server sends it."))
    return found


def topic_of(config: MessageConfig) -> str:
    """The pattern of topics; empty where none is given."""
    return str(format_of(config)[1].topic)
