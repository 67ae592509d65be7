"""An uplink, as all network servers have it in common."""

import base64
import binascii
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop as _

from allmende.connectors.readings import Unmapped
from allmende.core.clock import parse_instant


class Uplink(NamedTuple):
    """device: its EUI in lower case (or its id); profile: the sort of device; time: µs UTC, None where nobody said it;
    decoded: what the network server made of the bytes, None where it has no decoder; battery: percent."""

    device: str
    name: str
    application: str = ""
    profile: str = ""
    time: int | None = None
    counter: int | None = None
    port: int | None = None
    data: bytes = b""
    decoded: Any = None
    rssi: float | None = None
    snr: float | None = None
    battery: float | None = None
    point: tuple[float, float] | None = None


def bytes_of(text: Any) -> bytes:
    """The payload, which network servers send in base64. Raises Unmapped."""
    if not text:
        return b""
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise Unmapped(_("The payload “%(text)s” is not base64."), text=str(text)[:40]) from None


def instant_of(*texts: Any) -> int | None:
    """The first that is given as a time, in µs UTC. Raises Unmapped for one that is none."""
    for text in texts:
        if text:
            try:
                return parse_instant(str(text))
            except ValueError as error:
                raise Unmapped(_("The time “%(text)s” is none that can be."), text=str(text)[:40]) from error
    return None


def best_signal(gateways: Any, rssi: str, snr: Iterable[str]) -> tuple[float | None, float | None]:
    """(RSSI, SNR) at the gateway that heard the device best. rssi, snr: how the fields are called there."""
    heard = [each for each in gateways if isinstance(each, dict)] if isinstance(gateways, list) else []
    heard = [each for each in heard if isinstance(each.get(rssi), int | float)]
    if not heard:
        return None, None
    best = max(heard, key=lambda each: each[rssi])
    ratio = next((best[name] for name in snr if isinstance(best.get(name), int | float)), None)
    return float(best[rssi]), None if ratio is None else float(ratio)


def text_of(value: Any, longest: int = 120) -> str:
    """A name as text; empty for what is none."""
    return str(value).strip()[:longest] if isinstance(value, str | int) and not isinstance(value, bool) else ""
