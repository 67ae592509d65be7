"""Datasets as a kind of the house: how links and search name and address them."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from allmende.accounts.actors import Actor
from allmende.catalogue.queries import visible_datasets
from allmende.core.kinds import Hit, Kind
from allmende.core.kinds import register as register_kind
from allmende.core.texts import VARIANTS, pick


def _title(code: str, actor: Actor) -> str | None:
    dataset = visible_datasets(actor).filter(code=code).first()
    return pick(dataset.title) if dataset else None


def _search(text: str, actor: Actor, limit: int) -> list[Hit]:
    # Asked per variant, because JSON columns hold umlauts escaped.
    fields = [f"{field}__{variant}__icontains" for field in ("title", "description") for variant in VARIANTS]
    words = Q(*((field, text) for field in fields), _connector=Q.OR)
    found = visible_datasets(actor).filter(words | Q(slug__icontains=text) | Q(code=text))[:limit]
    return [
        Hit("dataset", each.code, pick(each.title), pick(each.description), _weight(text, each.title)) for each in found
    ]


def _weight(text: str, title: dict[str, str]) -> float:
    """A dataset whose title has the words comes before one that only speaks of them."""
    return 0.9 if any(text.casefold() in variant.casefold() for variant in title.values()) else 0.5


def register() -> None:
    """Called once when the app is ready. The page knows a dataset by its slug and by its code."""
    register_kind(Kind("dataset", _("Dataset"), lambda code: f"datasets/{code}/", _title, _search))
