"""Bringing what the store keeps of each Datastream into its row, so that the relational database can filter by it."""

from django.db import transaction

from allmende.observations.models import Datastream
from allmende.observations.stores import here

_FIELDS = ("phenomenon_begin", "phenomenon_end", "result_begin", "result_end")


def keep_extents() -> int:
    """Writes first and last times where they changed; returns to how many rows. Called before they are asked for."""
    rows = list(Datastream.objects.order_by("pk").values_list("pk", *_FIELDS))
    extents = here().extents([row[0] for row in rows])
    changed = []
    for pk, *known in rows:
        extent = extents.get(pk)
        times = [extent.first, extent.last, extent.result_first, extent.result_last] if extent else [None] * 4
        if times != known:
            changed.append(Datastream(pk=pk, **dict(zip(_FIELDS, times, strict=True))))
    with transaction.atomic():
        Datastream.objects.bulk_update(changed, _FIELDS, batch_size=500)
    return len(changed)
