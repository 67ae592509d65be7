"""What is new in the catalogue: versions that were published, and datasets that came without any."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from allmende.catalogue.dcat.facts import LocalText
from allmende.catalogue.models import Dataset, Part, Version, VersionState


@dataclass(frozen=True, slots=True)
class News:
    """A version, or (number 0) a dataset without one. rows: how many there are in all tables; added, removed, changed:
    against the version before, None where there was none."""

    code: str
    slug: str
    title: LocalText
    description: LocalText
    simulated: bool
    when: datetime
    number: int = 0
    note: LocalText | None = None
    rows: int = 0
    changes: tuple[int, int, int] | None = None


def news(datasets: QuerySet[Dataset], limit: int) -> list[News]:
    """The newest first. datasets: those that the reader may see."""
    versions = Version.objects.filter(dataset__in=datasets.order_by(), state=VersionState.PUBLISHED)
    newest = versions.select_related("dataset").prefetch_related("parts").order_by("-published", "-pk")[:limit]
    found = [_of_version(version) for version in newest]
    bare = datasets.filter(~Exists(Version.objects.filter(dataset=OuterRef("pk")))).order_by("-created", "-pk")[:limit]
    found += [News(each.code, each.slug, each.title, each.description, each.simulated, each.created) for each in bare]
    return sorted(found, key=lambda each: each.when, reverse=True)[:limit]


def _of_version(version: Version) -> News:
    dataset = version.dataset
    parts = [part for part in version.parts.all() if part.published]
    return News(
        dataset.code,
        dataset.slug,
        dataset.title,
        dataset.description,
        dataset.simulated,
        version.published or version.created,
        version.number,
        version.note,
        sum(part.published_rows for part in parts),
        _changes(parts),
    )


def _changes(parts: list[Part]) -> tuple[int, int, int] | None:
    compared = [part.changes for part in parts if part.changes]
    if not compared:
        return None
    added, removed, changed = (
        sum(int(each.get(name, 0)) for each in compared) for name in ("added", "removed", "changed")
    )
    return added, removed, changed


def page_moments(datasets: QuerySet[Dataset]) -> Iterator[tuple[str, datetime]]:
    """Slug and last change of each dataset, the oldest first."""
    last = 0
    ordered = datasets.order_by("pk").values_list("pk", "slug", "changed")
    while found := list(ordered.filter(pk__gt=last)[:1000]):
        yield from ((slug, changed) for _, slug, changed in found)
        last = found[-1][0]
