"""The catalogue: datasets, their versions and what is in them."""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.json import encode as _encode
from starlette.responses import Response

from allmende.api.endpoints import Call, json
from allmende.api.problems import bad_parameter
from allmende.api.threads import in_thread
from allmende.api.v1 import dataset_shapes as shapes
from allmende.catalogue import queries
from allmende.catalogue.exports import Format
from allmende.catalogue.exports.about import PLACED
from allmende.catalogue.queries import Dataset, Readable
from allmende.catalogue.search.finding import find
from allmende.catalogue.search.suggesting import suggest

Limit = Annotated[int, Meta(ge=1, le=1000, description="How many at once")]


class DatasetQuery(Struct, forbid_unknown_fields=True):
    """Parameters of the list. With q the datasets that fit best come first."""

    q: Annotated[str, Meta(description="Words to look for; forms, compounds and typing errors are understood")] = ""
    theme: Annotated[str, Meta(description="Only of this theme, such as ENVI")] = ""
    owner: Annotated[str, Meta(description="Only of this organisation (code)")] = ""
    limit: Limit = 100
    after: Annotated[str, Meta(description="The id that the last page ended with")] = ""


class SuggestQuery(Struct, forbid_unknown_fields=True):
    """What has been typed so far."""

    q: Annotated[str, Meta(description="At least two letters")] = ""
    limit: Annotated[int, Meta(ge=1, le=20, description="How many at most")] = 8
    language: Annotated[Literal["de", "en"], Meta(description="Of the titles")] = "de"
    form: Annotated[Literal["", "opensearch"], Meta(description="opensearch: as the search boxes of browsers ask")] = ""


class VersionQuery(Struct, forbid_unknown_fields=True):
    """Which version."""

    version: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="Number; the newest published one")] = None


async def list_datasets(call: Call, query: DatasetQuery) -> Response:
    """Datasets that the reader may see."""
    return json(await in_thread(_page, call, query))


async def suggest_datasets(call: Call, query: SuggestQuery) -> Response:
    """Words and datasets to offer while somebody types."""
    found = await in_thread(_suggestions, call, query)
    if query.form == "opensearch":
        texts = list(dict.fromkeys(each.text for each in found))
        return Response(_encode([query.q, texts]), media_type="application/x-suggestions+json")
    return json(shapes.Suggestions(query.q, found))


async def show_dataset(call: Call, query: VersionQuery) -> Response:
    """One dataset (code or slug) with its tables."""
    return json(await in_thread(_one, call, query))


async def list_versions(call: Call, query: Struct) -> Response:
    """All versions of a dataset that the reader may know of."""
    return json(await in_thread(_versions, call))


def _page(call: Call, query: DatasetQuery) -> shapes.DatasetPage:
    if query.q.strip():
        return _searched(call, query)
    found = queries.visible_datasets(call.actor).order_by("pk")
    if query.owner:
        found = found.filter(owner__code=query.owner)
    if query.after:
        last = found.filter(code=query.after).values_list("pk", flat=True).first()
        if last is None:
            raise bad_parameter("after", f"There is no {query.after}.")
        found = found.filter(pk__gt=last)
    wanted = (each for each in found.iterator(200) if not query.theme or query.theme in each.themes)
    rows = [each for _, each in zip(range(query.limit + 1), wanted, strict=False)]
    more = len(rows) > query.limit
    return _shaped(call, rows[: query.limit], more)


def _searched(call: Call, query: DatasetQuery) -> shapes.DatasetPage:
    """The page of a search: what fits best first."""
    numbers = find(call.actor, query.q).numbers
    found = queries.visible_datasets(call.actor)
    if query.owner or query.theme:
        kept = found.filter(owner__code=query.owner) if query.owner else found
        held = {each.pk for each in kept.iterator(200) if not query.theme or query.theme in each.themes}
        numbers = tuple(number for number in numbers if number in held)
    if query.after:
        last = found.filter(code=query.after).values_list("pk", flat=True).first()
        if last not in numbers:
            raise bad_parameter("after", f"There is no {query.after} among what was found.")
        numbers = numbers[numbers.index(last) + 1 :]
    rows = found.in_bulk(numbers[: query.limit])
    page = [rows[number] for number in numbers[: query.limit] if number in rows]
    return _shaped(call, page, len(numbers) > query.limit)


def _shaped(call: Call, rows: list[Dataset], more: bool) -> shapes.DatasetPage:
    current = queries.current_versions([each.pk for each in rows])
    page = [shape_of(call, each, current.get(each.pk), []) for each in rows]
    following = str(call.request.url.include_query_params(after=page[-1].id)) if more and page else None
    return shapes.DatasetPage(page, following)


def _suggestions(call: Call, query: SuggestQuery) -> list[shapes.Suggestion]:
    found = suggest(call.actor, query.q, query.limit, query.language)
    return [shapes.Suggestion(each.text, each.kind, each.count, each.slug) for each in found]


def _one(call: Call, query: VersionQuery) -> shapes.Dataset:
    dataset = queries.get_dataset(call.actor, call.path("id"))
    if query.version is None:
        version = queries.current_version(dataset)
    else:
        version = queries.get_version(call.actor, dataset, query.version)
    tables = queries.readable_tables(dataset, version) if version else []
    return shape_of(call, dataset, version, tables)


def _versions(call: Call) -> shapes.Versions:
    dataset = queries.get_dataset(call.actor, call.path("id"))
    return shapes.Versions([version_of(each) for each in queries.versions(call.actor, dataset)])


def shape_of(call: Call, dataset: Dataset, version: queries.Version | None, tables: list[Readable]) -> shapes.Dataset:
    """A dataset for people and programs."""
    return shapes.Dataset(
        id=dataset.code,
        slug=dataset.slug,
        title=dataset.title,
        description=dataset.description,
        access=dataset.access_class,
        owner=dataset.owner.code if dataset.owner else "",
        licence=dataset.licence,
        attribution=dataset.attribution,
        themes=dataset.themes,
        keywords=dataset.keywords,
        place=dataset.place,
        begins=dataset.begins,
        ends=dataset.ends,
        frequency=dataset.frequency,
        simulated=dataset.simulated,
        changed=dataset.changed,
        version=version_of(version) if version else None,
        tables=[table_of(call, each) for each in tables],
    )


def version_of(version: queries.Version) -> shapes.Version:
    """A version with what it changed."""
    changes = [
        shapes.Changes(
            part.table.name,
            part.changes["added"],
            part.changes["removed"],
            part.changes["changed"],
            part.changes["keyed"],
            part.changes["columns"],
        )
        for part in version.parts.all()
        if part.changes and version.state == "published"
    ]
    state = str(version.state)
    note = version.note if state in ("draft", "published") else {}  # what is taken back says only why it was
    return shapes.Version(version.code, version.number, state, version.published, note, version.end_reason, changes)


def table_of(call: Call, readable: Readable) -> shapes.Table:
    """A table with its columns and the addresses of its files."""
    part, holding = readable.part, readable.holding
    columns = []
    for facts in holding.columns:
        entry = readable.dictionary.get(facts.name)
        columns.append(
            shapes.Column(
                facts.name,
                entry.title if entry else {},
                entry.description if entry else {},
                facts.type,
                entry.unit if entry else facts.unit,
                facts.missing,
                facts.distinct,
                facts.least,
                facts.most,
            )
        )
    root = f"{call.request.base_url}api/v1/datasets/{readable.dataset.slug}/tables/{readable.name}/download"
    formats = [kind for kind in Format if holding.placed or kind not in PLACED]
    version = readable.version.number
    return shapes.Table(
        name=readable.name,
        title=part.table.title,
        rows=holding.rows,
        key=list(holding.key),
        columns=columns,
        geometry=part.geometry.get("types", []),
        bbox=part.geometry.get("bbox"),
        downloads={kind.value: f"{root}?format={kind.value}&version={version}" for kind in formats},
    )
