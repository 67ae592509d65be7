"""Pulls another SensorThings server: its things and datastreams, what it says from now on, and its history."""

import asyncio

from django.utils.translation import gettext_lazy as _

from allmende.connectors.kind import Kind, Way
from allmende.connectors.sta_pull.config import StaPullConfig, check
from allmende.connectors.sta_pull.form import StaPullForm
from allmende.connectors.sta_pull.pulling import Puller


async def run(way: Way, stop: asyncio.Event) -> None:
    """Pulls until the server stops."""
    await Puller(way).run(stop)


KIND = Kind(
    name="sta_pull",
    label=_("Another SensorThings server"),
    about=_("Copies the datastreams of another server, with their history, and follows it."),
    config=StaPullConfig,
    check=check,
    run=run,
    form=StaPullForm,
)
