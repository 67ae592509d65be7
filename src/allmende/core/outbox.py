"""The outbox: what happened is written in the transaction of the change itself and told to others afterwards.

Rooms below publish, rooms above subscribe; so news travels upward without an import. Every handler hears every event
at least once. Events of one name arrive in order: while one fails, later ones of its name wait, those of other names
go on. After MOST_ATTEMPTS an event is given up ("dead"), its error kept, and the queue goes on.
"""

import logging
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min, Q

from allmende.core.clock import now
from allmende.core.models import Event

Handler = Callable[[dict[str, Any]], None]

MOST_ATTEMPTS = 8  # with the doubling pauses below: given up after about 40 minutes
FIRST_PAUSE = timedelta(seconds=20)
CLAIM = timedelta(minutes=2)  # a deliverer that died holds an event no longer than this

_handlers: dict[str, dict[str, Handler]] = {}
_log = logging.getLogger("allmende.outbox")


def publish(name: str, payload: dict[str, Any]) -> None:
    """Writes an event (`room.what_happened`, JSON payload) that exists exactly if the caller's transaction commits.

    Raises RuntimeError outside a transaction: the event and the change could then come apart.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"The event {name} must be published inside the transaction of its change.")
    moment = now()
    Event.objects.create(name=name, payload=payload, created=moment, due=moment)


def subscribe(name: str) -> Callable[[Handler], Handler]:
    """Decorator: calls the function with the payload of each event of that name, inside a transaction of its own.

    What the handler writes commits together with the note that it was told. It has to be quick (it holds the write lock
    on SQLite) and should start a job for anything longer or for anything outside the database. Raises ValueError when
    a function of that name listens already: events remember by name who was told.
    """

    def remember(handler: Handler) -> Handler:
        listeners = _handlers.setdefault(name, {})
        known_as = f"{handler.__module__}.{handler.__qualname__}"
        if known_as in listeners:
            raise ValueError(f"{known_as} listens to {name} already.")
        listeners[known_as] = handler
        return handler

    return remember


def deliver_pending(limit: int = 1000) -> int:
    """Delivers up to limit waiting events, oldest first; several processes may call it at once.

    Returns how many left the queue: delivered, or given up.
    """
    finished, progress = 0, True
    while progress:
        progress = False
        for number in _heads():
            if finished < limit and _claim(number) and _deliver(number):
                finished, progress = finished + 1, True
    return finished


def dead() -> list[dict[str, Any]]:
    """Events that were given up: id, name, payload, created, attempts and error, oldest first."""
    gone = Event.objects.filter(done=True).exclude(error="").order_by("id")
    return [dict(row) for row in gone.values("id", "name", "payload", "created", "attempts", "error")]


def revive(number: int) -> bool:
    """Puts a dead event back into the queue, to be delivered at once; returns whether there was one."""
    waiting = {"done": False, "error": "", "attempts": 0, "due": now(), "claimed_until": None}
    return Event.objects.filter(id=number, done=True).exclude(error="").update(**waiting) == 1


def forget_delivered(older_than: timedelta = timedelta(days=30)) -> int:
    """Removes events that were delivered and are older than that; dead ones stay. Returns how many."""
    return Event.objects.filter(done=True, error="", created__lt=now() - older_than).delete()[0]


def _heads() -> list[int]:
    """The oldest waiting event of each name."""
    return sorted(
        Event.objects.filter(done=False).values("name").annotate(head=Min("id")).values_list("head", flat=True)
    )


def _claim(number: int) -> bool:
    """Takes the event for this deliverer unless it is not due, done, or held by another: one conditional UPDATE."""
    moment = now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=moment)
    return Event.objects.filter(free, id=number, done=False, due__lte=moment).update(claimed_until=moment + CLAIM) == 1


def _deliver(number: int) -> bool:
    """Tells every handler that has not been told; returns whether the event has left the queue."""
    event = Event.objects.get(id=number)
    try:
        for name, handler in _handlers.get(event.name, {}).items():
            if name not in event.handled:  # else told at an earlier attempt, at which another handler failed
                _tell(event, name, handler)
    except Exception:
        return _failed(event, traceback.format_exc(limit=-5))
    Event.objects.filter(id=number).update(done=True, claimed_until=None, error="")
    return True


def _tell(event: Event, name: str, handler: Handler) -> None:
    with transaction.atomic():
        handler(event.payload)
        event.handled = [*event.handled, name]
        event.save(update_fields=["handled"])


def _failed(event: Event, error: str) -> bool:
    attempts = event.attempts + 1
    given_up = attempts >= MOST_ATTEMPTS
    pause = FIRST_PAUSE * 2 ** (attempts - 1)
    Event.objects.filter(id=event.id).update(
        attempts=attempts, error=error, done=given_up, claimed_until=None, due=now() + pause
    )
    _log.error("event %s %s %s: %s", event.id, event.name, "given up" if given_up else f"again in {pause}", error)
    return given_up
