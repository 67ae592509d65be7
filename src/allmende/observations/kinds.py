"""Things and Datastreams as kinds of the house: how links and search name and address them."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from allmende.accounts.actors import Actor
from allmende.core.kinds import Hit, Kind
from allmende.core.kinds import register as register_kind
from allmende.core.texts import VARIANTS, pick
from allmende.observations.queries.things import visible_datastreams, visible_things


def _thing_title(code: str, actor: Actor) -> str | None:
    thing = visible_things(actor).filter(code=code).first()
    return pick(thing.name) if thing else None


def _datastream_title(code: str, actor: Actor) -> str | None:
    stream = visible_datastreams(actor).filter(code=code).first()
    return f"{pick(stream.thing.name)}: {pick(stream.name)}" if stream else None


def _search_things(text: str, actor: Actor, limit: int) -> list[Hit]:
    found = visible_things(actor).filter(_texts("name", text) | _texts("description", text) | Q(code=text))
    return [
        Hit("thing", thing.code, pick(thing.name), pick(thing.dataset.title), _weight(text, pick(thing.name)))
        for thing in found[:limit]
    ]


def _search_datastreams(text: str, actor: Actor, limit: int) -> list[Hit]:
    words = _texts("name", text) | _texts("observed_property__name", text) | _texts("thing__name", text)
    found = visible_datastreams(actor).filter(words | Q(code=text))
    return [
        Hit(
            "datastream",
            stream.code,
            pick(stream.name),
            pick(stream.thing.name),
            _weight(text, pick(stream.name)) * 0.9,
        )
        for stream in found[:limit]
    ]


def _texts(path: str, text: str) -> Q:
    """Any language variant holds the words; asked per variant, because JSON is stored with its umlauts escaped."""
    return Q(*((f"{path}__{variant}__icontains", text) for variant in VARIANTS), _connector=Q.OR)


def _weight(text: str, title: str) -> float:
    """Titles that begin with the words come first, then titles that have them, then the rest."""
    text, title = text.casefold(), title.casefold()
    return 1.0 if title.startswith(text) else 0.8 if text in title else 0.5


def register() -> None:
    """Called once when the app is ready."""
    register_kind(Kind("thing", _("Thing"), lambda code: f"things/{code}/", _thing_title, _search_things))
    register_kind(
        Kind("datastream", _("Datastream"), lambda code: f"datastreams/{code}/", _datastream_title, _search_datastreams)
    )
