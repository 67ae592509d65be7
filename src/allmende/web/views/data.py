"""The door «Data»: things as a list with filters, on a map, and as files."""

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import can
from allmende.catalogue.queries import visible_datasets
from allmende.web.exports import to_csv, to_geojson
from allmende.web.listing import listing
from allmende.web.overview import places
from allmende.web.paging import paged
from allmende.web.readers import reader
from allmende.web.states import MEANINGS, WORDS, State

PAGE = 25


def ground_file() -> Path:
    """The town's own background for maps: GeoJSON in the data folder, made by whoever runs the town."""
    return Path(settings.DATA_DIR) / "ground.geojson"


@declares("observations:read")
def data(request: HttpRequest) -> HttpResponse:
    """The list with the map beside it, both following the same filters."""
    listed = listing(places(reader(request)), request.GET)
    query = request.GET.copy()
    query.pop("page", None)
    tail = f"?{query.urlencode()}" if query else ""
    context = {
        "listing": listed,
        "pages": paged(request, listed.places, PAGE),
        "all_simulated": bool(listed.places) and all(place.simulated for place in listed.places),
        "text": request.GET.get("q", ""),
        "with_place": sum(place.point is not None for place in listed.places),
        "geojson_url": reverse("things_geojson") + tail,
        "csv_url": reverse("things_csv") + tail,
        "legend": [(state.value, WORDS[state], MEANINGS[state]) for state in State],
        "kept": [(name, value) for name, value in request.GET.items() if name not in ("q", "page")],
        "has_ground": ground_file().exists(),
        "datasets": visible_datasets(reader(request)),
        "may_manage": can(reader(request), "observations:manage"),
    }
    return render(request, "web/data.html", context)


@declares("observations:read")
def things_geojson(request: HttpRequest) -> HttpResponse:
    """The same list as GeoJSON; the map reads it too."""
    found = to_geojson(listing(places(reader(request)), request.GET).places)
    response = JsonResponse(found, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False})
    response["Content-Disposition"] = 'inline; filename="things.geojson"'
    return response


@declares("observations:read")
def thing_geojson(request: HttpRequest, code: str) -> HttpResponse:
    """One thing as GeoJSON, for the small map of its page."""
    found = to_geojson(place for place in places(reader(request)) if place.code == code)
    return JsonResponse(found, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False})


@declares("observations:read")
def things_csv(request: HttpRequest) -> HttpResponse:
    """The same list as a table."""
    response = HttpResponse(
        to_csv(listing(places(reader(request)), request.GET).places), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="things.csv"'
    return response


@declares("pages:read")
def ground(request: HttpRequest) -> HttpResponse | FileResponse:
    """The background of the maps."""
    try:
        file = ground_file().open("rb")
    except FileNotFoundError:
        raise Http404("ground") from None
    response = FileResponse(file, content_type="application/geo+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response
