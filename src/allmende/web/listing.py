"""The list of things: which of them pass the filters of the address. The same for page, map and downloads."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from allmende.core.texts import pick
from allmende.web.facets import Axis, Facet, narrow
from allmende.web.overview import Place
from allmende.web.states import WORDS, State


@dataclass(frozen=True, slots=True)
class Listing:
    """The things that pass all filters, and the filters."""

    places: tuple[Place, ...]
    facets: tuple[Facet, ...]
    active: int


def _properties(place: Place) -> dict[str, str]:
    return {stream.property_code: pick(stream.property_name) for stream in place.streams if stream.signal is None}


def _runner(place: Place) -> dict[str, str]:
    return {"citizen": _("Residents")} if place.citizen else {"town": _("The town")}


def _axes() -> tuple[Axis[Place], ...]:
    return (
        Axis("property", _("Measures"), _properties),
        Axis("dataset", _("Dataset"), lambda place: {place.dataset: pick(place.dataset_title)}),
        Axis("state", _("State"), lambda place: {place.state.value: str(WORDS[place.state])}, list(State)),
        Axis("runner", _("Run by"), _runner, ("town", "citizen")),
    )


def _matches(place: Place, text: str) -> bool:
    names = [*place.name.values(), *(name for stream in place.streams for name in stream.name.values())]
    return any(text in name.casefold() for name in names)


def listing(places: Iterable[Place], params: QueryDict) -> Listing:
    """Applies the words and filters named in the address."""
    text = params.get("q", "").strip().casefold()
    found = narrow([place for place in places if not text or _matches(place, text)], _axes(), params)
    facets = tuple(facet for facet in found.facets if facet.name != "runner" or len(facet.choices) > 1)
    return Listing(found.items, facets, found.active)
