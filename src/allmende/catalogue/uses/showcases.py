"""What others made with the data: offered by anybody, shown when somebody has looked at it."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can, require
from allmende.catalogue.models import Dataset
from allmende.catalogue.queries.datasets import visible_datasets
from allmende.catalogue.uses.tables import Showcase, ShowcaseState
from allmende.core import audit

__all__ = ["Showcase", "UnknownShowcase", "decide", "offer", "shown", "shown_of", "waiting"]


class UnknownShowcase(LookupError):
    """There is none of this code."""


def offer(
    actor: Actor, title: str, text: str, url: str, *, maker: str = "", datasets: Sequence[Dataset] = ()
) -> Showcase:
    """Anybody offers one; it waits for the office. Raises ValidationError."""
    require(actor, "catalogue:ask")
    with transaction.atomic():
        made = Showcase(title=title.strip(), text=text.strip(), url=url, maker=maker.strip())
        made.full_clean(exclude=["code"])
        made.save()
        made.datasets.set(datasets)
        audit.record(actor.kind, actor.code, "showcase.offered", "showcase", made.code, {})
    return made


def decide(actor: Actor, code: str, *, show: bool) -> Showcase:
    """Shows it to everybody, or takes it away. Raises Denied and UnknownShowcase."""
    require(actor, "catalogue:manage")
    with transaction.atomic():
        found = Showcase.objects.select_for_update().filter(code=code).first()
        if found is None:
            raise UnknownShowcase(code)
        found.state = ShowcaseState.SHOWN if show else ShowcaseState.DROPPED
        found.save()
        audit.record(actor.kind, actor.code, f"showcase.{found.state}", "showcase", code, {})
    return found


def shown(actor: Actor) -> QuerySet[Showcase]:
    """Those that everybody sees, the newest first, each with those of its datasets that the actor may read."""
    return _with_datasets(actor, Showcase.objects.filter(state=ShowcaseState.SHOWN))


def shown_of(dataset: Dataset) -> list[Showcase]:
    """Those made with this dataset."""
    return list(Showcase.objects.filter(state=ShowcaseState.SHOWN, datasets=dataset)[:20])


def waiting(actor: Actor) -> list[Showcase]:
    """Those that nobody has looked at, the oldest first; nothing for others than the office."""
    if not can(actor, "catalogue:manage"):
        return []
    return list(_with_datasets(actor, Showcase.objects.filter(state=ShowcaseState.RECEIVED)).order_by("id"))


def _with_datasets(actor: Actor, found: QuerySet[Showcase]) -> QuerySet[Showcase]:
    return found.prefetch_related(Prefetch("datasets", visible_datasets(actor), to_attr="readable"))
