"""Which tables are collections: those of published versions whose rows have places."""

from dataclasses import dataclass

from allmende.accounts.actors import Actor
from allmende.api.problems import not_found
from allmende.catalogue import queries
from allmende.catalogue.holdings.reading import Holding
from allmende.catalogue.queries import Dataset, Readable
from allmende.core.texts import pick

_POINTS = {"Point"}


@dataclass(frozen=True, slots=True)
class Layer:
    """A collection. id: the dataset's slug, with the table's name behind a dot where it has several layers; pinned:
    whether its version was named."""

    id: str
    found: Readable
    pinned: bool = False

    @property
    def holding(self) -> Holding:
        return self.found.holding

    @property
    def dataset(self) -> Dataset:
        return self.found.dataset

    @property
    def number(self) -> int:
        """Of the version."""
        return self.found.version.number

    @property
    def points(self) -> bool:
        """Whether all features are single points."""
        return set(self.found.part.geometry.get("types", ())) == _POINTS

    def title(self, language: str) -> str:
        """The dataset's, and the table's where there are several."""
        title = pick(self.dataset.title, language)
        return title if self.id == self.dataset.slug else f"{title}: {pick(self.found.part.table.title, language)}"


def layer(actor: Actor, id_: str, version: int | None = None, *, whole: bool = False) -> Layer:
    """The collection with this id. whole: with the data dictionary. Raises UnknownDataset, UnknownVersion, Problem
    404."""
    slug, dot, table = id_.partition(".")
    found = _whole(actor, slug, version) if whole else queries.readable_remembered(actor, slug, version)
    placed = [each for each in found if each.holding.placed]
    named = [each for each in placed if each.name == table] if dot else placed
    if not placed:
        what = f"No features of '{slug}' are published" + (f" in version {version}." if version else ".")
        raise not_found(what)
    if len(named) != 1:
        names = ", ".join(f"'{_id(each, len(placed))}'" for each in placed)
        raise not_found(f"There is no collection '{id_}'; the dataset has: {names}.")
    return Layer(_id(named[0], len(placed)), named[0], version is not None)


def _whole(actor: Actor, slug: str, version: int | None) -> list[Readable]:
    dataset = queries.get_dataset(actor, slug)
    if version is None:
        return queries.readable_tables(dataset)
    return queries.readable_tables(dataset, queries.get_version(actor, dataset, version))


def layers(actor: Actor) -> list[Layer]:
    """All collections that somebody may see, by id."""
    found = [each for each in queries.readable_currently(actor) if each.holding.placed]
    counts: dict[int, int] = {}
    for each in found:
        counts[each.dataset.pk] = counts.get(each.dataset.pk, 0) + 1
    return [Layer(_id(each, counts[each.dataset.pk]), each) for each in found]


def _id(found: Readable, count: int) -> str:
    return found.dataset.slug if count == 1 else f"{found.dataset.slug}.{found.name}"
