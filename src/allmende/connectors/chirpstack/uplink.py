"""ChirpStack's events as JSON: uplinks and device states of version 4, and of version 3 with either marshaler."""

import base64
import binascii
from typing import Any

import msgspec
from django.utils.translation import gettext_noop as _

from allmende.connectors.lorawan.uplink import Uplink, best_signal, bytes_of, instant_of, text_of
from allmende.connectors.readings import Unmapped

_HEX = frozenset("0123456789abcdef")


def parse(content: dict[str, Any]) -> Uplink | None:
    """None for joins, acknowledgements, logs and whatever else is no uplink and no state. Raises Unmapped."""
    about = content.get("deviceInfo")
    device = Uplink(
        device=_eui(about.get("devEui") if isinstance(about, dict) else content.get("devEUI")),
        name="",
        counter=content.get("fCnt") if isinstance(content.get("fCnt"), int) else None,
    )
    names = about if isinstance(about, dict) else content
    device = device._replace(
        name=text_of(names.get("deviceName")),
        application=text_of(names.get("applicationName")),
        profile=text_of(names.get("deviceProfileName")),
    )
    if "batteryLevel" in content or "margin" in content:
        return _state(content, device)
    if not {"rxInfo", "data", "object", "objectJSON"} & content.keys():
        return None
    gateways = content.get("rxInfo")
    heard = [each.get("time") for each in gateways if isinstance(each, dict)] if isinstance(gateways, list) else []
    rssi, snr = best_signal(gateways, "rssi", ("snr", "loRaSNR"))
    return device._replace(
        time=instant_of(content.get("time"), *heard, content.get("publishedAt")),
        port=content.get("fPort") if isinstance(content.get("fPort"), int) else None,
        data=bytes_of(content.get("data")),
        decoded=_decoded(content),
        rssi=rssi,
        snr=snr,
    )


def _state(content: dict[str, Any], device: Uplink) -> Uplink:
    """The battery as the device answered it to the network (LoRaWAN's DevStatusAns)."""
    level = content.get("batteryLevel")
    usable = isinstance(level, int | float) and not isinstance(level, bool)
    if content.get("batteryLevelUnavailable") or content.get("externalPowerSource") or not usable:
        level = None
    time = instant_of(content.get("time"), content.get("publishedAt"))
    return device._replace(time=time, battery=None if level is None else float(level), decoded={})


def _decoded(content: dict[str, Any]) -> Any:
    """What the codec of the device profile made of it; an empty object means that there is no codec."""
    found = content.get("object")
    if found is None and isinstance(content.get("objectJSON"), str) and content["objectJSON"]:
        try:
            found = msgspec.json.decode(content["objectJSON"])
        except (msgspec.DecodeError, RecursionError):
            raise Unmapped(_("«objectJSON» is no JSON.")) from None
    return found or None


def _eui(given: Any) -> str:
    """The EUI in hexadecimal; version 3 may send it in base64. Raises Unmapped."""
    text = str(given or "").strip()
    if len(text) == 16 and set(text.lower()) <= _HEX:
        return text.lower()
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 8:
        raise Unmapped(_("There is no devEui; is this an event of ChirpStack (JSON, not Protobuf)?"))
    return raw.hex()
