"""Facts from the tables of the catalogue, a few hundred datasets at a time: 10,000 cost a few hundred queries."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from allmende.catalogue.dcat.addresses import Addresses
from allmende.catalogue.dcat.facts import ColumnEntry, DatasetFacts, OwnerFacts, TableFacts, TownFacts, VersionFacts
from allmende.catalogue.holdings.files import path_of
from allmende.catalogue.models import Column, Dataset, Part, Version, VersionState
from allmende.catalogue.vocabulary import CONTRIBUTORS, geocoding

_AT_ONCE = 250
# Rows with these names rather than objects of the tables: making 60,000 of those took as long as writing all of it.
_DATASET = (
    *("pk", "code", "slug", "title", "created", "changed", "description", "access_class", "licence", "attribution"),
    *("legal_ground", "owner_id", "contact_name", "contact_email", "themes", "keywords", "place", "place_uri"),
    *("begins", "ends", "frequency", "simulated", "source_url"),
)
_PART = (
    "version_id",
    "table_id",
    "table__name",
    "table__title",
    "published_rows",
    "size",
    "holding",
    "published",
    "geometry",
)
Row = Any  # a named tuple of such fields, or the object itself
Streams = Callable[[Sequence[int]], Mapping[int, int]]


def no_streams(ids: Sequence[int]) -> Mapping[int, int]:
    """Where nobody asks for datastreams."""
    return {}


def town_facts() -> TownFacts:
    """The town as the settings name it."""
    contributor = settings.CONTRIBUTOR
    if contributor and "://" not in contributor:
        contributor = CONTRIBUTORS + contributor
    return TownFacts(
        Addresses(settings.PUBLIC_URL.rstrip("/")), settings.TOWN_NAME, contributor, geocoding(settings.TOWN_KEY)
    )


def gather(
    datasets: QuerySet[Dataset], streams: Streams = no_streams, *, columns: bool = False
) -> Iterator[DatasetFacts]:
    """The facts of these datasets, which must be some that the reader may see, the oldest first.

    Each few hundred are a question of their own, so that the iterator may be advanced from any thread and what is added
    meanwhile comes at the end. streams: how many datastreams there are, by the number of their dataset; those are kept
    by a room above this one. columns: whether to bring the data dictionary along.
    """
    ordered, last = datasets.order_by("pk").values_list(*_DATASET, named=True), 0
    while found := list(ordered.filter(pk__gt=last)[:_AT_ONCE]):
        yield from _facts(found, streams, columns)
        last = found[-1].pk


def facts_of(
    datasets: Sequence[Dataset], streams: Streams = no_streams, *, columns: bool = False
) -> Iterator[DatasetFacts]:
    """The facts of these few datasets, which must be some that the reader may see, in their order."""
    return _facts(datasets, streams, columns)


def _facts(datasets: Sequence[Row], streams: Streams, columns: bool) -> Iterator[DatasetFacts]:
    ids = [dataset.pk for dataset in datasets]
    owners, versions = _owners(ids), _versions(ids)
    parts = _parts([found[0].pk for found in versions.values()])
    entries = _entries(parts) if columns else {}
    counts = streams(ids)
    for dataset in datasets:
        found = versions.get(dataset.pk, [])
        tables = [_table(part, entries.get(part.table_id, ())) for part in parts.get(found[0].pk, [])] if found else []
        owner = owners.get(dataset.owner_id)
        yield _dataset(dataset, owner, [_version(each) for each in found], tables, counts.get(dataset.pk, 0))


def _owners(datasets: Sequence[int]) -> dict[int, OwnerFacts]:
    found = Dataset.objects.filter(pk__in=datasets, owner__isnull=False).order_by("owner_id")
    names = ("owner_id", "owner__code", "owner__name", "owner__homepage", "owner__sector")
    return {number: OwnerFacts(*said) for number, *said in found.values_list(*names).distinct()}


def _versions(datasets: Sequence[int]) -> dict[int, list[Row]]:
    """Published ones by dataset, the newest first."""
    found = Version.objects.filter(dataset__in=datasets, state=VersionState.PUBLISHED).order_by("dataset_id", "-number")
    return _grouped(found.values_list("dataset_id", "pk", "number", "code", "published", "created", "note", named=True))


def _parts(versions: Sequence[int]) -> dict[int, list[Row]]:
    found = Part.objects.filter(version__in=versions).exclude(published="").order_by("table__position", "pk")
    return _grouped(found.values_list(*_PART, named=True))


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """By the first field."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


def _entries(parts: Mapping[int, list[Row]]) -> dict[int, list[ColumnEntry]]:
    """The data dictionary of what readers get, by table."""
    versions = list(parts)
    published = Part.objects.filter(version__in=versions).values_list("table_id", "published_columns", "columns")
    kinds = {
        table: {each["name"]: str(each["type"]) for each in columns if each["name"] in names}
        for table, names, columns in published
    }
    found: dict[int, list[ColumnEntry]] = defaultdict(list)
    for column in Column.objects.filter(table__in=kinds):
        kind = kinds[column.table_id].get(column.name)
        if kind:
            entry = ColumnEntry(column.name, kind, column.title, column.description, column.unit)
            found[column.table_id].append(entry)
    return found


def _table(part: Row, columns: Iterable[ColumnEntry]) -> TableFacts:
    bbox = part.geometry.get("bbox")
    return TableFacts(
        name=part.table__name,
        title=part.table__title,
        rows=part.published_rows,
        size=_size(part),
        placed=bool(part.geometry),
        bbox=tuple(bbox) if bbox else None,
        columns=tuple(columns),
    )


def _size(part: Row) -> int:
    """Of the file that readers get, which may be poorer than the office's; 0 where it is not there."""
    if part.published == part.holding:
        return int(part.size)
    try:
        return path_of(part.published).stat().st_size
    except (OSError, ValueError):
        return 0


def _version(version: Row) -> VersionFacts:
    return VersionFacts(version.number, version.code, version.published or version.created, version.note)


def _dataset(
    dataset: Row, owner: OwnerFacts | None, versions: list[VersionFacts], tables: list[TableFacts], streams: int
) -> DatasetFacts:
    return DatasetFacts(
        code=dataset.code,
        slug=dataset.slug,
        title=dataset.title,
        created=dataset.created,
        changed=dataset.changed,
        description=dataset.description,
        access=str(dataset.access_class),
        licence=dataset.licence,
        attribution=dataset.attribution,
        legal_ground=dataset.legal_ground,
        owner=owner,
        contact_name=dataset.contact_name,
        contact_email=dataset.contact_email,
        themes=tuple(dataset.themes),
        keywords=tuple(dataset.keywords),
        place=dataset.place,
        place_uri=dataset.place_uri,
        begins=dataset.begins,
        ends=dataset.ends,
        frequency=dataset.frequency,
        simulated=dataset.simulated,
        source_url=dataset.source_url,
        version=versions[0] if versions else None,
        earlier=tuple(versions[1:]),
        tables=tuple(tables),
        streams=streams,
    )
