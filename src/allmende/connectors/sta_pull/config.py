"""What an administrator says about another SensorThings server."""

from typing import Annotated

from django.utils.translation import gettext_noop as _
from msgspec import Meta

from allmende.connectors.kind import WayConfig
from allmende.connectors.wrong import WrongSetup
from allmende.core.clock import parse_instant
from allmende.core.outgoing import Refused, checked


class StaPullConfig(WayConfig, kw_only=True):
    """url: the root of the interface, up to its version; every: seconds between two looks for news; history: «all»,
    «none» or the instant from which on; filter: a $filter on its datastreams; page: observations at once; overlap:
    seconds that are read once more, because observations may come late; token: for «Authorization: Bearer»."""

    url: Annotated[str, Meta(max_length=2000)]
    every: Annotated[int, Meta(ge=5, le=86_400)] = 60
    history: Annotated[str, Meta(max_length=40)] = "all"
    filter: Annotated[str, Meta(max_length=500)] = ""
    page: Annotated[int, Meta(ge=1, le=10_000)] = 1000
    overlap: Annotated[int, Meta(ge=0, le=30 * 86_400)] = 3600
    token: str = ""
    headers: dict[str, str] = {}


def check(config: StaPullConfig) -> None:
    """Raises ValueError for an address that is none, or a history that begins at no instant."""
    try:
        parts = checked(config.url)
    except Refused as error:
        raise WrongSetup.of(error) from None
    if parts.query or parts.fragment:
        raise WrongSetup(_("Give the root of the interface, such as https://example.org/FROST-Server/v1.1."))
    if config.history not in ("all", "none"):
        parse_instant(config.history)
