"""Webhooks of The Things Stack, version 3 (The Things Network): uplinks."""

from typing import Any

from django.utils.translation import gettext_noop as _

from allmende.connectors.lorawan.uplink import Uplink, best_signal, bytes_of, instant_of, text_of
from allmende.connectors.readings import Unmapped


def parse(content: dict[str, Any]) -> Uplink | None:
    """None for joins, downlinks, locations and whatever else is no uplink. Raises Unmapped."""
    ids = content.get("end_device_ids")
    uplink = content.get("uplink_message")
    if not isinstance(ids, dict):
        raise Unmapped(_("There is no «end_device_ids»; is this a webhook of The Things Stack version 3?"))
    if not isinstance(uplink, dict):
        return None
    if content.get("simulated"):
        raise Unmapped(_("The Things Stack says that this uplink is simulated; it is not kept among measured values."))
    name = text_of(ids.get("device_id"))
    application = ids.get("application_ids")
    group = text_of(application.get("application_id")) if isinstance(application, dict) else ""
    device = text_of(ids.get("dev_eui")).lower() or "/".join(part for part in (group, name) if part)
    if not device:
        raise Unmapped(_("There is neither «dev_eui» nor «device_id»."))
    rssi, snr = best_signal(uplink.get("rx_metadata"), "rssi", ("snr",))
    return Uplink(
        device=device,
        name=name,
        application=group,
        profile=_model(uplink),
        time=instant_of(uplink.get("received_at"), content.get("received_at")),
        counter=uplink.get("f_cnt") if isinstance(uplink.get("f_cnt"), int) else None,
        port=uplink.get("f_port") if isinstance(uplink.get("f_port"), int) else None,
        data=bytes_of(uplink.get("frm_payload")),
        decoded=uplink.get("decoded_payload") or None,
        rssi=rssi,
        snr=snr,
        battery=_battery(uplink),
        point=_point(uplink),
    )


def _model(uplink: dict[str, Any]) -> str:
    version = uplink.get("version_ids")
    return text_of(version.get("model_id")) if isinstance(version, dict) else ""


def _battery(uplink: dict[str, Any]) -> float | None:
    said = uplink.get("last_battery_percentage")
    value = said.get("value") if isinstance(said, dict) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _point(uplink: dict[str, Any]) -> tuple[float, float] | None:
    """Where its people say that the device is; what the network guessed is not taken for it."""
    places = uplink.get("locations")
    place = places.get("user") if isinstance(places, dict) else None
    if not isinstance(place, dict):
        return None
    longitude, latitude = place.get("longitude"), place.get("latitude")
    if not isinstance(longitude, int | float) or not isinstance(latitude, int | float):
        return None
    return (float(longitude), float(latitude)) if abs(longitude) <= 180 and abs(latitude) <= 90 else None
