"""Observations whose retention time is over: which they are, and erasing them, all in one go.

An observation is due so many days after its phenomenon time as its Datastream or its Dataset says, whichever is less.
While a Dataset is on hold nothing of it is due.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.queries import Dataset
from allmende.catalogue.retention import held_datasets
from allmende.core import audit, outbox
from allmende.core.clock import from_us, now, to_us
from allmende.observations.models import Datastream
from allmende.observations.stores import here

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Span:
    """Everything of a Datastream before this time (µs UTC) is due."""

    datastream: int
    code: str
    dataset: str
    before: int


def due_spans(moment: datetime | None = None) -> list[Span]:
    """The Datastreams that hold observations which are due at this moment (None: now)."""
    at = moment or now()
    limited = Datastream.objects.filter(Q(retention_days__gt=0) | Q(dataset__retention_days__gt=0))
    limited = limited.exclude(dataset__in=held_datasets()).order_by("pk")
    rows = limited.values_list("pk", "code", "dataset__code", "retention_days", "dataset__retention_days")
    spans = [Span(pk, code, dataset, _before(at, days)) for pk, code, dataset, *days in rows.iterator()]
    found = []
    for begin in range(0, len(spans), _AT_ONCE):
        some = spans[begin : begin + _AT_ONCE]
        extents = here().extents([span.datastream for span in some])
        found += [span for span in some if span.datastream in extents and extents[span.datastream].first < span.before]
    return found


def _before(at: datetime, days: Iterable[int | None]) -> int:
    return to_us(at - timedelta(days=min(each for each in days if each)))


def by_dataset(spans: Iterable[Span]) -> Counter[str]:
    """How many Datastreams of which Dataset (code)."""
    return Counter(span.dataset for span in spans)


def erase_due(moment: datetime | None = None) -> int:
    """Erases what is due physically, on behalf of the system; returns how many observations. The file is written anew
    once, and readers wait for that long. Raises StoreError; what could not be erased is due again with the next run."""
    spans = due_spans(moment)
    if not spans:
        return 0
    gone = here().erase_spans([(span.datastream, None, span.before) for span in spans])
    with transaction.atomic():
        for code, number in by_dataset(spans).items():
            before = max(span.before for span in spans if span.dataset == code)
            details = {"before": from_us(before).isoformat(), "datastreams": number}
            audit.record(SYSTEM.kind, SYSTEM.code, "observations.retention", "dataset", code, details)
        for span in spans:
            outbox.publish("observations.erased", {"kind": "datastream", "code": span.code})
    return gone


def oldest(dataset: Dataset) -> tuple[int, datetime | None]:
    """How many Datastreams a dataset has, and when its oldest observation was; None where there is none."""
    streams = list(Datastream.objects.filter(dataset=dataset).values_list("pk", flat=True))
    firsts: list[int] = []
    for begin in range(0, len(streams), _AT_ONCE):
        firsts += [extent.first for extent in here().extents(streams[begin : begin + _AT_ONCE]).values()]
    return len(streams), from_us(min(firsts)) if firsts else None
