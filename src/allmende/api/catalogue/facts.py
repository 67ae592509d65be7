"""Facts of datasets together with what the rooms above the catalogue know of them."""

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Count

from allmende.accounts.actors import Actor
from allmende.api.problems import not_found
from allmende.catalogue import dcat
from allmende.catalogue.queries import Dataset, UnknownDataset, get_dataset, visible_datasets
from allmende.observations.queries import visible_datastreams


def all_facts(actor: Actor, *, columns: bool = False) -> Iterator[dcat.DatasetFacts]:
    """Of all datasets that the actor may see, the oldest first, in memory a few hundred at a time."""
    return dcat.gather(visible_datasets(actor), lambda ids: streams(actor, ids), columns=columns)


def some_facts(actor: Actor, datasets: Sequence[Dataset], *, columns: bool = False) -> list[dcat.DatasetFacts]:
    """Of datasets that the actor may see, in their order."""
    return list(dcat.facts_of(datasets, lambda ids: streams(actor, ids), columns=columns))


def known_dataset(actor: Actor, slug_or_code: str) -> Dataset:
    """The dataset. Raises Problem 404."""
    try:
        return get_dataset(actor, slug_or_code)
    except UnknownDataset as error:
        raise not_found(str(error)) from error


def streams(actor: Actor, datasets: Sequence[int]) -> Mapping[int, int]:
    """How many datastreams there are, by dataset."""
    found = visible_datastreams(actor).filter(dataset__in=datasets).order_by()
    return dict(found.values_list("dataset_id").annotate(Count("pk")))
