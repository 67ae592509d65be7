"""What is looked after while the server runs: all sensors every half minute, mails, requests for data."""

import asyncio
from time import monotonic

from allmende.catalogue.services.asking import forget_addresses
from allmende.catalogue.uses import counting
from allmende.core.connections import cleanly
from allmende.observations.care import notices, noting, watching
from allmende.observations.care.live import live
from allmende.web.mails import send_due
from allmende.web.request_mails import send_answers

EVERY_SECONDS = 30.0
_TIDY_SECONDS = 86_400.0


async def care(stop: asyncio.Event) -> None:
    """Looks again and again; once a day forgets what is old."""
    watch = watching.Watch()
    tidied = -_TIDY_SECONDS
    while not stop.is_set():
        await asyncio.to_thread(cleanly, look, watch)
        if monotonic() - tidied > _TIDY_SECONDS:
            await asyncio.to_thread(cleanly, tidy)
            tidied = monotonic()
        try:
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
        except TimeoutError:
            continue


def look(watch: watching.Watch) -> None:
    """One round: rules for the way in, states, notes that are over, and who is told."""
    live.refresh()
    watch.look()
    noting.end_notes()
    notices.settle()
    notices.plan_daily()
    send_due()
    send_answers()
    counting.flush()


def tidy() -> None:
    """Forgets changes of state, mails that are old, and addresses that are not needed any more."""
    watching.forget_old()
    notices.forget_old()
    forget_addresses()
