"""The list of things: filters with their counts, and the rows that pass them. The same for page, map and downloads."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from allmende.core.texts import pick
from allmende.web.overview import Place
from allmende.web.paging import with_params
from allmende.web.states import WORDS, State


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter: a link with the number of things behind it. The chosen one's link takes it away again."""

    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter: `dataset`, `property` or `state`."""

    name: str
    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The things that pass all filters, and the filters."""

    places: tuple[Place, ...]
    facets: tuple[Facet, ...]
    active: int
    clear_url: str


def _properties(place: Place) -> dict[str, str]:
    return {stream.property_code: pick(stream.property_name) for stream in place.streams}


# For each filter: the values of a place, as key and label. A place may have several (it measures several properties).
_VALUES: dict[str, Callable[[Place], dict[str, str]]] = {
    "property": _properties,
    "dataset": lambda place: {place.dataset: pick(place.dataset_title)},
    "state": lambda place: {place.state.value: str(WORDS[place.state])},
}


def _matches(place: Place, text: str) -> bool:
    names = [*place.name.values(), *(name for stream in place.streams for name in stream.name.values())]
    return any(text in name.casefold() for name in names)


def listing(places: Iterable[Place], params: QueryDict) -> Listing:
    """Applies the filters named in the address. A count says how many things would be left with that choice."""
    text = params.get("q", "").strip().casefold()
    wanted = {name: params.get(name, "") for name in _VALUES}
    known = [(place, {name: values(place) for name, values in _VALUES.items()}) for place in places]
    if text:
        known = [(place, values) for place, values in known if _matches(place, text)]
    facets = []
    for name, title in (("property", _("Measures")), ("dataset", _("Dataset")), ("state", _("State"))):
        others = [values for _place, values in known if _passes(values, wanted, ignoring=name)]
        facets.append(Facet(name, title, _choices(name, others, wanted[name], params)))
    left = tuple(place for place, values in known if _passes(values, wanted))
    active = sum(bool(value) for value in wanted.values())
    return Listing(left, tuple(facets), active, with_params(params, page=None, **dict.fromkeys(_VALUES)))


def _passes(values: dict[str, dict[str, str]], wanted: dict[str, str], ignoring: str = "") -> bool:
    return all(not key or name == ignoring or key in values[name] for name, key in wanted.items())


def _choices(name: str, values: list[dict[str, dict[str, str]]], chosen: str, params: QueryDict) -> tuple[Choice, ...]:
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for value in values:
        counts.update(value[name].keys())
        labels |= value[name]
    if name == "state":
        order = [state.value for state in State if state.value in counts]
    else:
        order = sorted(counts, key=lambda key: labels[key].casefold())
    return tuple(
        Choice(
            labels[key],
            counts[key],
            with_params(params, page=None, **{name: None if key == chosen else key}),
            key == chosen,
        )
        for key in order
    )
