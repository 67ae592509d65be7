"""Registering and describing datasets and their columns, each with its permission, audit entry and event."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypedDict, Unpack

from django.db import transaction

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.catalogue.models import Column, Dataset, DatasetShare
from allmende.catalogue.search.indexing import index_dataset
from allmende.core import audit, outbox
from allmende.core.texts import same

Text = Mapping[str, str] | str


class Details(TypedDict, total=False):
    """What may be said about a dataset. owner, shared_with: ids of organisations; texts: plain, or {de, en}."""

    description: Text
    access_class: str
    purpose: Text
    legal_ground: str
    licence: str
    owner: int | None
    contact_email: str
    retention_days: int | None
    simulated: bool
    contact_name: str
    themes: list[str]
    keywords: list[str]
    place: str
    place_uri: str
    begins: date | None
    ends: date | None
    frequency: str
    attribution: str
    source_url: str
    shared_with: Iterable[int]


class Changes(Details, total=False):
    """What may be changed: all of that, and the title."""

    title: Text


_TEXTS = frozenset({"title", "description", "purpose"})


def register_dataset(actor: Actor, slug: str, title: Text, **details: Unpack[Details]) -> Dataset:
    """The dataset with this slug, made if there is none yet; an existing one is returned as it is.

    Raises Denied, and ValidationError where a field does not fit (such as a withheld dataset without a reason).
    """
    with transaction.atomic():
        found = Dataset.objects.select_related("owner").filter(slug=slug).first()
        if found is not None:
            require(actor, "catalogue:manage", found)
            return found
        dataset = Dataset(slug=slug)
        said = _apply(dataset, {"title": title, **details})
        require(actor, "catalogue:manage", dataset)
        dataset.full_clean(exclude=["owner"])
        dataset.save(force_insert=True)
        _share(dataset, details.get("shared_with", ()))
        tell(actor, "dataset.registered", dataset, {"slug": slug, **{name: new for name, (_, new) in said.items()}})
    return dataset


def change_dataset(actor: Actor, dataset: Dataset, **details: Unpack[Changes]) -> Dataset:
    """Changes what is said about a dataset; what is not given stays. Nothing changed: no entry, no event.

    Raises Denied (also for handing it to an owner for whom the actor may not manage) and ValidationError.
    """
    with transaction.atomic():
        current = Dataset.objects.select_for_update().get(pk=dataset.pk)
        require(actor, "catalogue:manage", current)
        said = {name: pair for name, pair in _apply(current, details).items() if pair[0] != pair[1]}
        if "owner_id" in said:
            require(actor, "catalogue:manage", current)
        current.full_clean(exclude=["owner"])
        shares = _share(current, details["shared_with"]) if "shared_with" in details else None
        if said or shares:
            current.save()
            changes: dict[str, Any] = {name: {"from": old, "to": new} for name, (old, new) in said.items()}
            tell(actor, "dataset.changed", current, changes | ({"shared_with": shares} if shares else {}))
    return current


def _apply(dataset: Dataset, details: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Sets the fields; returns per field what it was and what it is."""
    said = {}
    for given, value in details.items():
        if given == "shared_with":
            continue
        name = "owner_id" if given == "owner" else given
        new = (same(value) if isinstance(value, str) else dict(value)) if name in _TEXTS else value
        said[name] = (_plain(getattr(dataset, name)), _plain(new))
        setattr(dataset, name, new)
    return said


def _plain(value: Any) -> Any:
    """As the audit trail keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def describe_column(
    actor: Actor,
    column: Column,
    *,
    title: Text | None = None,
    description: Text | None = None,
    unit: str | None = None,
    withheld: bool | None = None,
) -> Column:
    """Changes an entry of the data dictionary. withheld: takes effect with the next version that is published; what is
    published already stays as it is until it is withdrawn. Raises Denied and ValidationError."""
    given = {"title": title, "description": description, "unit": unit, "withheld": withheld}
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(tables=column.table_id)
        require(actor, "catalogue:manage", dataset)
        changes = {}
        for name, value in given.items():
            new = same(value) if name in ("title", "description") and isinstance(value, str) else value
            if new is not None and new != getattr(column, name):
                changes[name] = {"from": getattr(column, name), "to": new}
                setattr(column, name, new)
        if changes:
            column.full_clean(exclude=["table"])
            column.save()
            tell(actor, "dataset.column_described", dataset, {"column": column.name, **changes})
    return column


def _share(dataset: Dataset, organisations: Iterable[int]) -> dict[str, list[int]] | None:
    """Makes the shares be exactly these organisations; returns what they were and are, None where nothing changed."""
    wanted = set(organisations)
    held = set(dataset.shares.values_list("organisation_id", flat=True))
    if wanted == held:
        return None
    dataset.shares.exclude(organisation__in=wanted).delete()
    DatasetShare.objects.bulk_create(
        DatasetShare(dataset=dataset, organisation_id=organisation) for organisation in sorted(wanted - held)
    )
    return {"from": sorted(held), "to": sorted(wanted)}


def tell(actor: Actor, event: str, dataset: Dataset, details: dict[str, Any]) -> None:
    """The audit entry, the event and the search index of a change, in the transaction of the change."""
    audit.record(actor.kind, actor.code, event, "dataset", dataset.code, details)
    outbox.publish(event, {"dataset": dataset.code})
    index_dataset(dataset)
