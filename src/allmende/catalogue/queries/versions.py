"""Versions of a dataset. Readers see those that are published, and that others were withdrawn; its managers see all."""

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.catalogue.models import Dataset, Part, Version, VersionState

__all__ = [
    "Part",
    "UnknownVersion",
    "Version",
    "current_version",
    "current_versions",
    "get_version",
    "newest_version",
    "versions",
]


class UnknownVersion(LookupError):
    """No such version, or none that this actor may see."""

    def __init__(self, asked: str | int) -> None:
        super().__init__(f"There is no version {asked}, or you may not see it.")
        self.asked = asked


def versions(actor: Actor, dataset: Dataset) -> QuerySet[Version]:
    """The versions that the actor may know of, the newest first. The dataset must be one that the actor may see."""
    found = Version.objects.filter(dataset=dataset).prefetch_related("parts__table")
    # What never was published is no news either when it is withdrawn or erased.
    return found if can(actor, "catalogue:manage", dataset) else found.exclude(published=None)


def current_version(dataset: Dataset) -> Version | None:
    """The newest published version: what the interfaces give when no version is named."""
    found = Version.objects.filter(dataset=dataset, state=VersionState.PUBLISHED)
    return found.prefetch_related("parts__table").first()


def current_versions(datasets: Sequence[int]) -> dict[int, Version]:
    """The current version of each of these datasets (internal numbers) that has one."""
    published = Version.objects.filter(dataset__in=datasets, state=VersionState.PUBLISHED)
    newest = dict(published.order_by("number").values_list("dataset", "pk"))  # of each dataset the last one stays
    parts = Prefetch("parts", Part.objects.select_related("table").defer("recipe", "columns", "source"))
    found = Version.objects.filter(pk__in=newest.values()).defer("verdict", "override").prefetch_related(parts)
    return {each.dataset_id: each for each in found}


def newest_version(dataset: Dataset) -> Version | None:
    """The newest version whatever its state, for those who manage the dataset."""
    return Version.objects.filter(dataset=dataset).prefetch_related("parts__table").first()


def get_version(actor: Actor, dataset: Dataset, number: int | str) -> Version:
    """The version with this number. Raises UnknownVersion."""
    found = versions(actor, dataset).filter(number=number).first() if str(number).isdecimal() else None
    if found is None:
        raise UnknownVersion(number)
    return found
