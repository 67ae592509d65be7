"""Messages that connectors keep to mend or to try: raw data of a dataset, which go when its retention time is over."""

from datetime import datetime, timedelta

from allmende.catalogue.queries import Dataset
from allmende.catalogue.retention import held_datasets
from allmende.connectors.models import Connector, FaultyMessage
from allmende.core.clock import now, to_us


def erase_due(moment: datetime | None = None) -> int:
    """Forgets messages that are older than their dataset keeps data, on behalf of the system; returns how many."""
    at, gone = moment or now(), 0
    kept = Dataset.objects.filter(retention_days__gt=0).exclude(pk__in=held_datasets())
    for number, days in kept.values_list("pk", "retention_days"):
        old = at - timedelta(days=days or 0)
        faulty = FaultyMessage.objects.filter(connector__dataset=number, arrival__lt=to_us(old))
        gone += faulty.delete()[0]
        gone += Connector.objects.filter(dataset=number, state_at__lt=old).exclude(samples=[]).update(samples=[])
    return gone
