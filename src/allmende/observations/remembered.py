"""What every read needs of the relational database, kept in memory for seconds: visible datasets, Datastreams' numbers.

A change in this process is seen at once; one in another process after LIFE seconds at the latest.
"""

import threading
from collections.abc import Iterable
from time import monotonic
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from allmende.accounts.actors import Actor
from allmende.catalogue.queries import Dataset, visible_datasets
from allmende.observations.models import Datastream

LIFE = 5.0
_MOST_ACTORS = 1_000
_MOST_STREAMS = 100_000
_MOST_SELECTIONS = 100
_WATCHED = {"observations.datastream", "catalogue.dataset", "catalogue.datasetshare"}


class Stream(NamedTuple):
    """A Datastream or MultiDatastream. id, dataset, feature: internal numbers (feature: None where it has none);
    ids_upto: see models.Datastream."""

    id: int
    code: str
    dataset: int
    multi: bool
    feature: int | None
    ids_upto: int | None = None


_FIELDS = ("pk", "code", "dataset_id", "multi", "feature_id", "ids_upto")


class Memory:
    """Thread-safe: entries are only ever replaced whole."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Forgets everything; the next look-up asks the database."""
        with self._lock:
            self._generation = object()
            self._since = monotonic()
            self._visible: dict[Actor, list[int] | None] = {}
            self._within: dict[tuple[int, ...], list[int]] = {}
            self._by_code: dict[str, Stream] = {}
            self._by_id: dict[int, Stream] = {}

    def _fresh(self) -> object:
        if monotonic() - self._since > LIFE or len(self._by_id) > _MOST_STREAMS or len(self._visible) > _MOST_ACTORS:
            self.forget()
        return self._generation

    def visible(self, actor: Actor) -> list[int] | None:
        """Internal numbers of the datasets that the actor may see, rising; None where that is every one."""
        generation = self._fresh()
        try:
            return self._visible[actor]
        except KeyError:
            pass
        numbers = list(visible_datasets(actor).order_by("pk").values_list("pk", flat=True))
        found = None if len(numbers) == Dataset.objects.count() else numbers
        with self._lock:
            if generation is self._generation:  # what was read before a change must not be kept after it
                self._visible[actor] = found
        return found

    def within(self, datasets: list[int]) -> list[int]:
        """Internal numbers of the Datastreams and MultiDatastreams in these datasets, rising."""
        generation, key = self._fresh(), tuple(datasets)
        found = self._within.get(key)
        if found is None:
            rows = Datastream.objects.filter(dataset__in=datasets)
            found = list(rows.order_by("pk").values_list("pk", flat=True))
            with self._lock:
                if generation is self._generation and len(self._within) < _MOST_SELECTIONS:
                    self._within[key] = found
        return found

    def by_code(self, code: str) -> Stream | None:
        """The stream with this code; None where there is none."""
        self._fresh()
        return self._by_code.get(code) or next(iter(self._load(code=code)), None)

    def by_id(self, numbers: Iterable[int]) -> dict[int, Stream]:
        """The streams with these internal numbers; those that do not exist are absent."""
        self._fresh()
        known = self._by_id
        wanted = set(numbers)
        found = {number: known[number] for number in wanted if number in known}
        if missing := wanted - found.keys():
            found |= {stream.id: stream for stream in self._load(pk__in=missing)}
        return found

    def _load(self, **which: Any) -> list[Stream]:
        generation = self._generation
        found = [Stream(*row) for row in Datastream.objects.filter(**which).order_by().values_list(*_FIELDS)]
        with self._lock:
            if generation is self._generation:
                self._by_code |= {stream.code: stream for stream in found}
                self._by_id |= {stream.id: stream for stream in found}
        return found


memory = Memory()


def _changed(sender: type[Model], **_: Any) -> None:
    if sender._meta.label_lower in _WATCHED:
        memory.forget()
        transaction.on_commit(memory.forget)  # somebody may have read the old state in between


def watch() -> None:
    """Forgets what is remembered when it changes in this process."""
    post_save.connect(_changed, dispatch_uid="observations-memory")
    post_delete.connect(_changed, dispatch_uid="observations-memory")
