"""Publishing versions and taking them back. What readers get is a file of its own, made from what the office holds."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.catalogue.comparisons import changes_between
from allmende.catalogue.gate.examine import examine
from allmende.catalogue.gate.remedies import Applied, applied, check
from allmende.catalogue.gate.verdict import STOP, Finding, Verdict
from allmende.catalogue.holdings.comparing import Side
from allmende.catalogue.holdings.publishing import Published, published_from
from allmende.catalogue.models import AccessClass, Column, Dataset, Part, Table, Version, VersionState
from allmende.catalogue.services.telling import tell
from allmende.catalogue.services.versioning import side_of
from allmende.core.clock import now


@dataclass(frozen=True)
class NotPublishable(Exception):
    """The version cannot be published as it stands. why: in the reader's words."""

    why: str

    def __str__(self) -> str:
        return self.why


def publish_version(actor: Actor, version: Version) -> Version:
    """Makes a draft readable for those who may read its dataset. Published already: nothing happens.

    Before rows become open the gate examines the very file that readers would get; where it says stop, two people are
    needed (`ask_override`, `approve_override`). Raises Denied and NotPublishable.
    """
    require(actor, "catalogue:manage", version.dataset)
    made = [(part, _published(part)) for part in version.parts.select_related("table")]
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        current = Version.objects.select_for_update().get(pk=version.pk)
        require(actor, "catalogue:manage", dataset)
        if current.state == VersionState.PUBLISHED:
            return current
        if current.state != VersionState.DRAFT:
            raise NotPublishable(_("This version was withdrawn; add a new one instead."))
        if dataset.access_class == AccessClass.OPEN:
            _pass_gate(current, made)
        for part, published in made:
            _keep(part, published)
        current.state, current.published = VersionState.PUBLISHED, now()
        current.save()
        _tell_changes(current)
        details: dict[str, Any] = {"version": current.code, "number": current.number}
        if current.override.get("approved_by"):
            details["override"] = current.override
        tell(actor, "version.published", dataset, details)
    return current


def _pass_gate(version: Version, made: list[tuple[Part, Published]]) -> None:
    """Examines what readers would get. Raises NotPublishable where it says stop and nobody approved it all the same."""
    verdicts = {part.table.name: _verdict(part, published) for part, published in made}
    version.verdict = {name: each.to_json() for name, each in verdicts.items()}
    if any(each.stops for each in verdicts.values()) and not version.override.get("approved_by"):
        Version.objects.filter(pk=version.pk).update(verdict=version.verdict)
        raise NotPublishable(_("Something speaks against publishing these rows as they are; see below what helps."))


def _verdict(part: Part, published: Published) -> Verdict:
    side = Side(published.digest, published.columns, (), bool(part.geometry))
    emptied = any(each.get("kind") in ("hide_small", "cells") for each in part.table.remedies)
    placed, people = bool(part.geometry), part.table.people
    return examine(side.source(), published.columns, published.rows, placed=placed, people=people, emptied=emptied)


def examine_version(actor: Actor, version: Version) -> dict[str, Verdict]:
    """What the gate says of each table as it would be published now. Kept with a draft. Raises Denied."""
    require(actor, "catalogue:manage", version.dataset)
    parts = list(version.parts.select_related("table"))
    found = {part.table.name: _examined(part) for part in parts}
    if version.state == VersionState.DRAFT:
        version.verdict = {name: each.to_json() for name, each in found.items()}
        version.save(update_fields=["verdict", "changed"])
    return found


def _examined(part: Part) -> Verdict:
    try:
        return _verdict(part, _published(part))
    except NotPublishable:
        return Verdict((Finding(STOP, "remedy_unfit"),))


def set_remedies(actor: Actor, table: Table, remedies: list[dict[str, Any]]) -> Table:
    """What is done to this table whenever a version is published. Raises Denied, and ValueError for what is none."""
    newest = Part.objects.filter(table=table).order_by("-version__number").first()
    columns = side_of(newest).columns if newest else ()
    for each in remedies:
        check(each, columns)
    with transaction.atomic():
        require(actor, "catalogue:manage", table.dataset)
        if remedies != table.remedies:
            before, table.remedies = table.remedies, remedies
            table.save()
            _forget_overrides(table)
            changed = {"table": table.name, "from": before, "to": remedies}
            tell(actor, "dataset.remedies", table.dataset, changed)
    return table


def say_people(actor: Actor, table: Table, people: bool | None) -> Table:
    """Whether the rows are about people; None: as it looks. Raises Denied."""
    with transaction.atomic():
        require(actor, "catalogue:manage", table.dataset)
        if people != table.people:
            table.people = people
            table.save()
            _forget_overrides(table)
            tell(actor, "dataset.about_people", table.dataset, {"table": table.name, "people": people})
    return table


def _forget_overrides(table: Table) -> None:
    """What was approved was approved for what it was then."""
    Version.objects.filter(dataset=table.dataset, state=VersionState.DRAFT).update(override={})


def ask_override(actor: Actor, version: Version, reason: str) -> Version:
    """Asks that a draft be published although the gate says stop. A second person has to approve it. Raises Denied and
    NotPublishable."""
    if not reason.strip():
        raise NotPublishable(_("Say why: the reason is kept on the audit trail."))
    return _override(actor, version, {"by": actor.code, "reason": reason.strip()[:500], "at": now().isoformat()})


def approve_override(actor: Actor, version: Version) -> Version:
    """Approves what somebody else asked for. Raises Denied and NotPublishable."""
    asked = version.override
    if not asked.get("by"):
        raise NotPublishable(_("Nobody asked for this."))
    if asked["by"] == actor.code:
        raise NotPublishable(_("A second person has to approve this."))
    return _override(actor, version, {**asked, "approved_by": actor.code, "approved_at": now().isoformat()})


def _override(actor: Actor, version: Version, override: dict[str, Any]) -> Version:
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        require(actor, "catalogue:manage", dataset)
        current = Version.objects.select_for_update().get(pk=version.pk)
        if current.state != VersionState.DRAFT:
            raise NotPublishable(_("This version is not a draft any more."))
        current.override = override
        current.save()
        tell(actor, "version.override", dataset, {"version": current.code, **override})
    return current


def _tell_changes(version: Version) -> None:
    """Keeps what readers see changed since the version that they had before."""
    found = changes_between(version)
    parts = list(version.parts.select_related("table"))
    for part in parts:
        part.changes = found[part.table.name].to_json() if part.table.name in found else {}
    Part.objects.bulk_update(parts, ["changes"])


def remedies_of(table: Table, part: Part) -> Applied:
    """All that is done to a table: its remedies, and the columns that its dictionary withholds."""
    made = applied(table.remedies, side_of(part).columns)
    made.withheld |= set(Column.objects.filter(table=table, withheld=True).values_list("name", flat=True))
    return made


def _published(part: Part) -> Published:
    """The file that readers get. Raises NotPublishable for remedies that do not fit the rows any more."""
    try:
        return published_from(side_of(part), remedies_of(part.table, part))
    except ValueError as problem:
        raise NotPublishable(_("A remedy does not fit these rows any more. Undo it first.")) from problem


def _keep(part: Part, published: Published) -> None:
    part.published, part.published_rows = published.digest, published.rows
    part.published_columns = [each.to_json() for each in published.columns]
    if part.geometry:
        part.geometry = {**part.geometry, "bbox": published.bbox and list(published.bbox)}
    part.save()


def withdraw_version(actor: Actor, version: Version, reason: str) -> Version:
    """Takes a version back: it is not shown any more, and its address says why. Raises Denied and NotPublishable."""
    if not reason.strip():
        raise NotPublishable(_("Say why: the reason is shown at the version's address."))
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        require(actor, "catalogue:manage", dataset)
        current = Version.objects.select_for_update().get(pk=version.pk)
        if current.state in (VersionState.WITHDRAWN, VersionState.ERASED):
            return current
        current.state, current.ended, current.end_reason = VersionState.WITHDRAWN, now(), reason.strip()[:300]
        current.save()
        tell(actor, "version.withdrawn", dataset, {"version": current.code, "number": current.number})
    return current
