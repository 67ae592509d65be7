"""Setting a thing aside on the care list: somebody has seen what it needs, says so, and until when."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from allmende.accounts.actors import SYSTEM, Actor
from allmende.accounts.permissions import require
from allmende.core import audit, outbox
from allmende.core.clock import now
from allmende.observations.care.concerns import concerns
from allmende.observations.care.tables import CareNote
from allmende.observations.models import Thing

LONGEST_TEXT = 1_000


def set_aside(actor: Actor, thing: Thing, text: str = "", until: datetime | None = None) -> CareNote:
    """Notes that somebody has seen what the thing needs; an earlier note ends. until None: until it is well again.

    Raises Denied, or ValidationError for a text that is too long or a time that has passed.
    """
    require(actor, "observations:manage", thing.dataset)
    if len(text) > LONGEST_TEXT:
        raise ValidationError({"text": _("A note has at most %(most)s letters.") % {"most": LONGEST_TEXT}})
    moment = now()
    if until is not None and until <= moment:
        raise ValidationError({"until": _("That time has passed.")})
    with transaction.atomic():
        CareNote.objects.filter(thing=thing, ended=None).update(ended=moment)
        note = CareNote.objects.create(thing=thing, text=text.strip(), by=actor.code, until=until)
        _tell(actor, "care.set_aside", thing, {"until": until and until.isoformat(), "note": note.code})
    return note


def take_up(actor: Actor, thing: Thing) -> bool:
    """Ends the note, so that the thing is on the list again; returns whether there was one. Raises Denied."""
    require(actor, "observations:manage", thing.dataset)
    with transaction.atomic():
        ended = CareNote.objects.filter(thing=thing, ended=None).update(ended=now())
        if ended:
            _tell(actor, "care.taken_up", thing, {})
    return bool(ended)


def notes_of(actor: Actor, thing: Thing, limit: int = 20) -> list[CareNote]:
    """The notes of a thing, newest first; only for those who may write them. Raises Denied."""
    require(actor, "observations:manage", thing.dataset)
    return list(CareNote.objects.filter(thing=thing)[:limit])


def end_notes(moment: datetime | None = None) -> int:
    """Ends notes whose time has passed, and those without a time whose thing is well again; returns how many."""
    moment = moment or now()
    open_now = CareNote.objects.filter(ended=None)
    ended = open_now.filter(until__lte=moment).update(ended=moment)
    waiting = set(open_now.filter(until=None).values_list("thing_id", flat=True))
    if not waiting:
        return ended
    ill = {concern.thing for concern in concerns(SYSTEM, moment, things=waiting)}
    return ended + open_now.filter(until=None, thing__in=waiting - ill).update(ended=moment)


def _tell(actor: Actor, event: str, thing: Thing, details: dict[str, object]) -> None:
    audit.record(actor.kind, actor.code, event, "thing", thing.code, details)
    outbox.publish(event, {"thing": thing.code})
