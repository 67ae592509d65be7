"""Adding versions: what a file gave becomes the next immutable version of a dataset."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.catalogue.holdings.building import Built, Plan, build
from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.holdings.comparing import Changes, Side, compare
from allmende.catalogue.loaders.tabling import LoadedTable
from allmende.catalogue.loaders.tabular.recipe import TableRecipe
from allmende.catalogue.models import Column, Dataset, Part, Table, Version
from allmende.catalogue.services.telling import tell
from allmende.core.texts import same


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one table, built and not yet part of a version. source: name, size and sha256 of the file it came
    from; aside: rows that did not fit."""

    recipe: TableRecipe
    built: Built
    source: dict[str, Any] = field(default_factory=dict)
    aside: int = 0
    kinds: tuple[str, ...] = ()


def built_from(loaded: LoadedTable, source: dict[str, Any]) -> Content:
    """Builds the file of what a loader gave. Raises duckdb.IOException where the disk is full."""
    recipe = loaded.recipe
    columns = tuple(ColumnFacts(each.name, each.source, each.type, each.unit) for each in recipe.used())
    plan = Plan(columns, recipe.key, recipe.where is not None)
    return Content(recipe, build(loaded.spool.reader(), plan), source, loaded.aside.count, loaded.kinds)


@transaction.atomic
def add_version(actor: Actor, dataset: Dataset, contents: Sequence[Content], note: str = "") -> Version | None:
    """The next version of the dataset, a draft: these tables, and those of the version before that are not named.

    None where nothing changed: then there is no new version. Raises Denied.
    """
    current = Dataset.objects.select_for_update().get(pk=dataset.pk)
    require(actor, "catalogue:manage", current)
    before = Version.objects.filter(dataset=current).exclude(state="erased").first()
    kept = {part.table.name: part for part in before.parts.select_related("table")} if before else {}
    found = {content.recipe.table: _changes(kept.get(content.recipe.table), content) for content in contents}
    if before and all(changes is not None and changes.nothing() for changes in found.values()):
        return None
    number = (Version.objects.filter(dataset=current).values_list("number", flat=True).first() or 0) + 1
    version = Version.objects.create(dataset=current, number=number, note=same(note) if note else {})
    for content in contents:
        table = _table(current, content.recipe)
        kept.pop(table.name, None)
        _part(version, table, content, found[table.name])
    for part in kept.values():
        part.pk, part.version, part.changes = None, version, Changes(0, 0, 0, keyed=bool(part.key)).to_json()
        part.published, part.published_columns = "", []
        part.save(force_insert=True)
    rows = {content.recipe.table: content.built.rows for content in contents}
    tell(actor, "version.added", current, {"version": version.code, "number": number, "rows": rows})
    return version


def _changes(before: Part | None, content: Content) -> Changes | None:
    """Against the version before; None for a table that is new."""
    if before is None:
        return None
    built = content.built
    return compare(side_of(before), Side(built.digest, built.columns, built.key, content.recipe.where is not None))


def side_of(part: Part) -> Side:
    """The office's file of a part, to be compared."""
    columns = tuple(ColumnFacts.from_json(each) for each in part.columns)
    return Side(part.holding, columns, tuple(part.key), bool(part.geometry))


def _table(dataset: Dataset, recipe: TableRecipe) -> Table:
    """The table of this name, with an entry of the data dictionary for each column."""
    title = same(recipe.title or recipe.table)
    position = dataset.tables.count()
    table, _ = Table.objects.get_or_create(
        dataset=dataset, name=recipe.table, defaults={"title": title, "position": position}
    )
    known = set(table.dictionary.values_list("name", flat=True))
    Column.objects.bulk_create(
        Column(
            table=table,
            name=each.name,
            title=same(each.source),
            unit=each.unit,
            position=position,
            withheld=each.withheld,
        )
        for position, each in enumerate(recipe.used())
        if each.name not in known
    )
    return table


def _part(version: Version, table: Table, content: Content, changes: Changes | None) -> None:
    built, recipe = content.built, content.recipe
    geometry = {}
    if recipe.where is not None:
        geometry = {"types": list(content.kinds), "bbox": built.bbox and list(built.bbox), "crs": recipe.where.crs}
    Part.objects.create(
        version=version,
        table=table,
        holding=built.digest,
        rows=built.rows,
        size=built.size,
        columns=[each.to_json() for each in built.columns],
        key=list(built.key),
        geometry=geometry,
        changes=changes.to_json() if changes else {},
        recipe=recipe.to_json(),
        source=content.source,
        aside=content.aside,
    )
