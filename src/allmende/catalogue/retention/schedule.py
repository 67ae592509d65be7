"""What is due to be erased, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allmende.catalogue.models import Dataset, Version, VersionState
from allmende.catalogue.retention.holds import held_datasets
from allmende.core.clock import now


@dataclass(frozen=True, slots=True)
class Due:
    """A version and from when on it is due."""

    version: Version
    when: datetime


def schedule(dataset: Dataset) -> list[Due]:
    """When each version of a dataset is due, the next first; nothing where its data are kept without an end. A hold is
    not looked at: it says that nothing is erased, not when."""
    if not dataset.retention_days:
        return []
    kept = Version.objects.filter(dataset=dataset).exclude(state=VersionState.ERASED).order_by("created", "number")
    return [Due(each, _when(each, dataset.retention_days)) for each in kept]


def due_versions(moment: datetime | None = None) -> list[Version]:
    """The versions of all datasets that are due at this moment (None: now) and not on hold, the oldest first."""
    at = moment or now()
    kept = Version.objects.exclude(state=VersionState.ERASED).filter(dataset__retention_days__gt=0, created__lt=at)
    kept = kept.exclude(dataset__in=held_datasets()).select_related("dataset").order_by("created", "number")
    return [each for each in kept if _when(each, each.dataset.retention_days or 0) <= at]


def _when(version: Version, days: int) -> datetime:
    """Counted from the loading rather than from the publication: from then on the data have been here."""
    return version.created + timedelta(days=days)
