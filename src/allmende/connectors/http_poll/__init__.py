"""Asks an address for JSON or CSV every so often: only for what is new, ever more seldom while it does not answer."""

import asyncio
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from msgspec import Meta

from allmende.connectors.http_poll.form import HttpPollForm
from allmende.connectors.http_poll.polling import Poller
from allmende.connectors.kind import Kind, Way
from allmende.connectors.payload import MessageConfig, decoder_of
from allmende.connectors.readings import Decoder
from allmende.connectors.wrong import WrongSetup
from allmende.core.outgoing import Refused, checked


class HttpPollConfig(MessageConfig, kw_only=True):
    """url: what to ask; every: seconds between two attempts; token: for «Authorization: Bearer»; headers: others."""

    url: Annotated[str, Meta(max_length=2000)]
    every: Annotated[int, Meta(ge=5, le=7 * 86_400)] = 300
    token: str = ""
    headers: dict[str, str] = {}


def decoder(config: HttpPollConfig) -> Decoder:
    """Raises ValueError for an address that is none, or rules that cannot work."""
    try:
        checked(config.url)
    except Refused as error:
        raise WrongSetup.of(error) from None
    return decoder_of(config)


async def run(way: Way, stop: asyncio.Event) -> None:
    """Asks until the server stops."""
    await Poller(way).run(stop)


KIND = Kind(
    name="http_poll",
    label=_("Web address"),
    about=_("Asks an address for JSON or CSV every few minutes."),
    config=HttpPollConfig,
    check=decoder,
    decoder=decoder,
    run=run,
    form=HttpPollForm,
)
