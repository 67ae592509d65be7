"""Taking observations out for good: the right to erasure, and retention times that run out."""

from django.db import transaction

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.core import audit, outbox
from allmende.observations.queries.things import get_datastream
from allmende.observations.stores import here


def erase(actor: Actor, datastream: str, begin: int | None = None, end: int | None = None) -> int:
    """Erases observations with begin <= time < end (µs UTC) physically; returns how many there were.

    Raises Denied, UnknownDatastream, StoreError. The deed stays on the audit trail, the values do not.
    """
    stream = get_datastream(actor, datastream)
    require(actor, "observations:manage", stream.dataset)
    gone = here().erase(stream.pk, begin, end)
    details = {"from": begin, "to": end, "erased": gone}
    with transaction.atomic():  # not around the erasing itself, which takes seconds
        audit.record(actor.kind, actor.code, "observations.erased", "datastream", datastream, details)
        outbox.publish("observations.erased", {"kind": "datastream", "code": datastream})
    return gone
