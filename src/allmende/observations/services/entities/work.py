"""One request's changes of entities: what was created, changed and deleted, and what of it the store has to do."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can, require
from allmende.catalogue.queries import Dataset
from allmende.core import audit, outbox
from allmende.observations.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from allmende.observations.queries.entities import visible_numbers
from allmende.observations.services.entities.drafts import BadEntity, Ref
from allmende.observations.services.observing import Sent

MODELS: dict[str, type[Any]] = {
    "Thing": Thing,
    "Location": Location,
    "HistoricalLocation": HistoricalLocation,
    "Datastream": Datastream,
    "MultiDatastream": Datastream,
    "Sensor": Sensor,
    "ObservedProperty": ObservedProperty,
    "FeatureOfInterest": FeatureOfInterest,
}
NOUNS = {
    "Thing": "thing",
    "Location": "location",
    "HistoricalLocation": "historical_location",
    "Datastream": "datastream",
    "MultiDatastream": "datastream",
    "Sensor": "sensor",
    "ObservedProperty": "observed_property",
    "FeatureOfInterest": "feature_of_interest",
}


_MOST_NAMED = 100


class NewObservation(NamedTuple):
    """An observation that came with entities; kept when those are. stream: code; path: where it stands in the body."""

    stream: str
    sent: Sent
    path: str


class Work:
    """Collects what happens within one transaction."""

    def __init__(self, actor: Actor, language: str = "de") -> None:
        self.actor, self.language = actor, language
        self.created: list[tuple[str, Any]] = []
        self.observations: list[NewObservation] = []
        self.names: dict[str, tuple[str, str]] = {}  # what a name such as $sensor1 stands for: (kind, code)
        self._visible = visible_numbers(actor)
        self._noted: list[tuple[str, str, str, dict[str, Any]]] = []

    def find(self, kind: str, ref: Ref, action: str = "observations:manage") -> Any:
        """The row of an entity that a body links to. Raises BadEntity where there is none that the actor may see, or do
        this action with."""
        known = self.names.get(ref.id)
        rows = MODELS[kind].objects.filter(code=known[1] if known else ref.id)
        if kind in ("Datastream", "MultiDatastream"):
            rows = rows.filter(multi=kind == "MultiDatastream")
        row = rows.first()
        if row is None or not self._sees(row, action):
            raise BadEntity(ref.path, f"There is no {kind} '{ref.id}', or you may not see it.")
        return row

    def _sees(self, row: Any, action: str) -> bool:
        dataset = dataset_of(row)
        if self._visible is None or dataset is None or dataset.pk in self._visible:
            return True
        return can(self.actor, action, dataset)

    def manage(self, row: Any) -> None:
        """Raises Denied unless the actor may change this row. A quantity that is observed is common property: who
        changes it must be allowed to change all that is measured by it."""
        dataset = dataset_of(row)
        require(self.actor, "observations:manage", dataset)
        if isinstance(row, ObservedProperty):
            used = Datastream.objects.filter(observed_property=row) | Datastream.objects.filter(
                components__observed_property=row
            )
            self.manage_datasets(used.values_list("dataset_id", flat=True))

    def manage_datasets(self, numbers: Iterable[int], action: str = "observations:manage") -> None:
        """Raises Denied unless the actor may change what lies in all of these datasets."""
        for dataset in Dataset.objects.filter(pk__in=set(numbers)).order_by("pk"):
            require(self.actor, action, dataset)

    def add(self, kind: str, row: Any) -> Any:
        """Takes a row that was created."""
        self.created.append((kind, row))
        self.note(kind, row, "registered")
        return row

    def note(self, kind: str, row: Any, what: str, details: dict[str, Any] | None = None) -> None:
        """What is to stand on the audit trail and to be told to others: `registered`, `changed` or `deleted`."""
        noun = NOUNS[kind]
        name = getattr(row, "name", None)
        self._noted.append((f"observations.{noun}.{what}", noun, row.code, details or ({"name": name} if name else {})))

    def note_removal(self, streams: Iterable[str]) -> None:
        """That observations of these Datastreams were deleted; the deed stays on the trail, the values do not."""
        codes = sorted(streams)
        details: dict[str, Any] = {"datastreams": codes[:_MOST_NAMED], "in_all": len(codes)}
        code = codes[0] if len(codes) == 1 else ""
        self._noted.append(("observations.removed", "datastream", code, details))

    def finish(self) -> None:
        """Writes the trail and the events; last in the transaction, because other writers of the trail wait for it."""
        for action, noun, code, details in self._noted:
            audit.record(self.actor.kind, self.actor.code, action, noun, code, details)
            outbox.publish(action, {"kind": noun, "code": code})
        self._noted.clear()


def dataset_of(row: Any) -> Dataset | None:
    """The dataset that decides who may do what with a row; None for quantities, which belong to none."""
    if isinstance(row, ObservedProperty):
        return None
    return row.thing.dataset if isinstance(row, HistoricalLocation) else row.dataset
