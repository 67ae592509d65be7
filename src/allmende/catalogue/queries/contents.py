"""The rows of published versions: which tables a reader may ask, with the descriptions of their columns."""

from dataclasses import dataclass

from django.db.models import OuterRef, Prefetch

from allmende.accounts.actors import Actor
from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.holdings.reading import Holding
from allmende.catalogue.models import Column, Dataset, Part, Table, Version, VersionState
from allmende.catalogue.queries.datasets import get_dataset, visible_datasets
from allmende.catalogue.queries.versions import current_version, get_version


class NoContent(LookupError):
    """The dataset has no such table that could be read."""

    def __init__(self, dataset: Dataset, table: str = "") -> None:
        super().__init__(
            f"The dataset '{dataset.slug}' has no table '{table}'." if table else f"'{dataset.slug}' has no rows yet."
        )


class VersionGone(NoContent):
    """The version was there and is no more: withdrawn or erased. Carries it, so that the answer can say why."""

    def __init__(self, version: Version) -> None:
        super().__init__(version.dataset)
        self.version = version
        said = {"withdrawn": "was withdrawn", "erased": "is erased"}[str(version.state)]
        when = f" on {version.ended:%Y-%m-%d}" if version.ended else ""
        self.args = (f"Version {version.number} of '{version.dataset.slug}' {said}{when}: {version.end_reason}",)


@dataclass(frozen=True)
class Readable:
    """A table in a published version, to be asked through `catalogue.holdings.reading`. dictionary: the entry of each
    column, by name."""

    dataset: Dataset
    version: Version
    part: Part
    holding: Holding
    dictionary: dict[str, Column]

    @property
    def name(self) -> str:
        """The table's name in addresses."""
        return self.part.table.name

    @property
    def only(self) -> bool:
        """Whether the version has no other table."""
        return len(self.version.parts.all()) == 1


def readable(actor: Actor, slug: str, table: str = "", version: int | str | None = None) -> Readable:
    """The table of this name (empty: the only or first one) of the current version, or of the one with this number.

    Raises UnknownDataset, UnknownVersion, VersionGone, NoContent.
    """
    dataset = get_dataset(actor, slug)
    found = get_version(actor, dataset, version) if version is not None else current_version(dataset)
    if found and found.state in (VersionState.WITHDRAWN, VersionState.ERASED):
        found.dataset = dataset
        raise VersionGone(found)
    if found is None or found.state != VersionState.PUBLISHED:
        raise NoContent(dataset)
    for part in found.parts.all():
        if part.published and table in ("", part.table.name):
            return _readable(dataset, found, part)
    raise NoContent(dataset, table)


def readable_tables(dataset: Dataset, version: Version | None = None) -> list[Readable]:
    """All tables of the current version, or of this one if it is published; the dataset must be one that the reader may
    see."""
    found = version or current_version(dataset)
    if found is None or found.state != VersionState.PUBLISHED:
        return []
    return [_readable(dataset, found, part) for part in found.parts.all() if part.published]


def readable_currently(actor: Actor) -> list[Readable]:
    """All tables of the current versions of all datasets that somebody may see, in three queries and without the data
    dictionary."""
    newest = Version.objects.filter(dataset=OuterRef("dataset"), state=VersionState.PUBLISHED).order_by("-number")
    current = Version.objects.filter(dataset__in=visible_datasets(actor).values("pk"), pk=newest.values("pk")[:1])
    parts = Part.objects.exclude(published="").select_related("table")
    found = current.select_related("dataset__owner").prefetch_related(Prefetch("parts", parts))
    return [
        Readable(version.dataset, version, part, holding_of(part), {})
        for version in found.order_by("dataset__slug")
        for part in version.parts.all()
    ]


def dictionary_of(dataset: Dataset) -> dict[str, Column]:
    """The entries of the data dictionary of a dataset's first table, by the column's name."""
    first = dataset.tables.first()
    return {each.name: each for each in first.dictionary.all()} if first else {}


def _readable(dataset: Dataset, version: Version, part: Part) -> Readable:
    dictionary = {each.name: each for each in Column.objects.filter(table=part.table_id)}
    return Readable(dataset, version, part, holding_of(part), dictionary)


def holding_of(part: Part) -> Holding:
    """The readers' file of a part."""
    columns = tuple(ColumnFacts.from_json(each) for each in part.published_columns)
    names = {each.name for each in columns}
    bbox = part.geometry.get("bbox")
    key = tuple(part.key) if set(part.key) <= names else ()
    return Holding(part.published, columns, bool(part.geometry), part.published_rows, key, bbox and tuple(bbox))


def dictionaries(dataset: Dataset) -> list[tuple[Table, list[tuple[Column, ColumnFacts | None, str]]]]:
    """The data dictionary of each table, for those who manage the dataset: the entry, the facts of the column in the
    newest version that has it, and its range in words."""
    made = []
    for table in dataset.tables.prefetch_related("dictionary"):
        newest = (
            Part.objects.filter(table=table).exclude(version__state=VersionState.ERASED).order_by("-version").first()
        )
        facts = {each.name: each for each in map(ColumnFacts.from_json, newest.columns)} if newest else {}
        entries = []
        for column in table.dictionary.all():
            one = facts.get(column.name)
            span = f"{one.least} – {one.most}" if one and one.least is not None else ""
            entries.append((column, one, span))
        made.append((table, entries))
    return made
