"""How the services of this room say what happened."""

from typing import Any

from allmende.accounts.actors import Actor
from allmende.catalogue.models import Dataset
from allmende.catalogue.search.indexing import index_dataset
from allmende.core import audit, outbox


def tell(actor: Actor, event: str, dataset: Dataset, details: dict[str, Any]) -> None:
    """The audit entry, the event and the search index of a change, in the transaction of the change."""
    audit.record(actor.kind, actor.code, event, "dataset", dataset.code, details)
    outbox.publish(event, {"dataset": dataset.code})
    index_dataset(dataset)
