"""The rows of every SensorThings entity but Observations, as an actor may see them: what standards' faces ask.

Faces that let clients ask freely build their own conditions on these querysets; the tables stay private.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from allmende.accounts.actors import Actor
from allmende.observations.models import (
    Component,
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from allmende.observations.remembered import Stream, memory

__all__ = [
    "Stream",
    "rows_of",
    "stream_by_code",
    "streams_by_id",
    "streams_of",
    "streams_within",
    "visible_features",
    "visible_numbers",
]

_TABLES: dict[str, Callable[[], QuerySet[Any]]] = {
    "Thing": lambda: Thing.objects.all(),
    "Location": lambda: Location.objects.all(),
    "HistoricalLocation": lambda: HistoricalLocation.objects.all(),
    "Datastream": lambda: Datastream.objects.filter(multi=False),
    "MultiDatastream": lambda: Datastream.objects.filter(multi=True),
    "Sensor": lambda: Sensor.objects.all(),
    "ObservedProperty": lambda: ObservedProperty.objects.all(),
    "FeatureOfInterest": lambda: FeatureOfInterest.objects.all(),
}
_DATASET = {"HistoricalLocation": "thing__dataset"}


def visible_numbers(actor: Actor) -> list[int] | None:
    """Internal numbers of the datasets that the actor may see; None where that is every one."""
    return memory.visible(actor)


def streams_within(datasets: list[int]) -> list[int]:
    """Internal numbers of the (Multi)Datastreams in these datasets, rising. Not to be changed by the caller."""
    return memory.within(datasets)


def stream_by_code(code: str, datasets: list[int] | None) -> Stream | None:
    """The (Multi)Datastream with this code, if it lies in these datasets."""
    found = memory.by_code(code)
    return found if found and (datasets is None or found.dataset in datasets) else None


def streams_by_id(numbers: Iterable[int]) -> dict[int, Stream]:
    """(Multi)Datastreams by their internal numbers."""
    return memory.by_id(numbers)


def rows_of(entity: str, datasets: list[int] | None) -> QuerySet[Any]:
    """The rows of an entity (by its name in the singular) in these datasets, or in all. Observations are asked for
    through `searching`."""
    rows = _TABLES[entity]().order_by()
    if datasets is None:
        return rows
    if entity == "ObservedProperty":
        return rows.filter(_spoken_of(datasets))
    return rows.filter(**{f"{_DATASET.get(entity, 'dataset')}__in": datasets})


def _spoken_of(datasets: list[int]) -> Q:
    """Observed properties are vocabulary and belong to no dataset; but one that only hidden Datastreams observe tells
    what is observed there, so it is hidden with them."""
    whole = Datastream.objects.filter(observed_property=OuterRef("pk")).order_by()
    part = Component.objects.filter(observed_property=OuterRef("pk")).order_by()
    unused = ~Exists(whole) & ~Exists(part)
    return Exists(whole.filter(dataset__in=datasets)) | Exists(part.filter(datastream__dataset__in=datasets)) | unused


def visible_features(codes: Iterable[str], datasets: list[int] | None) -> dict[str, int]:
    """Internal numbers of those features of interest that lie in these datasets."""
    rows = rows_of("FeatureOfInterest", datasets).filter(code__in=set(codes))
    return dict(rows.values_list("code", "pk"))


def streams_of(datasets: list[int] | None) -> QuerySet[Datastream]:
    """Datastreams and MultiDatastreams together."""
    rows = Datastream.objects.order_by()
    return rows if datasets is None else rows.filter(dataset__in=datasets)
