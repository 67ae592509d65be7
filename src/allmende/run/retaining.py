"""Retention while the server runs: at three in the morning of the town all that is due is erased."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from allmende.catalogue import retention as catalogue
from allmende.connectors import retention as connectors
from allmende.core.clock import now, town_zone
from allmende.core.connections import cleanly
from allmende.observations import retention as observations
from allmende.observations.stores import StoreError

logger = logging.getLogger(__name__)

_HOUR = 3
_AFTER_START = timedelta(minutes=10)  # a server that is switched off at night has to erase by day
_AGAIN = timedelta(hours=1)  # when a long download kept the store from being written anew


@dataclass(frozen=True, slots=True)
class Gone:
    """What one run erased. leftovers: files that belonged to nothing."""

    versions: int
    files: int
    bytes: int
    observations: int
    messages: int
    leftovers: int


def retain(moment: datetime | None = None) -> Gone:
    """Erases all that is due at this moment (None: now). Raises StoreError; then the rest is erased all the same."""
    versions = catalogue.erase_due(moment)
    messages = connectors.erase_due(moment)
    leftovers = catalogue.tidy_up(moment.timestamp() if moment else None)
    measured = observations.erase_due(moment)
    return Gone(versions.versions, versions.files, versions.bytes, measured, messages, leftovers)


async def keep_to_retention(stop: asyncio.Event) -> None:
    """Erases what is overdue soon after the start, then every night."""
    pause = _AFTER_START
    while not stop.is_set():
        try:
            await asyncio.wait_for(stop.wait(), pause.total_seconds())
        except TimeoutError:
            pause = await asyncio.to_thread(cleanly, _night)


def _night() -> timedelta:
    """One run; returns how long to wait for the next."""
    try:
        gone = retain()
    except StoreError as error:
        logger.warning("Observations that are due could not be erased; it is tried again in an hour: %s", error)
        return _AGAIN
    if gone.versions or gone.observations or gone.messages:
        logger.info("Retention: %s versions and %s observations are erased.", gone.versions, gone.observations)
    return until_night(now())


def until_night(moment: datetime) -> timedelta:
    """How long it is until the next three o'clock of the town."""
    here = moment.astimezone(town_zone())
    night = here.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    if night <= here:
        night = (here + timedelta(days=1)).replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    return night.astimezone(moment.tzinfo) - moment
