"""The door «Today»."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allmende.accounts.endpoints import declares
from allmende.catalogue.queries import visible_datasets
from allmende.core.clock import now
from allmende.observations.queries import visible_things
from allmende.web.overview import places
from allmende.web.readers import reader
from allmende.web.today import figures, sentences

NEWEST = 5


@declares("pages:read")
def home(request: HttpRequest) -> HttpResponse:
    """One sentence about the town now, live figures, what changed, what one can do."""
    known = places(reader(request))
    chosen = figures(known)
    context = {
        "moment": now(),
        "sentences": sentences(settings.TOWN_NAME, known, chosen),
        "figures": chosen,
        "simulated": any(place.simulated for place in known),
        "count": len(known),
        "newest": visible_things(reader(request)).order_by("-id")[:NEWEST],
        "datasets": visible_datasets(reader(request)).order_by("-changed")[:NEWEST],
    }
    return render(request, "web/home.html", context)
