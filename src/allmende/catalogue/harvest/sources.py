"""The sources that are harvested: adding, changing, removing them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.catalogue.models import Dataset, HarvestItem, HarvestRun
from allmende.catalogue.models import HarvestKind as Kind
from allmende.catalogue.models import HarvestSource as Source
from allmende.core import audit
from allmende.core.clock import now
from allmende.core.outgoing import OutgoingError, checked

__all__ = [
    "Kind",
    "Source",
    "UnknownSource",
    "add_source",
    "ask_for",
    "brought",
    "change_source",
    "get_source",
    "last_run",
    "remove_source",
    "sources",
]
_FIELDS = ("name", "kind", "url", "owner", "every_hours", "take_data", "publish", "enabled")


class UnknownSource(LookupError):
    """No such source."""


def sources(actor: Actor) -> list[Source]:
    """All sources. Raises Denied."""
    require(actor, "catalogue:manage")
    return list(Source.objects.select_related("owner"))


def get_source(actor: Actor, code: str) -> Source:
    """One of them. Raises Denied and UnknownSource."""
    require(actor, "catalogue:manage")
    found = Source.objects.select_related("owner").filter(code=code).first()
    if found is None:
        raise UnknownSource(code)
    return found


def last_run(source: Source) -> HarvestRun | None:
    """The run that was begun last."""
    return source.runs.first()


def add_source(actor: Actor, **said: Any) -> Source:
    """A new source, due at once. Raises Denied and ValidationError."""
    require(actor, "catalogue:manage")
    return _save(actor, Source(due=now()), said, "harvest.added")


def change_source(actor: Actor, source: Source, **said: Any) -> Source:
    """Changes it; harvested from now on as it says. Raises Denied and ValidationError."""
    require(actor, "catalogue:manage")
    return _save(actor, source, said, "harvest.changed")


def remove_source(actor: Actor, source: Source) -> None:
    """Forgets it; datasets that it brought stay. Raises Denied."""
    require(actor, "catalogue:manage")
    with transaction.atomic():
        audit.record(actor.kind, actor.code, "harvest.removed", "harvest", source.code, {"url": source.url})
        source.delete()


def ask_for(actor: Actor, source: Source) -> None:
    """Has it read as soon as the server comes to it, within a minute. Raises Denied."""
    require(actor, "catalogue:manage")
    Source.objects.filter(pk=source.pk).update(due=now())


def brought(source: Source, most: int) -> list[tuple[Dataset, bool]]:
    """Datasets that came from it, each with whether the source does not list it any more."""
    found = HarvestItem.objects.filter(source=source).select_related("dataset").order_by("gone", "-id")
    return [(item.dataset, item.gone) for item in found[:most]]


def _save(actor: Actor, source: Source, said: dict[str, Any], event: str) -> Source:
    for name in _FIELDS:
        if name in said:
            setattr(source, name, said[name])
    if source.kind not in Kind.values:
        raise ValidationError({"kind": _("There is no such kind of source.")})
    try:
        checked(source.url)
    except OutgoingError as problem:
        raise ValidationError({"url": problem.said.here()}) from problem
    require(actor, "catalogue:manage")
    with transaction.atomic():
        source.full_clean(exclude=["code", "owner"])
        source.save()
        details = {name: str(getattr(source, name) or "") for name in ("name", "kind", "url")}
        audit.record(actor.kind, actor.code, event, "harvest", source.code, details)
    return source
