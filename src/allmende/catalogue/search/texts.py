"""What of a dataset can be found: the texts that its readers see, and what facets count."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from allmende.catalogue.licences import licence
from allmende.catalogue.models import Column, Dataset, Version
from allmende.core.clock import to_us
from allmende.core.texts import VARIANTS, pick
from allmende.core.words import fold, words

TITLE, KEYWORD, COLUMN, DESCRIPTION, PLACE = 100, 60, 40, 20, 10
_BONUS = 0.1  # of what the word weighs in the other fields too
_MOST_WORDS = 3_000  # of one dataset


@dataclass(frozen=True, slots=True)
class About:
    """What lists and facets need of a dataset. title: to sort by, per language; changed: µs UTC."""

    title: dict[str, str]
    changed: int
    theme: list[str]
    kind: list[str]
    format: list[str]
    owner: list[str]
    licence: list[str]
    place: list[str]
    rhythm: list[str]
    access: list[str]

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


def weighed(dataset: Dataset, version: Version | None, dictionary: Iterable[Column]) -> dict[str, tuple[int, str]]:
    """The words of a dataset, folded, each with its weight and as it is written there."""
    held: dict[str, tuple[float, str]] = {}
    for weight, text, names in _texts(dataset, version, dictionary):
        found = words(text, names)
        if weight == TITLE:  # a title of few words says more about each of them
            weight = round(weight * (0.7 + 0.3 / max(len({each.folded for each in found}), 1)))
        for word in dict.fromkeys((each.folded, each.shown) for each in found):
            before, shown = held.get(word[0], (0.0, word[1]))
            held[word[0]] = (max(before, weight) + _BONUS * min(before, weight), shown)
    most = sorted(held.items(), key=lambda item: -item[1][0])[:_MOST_WORDS]
    return {word: (round(weight), shown[:40]) for word, (weight, shown) in most}


def _texts(dataset: Dataset, version: Version | None, dictionary: Iterable[Column]) -> Iterable[tuple[int, str, bool]]:
    """(weight, text, whether it is a name in a program), the weightiest first."""
    yield from ((TITLE, each, False) for each in _variants(dataset.title))
    yield from ((KEYWORD, str(each), False) for each in dataset.keywords)
    yield KEYWORD, dataset.slug.replace("-", " "), False
    for part in version.parts.all() if version else ():
        yield COLUMN, part.table.name, True
        yield from ((COLUMN, each, False) for each in _variants(part.table.title))
    for column in dictionary:
        yield COLUMN, column.name, True
        yield from ((COLUMN, each, True) for each in _variants(column.title))
        yield from ((DESCRIPTION, each, False) for each in _variants(column.description))
    yield from ((DESCRIPTION, each, False) for each in _variants(dataset.description))
    yield PLACE, dataset.place, False


def _variants(text: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(str(text[each]) for each in VARIANTS if text.get(each)))


def shown_columns(version: Version | None, dictionary: Iterable[Column]) -> list[Column]:
    """The entries of those columns that readers of the version see."""
    seen = {
        (part.table_id, column["name"] if isinstance(column, dict) else column)
        for part in (version.parts.all() if version else ())
        if part.published
        for column in part.published_columns
    }
    return [each for each in dictionary if not each.withheld and (each.table_id, each.name) in seen]


def shown_columns_of(versions: Iterable[Version]) -> dict[int, list[str]]:
    """The titles of the columns that readers of these versions see, by dataset."""
    listed = {version.dataset_id: version for version in versions}
    held: dict[int, list[Column]] = {}
    for column in Column.objects.filter(table__dataset__in=listed).select_related("table"):
        held.setdefault(column.table.dataset_id, []).append(column)
    return {
        number: list(dict.fromkeys(pick(each.title) or each.name for each in shown_columns(listed[number], columns)))
        for number, columns in held.items()
    }


def about(dataset: Dataset, version: Version | None) -> About:
    """What facets count of a dataset."""
    parts = [part for part in version.parts.all() if part.published] if version else []
    placed = [bool(part.geometry) for part in parts]
    known = licence(dataset.licence) if dataset.licence else None
    return About(
        title={each: _sorted_by(dataset, each) for each in ("de", "en")},
        changed=to_us(dataset.changed),
        theme=[str(each) for each in dataset.themes],
        kind=[*(["features"] if any(placed) else []), *(["table"] if not all(placed) else [])],
        format=[*(["csv", "json", "parquet"] if parts else []), *(["geojson", "gpkg"] if any(placed) else [])],
        owner=[dataset.owner.code] if dataset.owner else [],
        licence=[known.short] if known else [],
        place=[dataset.place] if dataset.place else [],
        rhythm=[dataset.frequency] if dataset.frequency else [],
        access=[str(dataset.access_class)],
    )


def _sorted_by(dataset: Dataset, language: str) -> str:
    """As a German dictionary sorts: ä like a, without regard to capitals."""
    title = dataset.title.get(language) or dataset.title.get("de") or dataset.title.get("en") or ""
    return " ".join(fold(each) for each in title.split())
