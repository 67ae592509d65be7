"""Pages of a thing and of a dataset."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.catalogue.queries import UnknownDataset, get_dataset
from allmende.core.links import links_of
from allmende.core.texts import pick
from allmende.observations.queries import UnknownThing, get_thing
from allmende.web.overview import Place, places
from allmende.web.readers import reader
from allmende.web.states import WORDS
from allmende.web.views.data import ground_file


def _place(request: HttpRequest, code: str) -> Place | None:
    return next((place for place in places(reader(request)) if place.code == code), None)


def _shown(name: str, value: object) -> bool:
    """Properties for people: plain values, without what the page says already."""
    return name != "simulated" and not isinstance(value, dict | list | bool)


@declares("observations:read")
def thing(request: HttpRequest, code: str) -> HttpResponse:
    """Where it is, what it measures, whose it is, and what it is linked with."""
    try:
        found = get_thing(reader(request), code)
    except UnknownThing as error:
        raise Http404(str(error)) from error
    place = _place(request, code)
    context = {
        "thing": found,
        "dataset": found.dataset,
        "place": place,
        "state_words": WORDS[place.state] if place else "",
        "streams": [(stream, WORDS[stream.state]) for stream in place.streams] if place else [],
        "properties": [(name, value) for name, value in found.properties.items() if _shown(name, value)],
        "links": links_of("thing", code, reader(request)),
        "language": get_language(),
        "geojson_url": reverse("thing_geojson", args=[code]),
        "has_ground": ground_file().exists(),
        "crumbs": [(_("Data"), reverse("data")), (pick(found.name), "")],
    }
    return render(request, "web/thing.html", context)


@declares("catalogue:read")
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """What the holding is, whose, under which licence, and the things in it."""
    try:
        found = get_dataset(reader(request), slug)
    except UnknownDataset as error:
        raise Http404(str(error)) from error
    inside = [place for place in places(reader(request)) if place.dataset == found.slug]
    context = {
        "dataset": found,
        "places": [(place, WORDS[place.state]) for place in inside[:50]],
        "count": len(inside),
        "streams": sum(len(place.streams) for place in inside),
        "links": links_of("dataset", found.code, reader(request)),
        "list_url": f"{reverse('data')}?dataset={found.slug}",
        "crumbs": [(_("Data"), reverse("data")), (pick(found.title), "")],
    }
    return render(request, "web/dataset.html", context)
