"""What the catalogue knows about people in its data: the ground of the register of processing activities."""

from dataclasses import dataclass, field
from typing import Any

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.catalogue.gate.people import Roles, roles_of
from allmende.catalogue.gate.verdict import Verdict
from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.models import Dataset, Part, Version, VersionState
from allmende.catalogue.queries import visible_datasets


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table of the newest version. identifiers: columns in which the gate found such cells, by the kind of them;
    withheld: columns that readers never get."""

    title: dict[str, str]
    columns: tuple[str, ...]
    roles: Roles
    identifiers: dict[str, tuple[str, ...]]
    withheld: tuple[str, ...]
    remedies: tuple[dict[str, Any], ...]
    placed: bool
    overridden: bool


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A dataset with its newest tables. partners: names of the organisations that it is shared with."""

    dataset: Dataset
    tables: tuple[TableFacts, ...] = field(default=())
    partners: tuple[dict[str, str], ...] = field(default=())

    @property
    def people(self) -> bool:
        """Whether rows are about people, or name who answers for them."""
        return any(each.roles.people or each.roles.contacts or each.identifiers for each in self.tables)


def facts_for(actor: Actor) -> list[DatasetFacts]:
    """Of every dataset that the actor manages, by slug."""
    managed = [each for each in visible_datasets(actor).order_by("slug") if can(actor, "catalogue:manage", each)]
    newest: dict[int, Version] = {}
    kept = Version.objects.filter(dataset__in=[each.pk for each in managed]).exclude(state=VersionState.ERASED)
    for version in kept.prefetch_related("parts__table__dictionary").order_by("number"):
        newest[version.dataset_id] = version
    return [_facts(dataset, newest.get(dataset.pk)) for dataset in managed]


def _facts(dataset: Dataset, version: Version | None) -> DatasetFacts:
    partners = tuple(dict(each.organisation.name) for each in dataset.shares.select_related("organisation"))
    tables = tuple(_table(version, part) for part in version.parts.all()) if version else ()
    return DatasetFacts(dataset, tables, partners)


def _table(version: Version, part: Part) -> TableFacts:
    columns = tuple(ColumnFacts.from_json(each) for each in part.columns)
    verdict = Verdict.from_json(version.verdict.get(part.table.name, {}))
    found: dict[str, tuple[str, ...]] = {}
    for finding in verdict.findings:
        if finding.code.startswith("identifier_"):
            kind = finding.code.removeprefix("identifier_")
            found[kind] = (*found.get(kind, ()), *finding.columns)
    return TableFacts(
        title=dict(part.table.title),
        columns=tuple(each.name for each in columns),
        roles=roles_of(columns, part.table.people),
        identifiers=found,
        withheld=tuple(each.name for each in part.table.dictionary.all() if each.withheld),
        remedies=tuple(part.table.remedies),
        placed=bool(part.geometry),
        overridden=bool(version.override.get("approved_by")),
    )
