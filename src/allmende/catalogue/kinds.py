"""Datasets as a kind of the house: how links and search name and address them."""

from django.utils.translation import gettext_lazy as _

from allmende.accounts.actors import Actor
from allmende.catalogue.queries import visible_datasets
from allmende.catalogue.search.finding import find
from allmende.catalogue.search.texts import TITLE
from allmende.core.kinds import Hit, Kind
from allmende.core.kinds import register as register_kind
from allmende.core.texts import pick


def _title(code: str, actor: Actor) -> str | None:
    dataset = visible_datasets(actor).filter(code=code).first()
    return pick(dataset.title) if dataset else None


def _search(text: str, actor: Actor, limit: int) -> list[Hit]:
    found = find(actor, text)
    rows = visible_datasets(actor).in_bulk(found.numbers[:limit])
    return [
        Hit("dataset", each.code, pick(each.title), pick(each.description), _weight(found.scores[each.pk]))
        for each in (rows[number] for number in found.numbers[:limit] if number in rows)
    ]


def _weight(score: float) -> float:
    """Beside things of other kinds: 0.9 where the words stand in the title, less where they are only spoken of."""
    return min(0.3 + 0.6 * score / TITLE, 0.95)


def register() -> None:
    """Called once when the app is ready. The page knows a dataset by its slug and by its code."""
    register_kind(Kind("dataset", _("Dataset"), lambda code: f"datasets/{code}/", _title, _search))
