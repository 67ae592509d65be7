"""The public register: what is measured here and why. Everybody sees the same."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import can, require
from allmende.catalogue.queries import UnknownDataset, get_dataset
from allmende.core.texts import pick
from allmende.observations.care.register import Entry, describe, entries, entry, said, unnamed
from allmende.observations.queries import UnknownThing, get_thing
from allmende.web.facets import Narrowed
from allmende.web.feeds import absolute
from allmende.web.memory import Remembered, remembered
from allmende.web.paging import paged
from allmende.web.qr import svg
from allmende.web.readers import reader
from allmende.web.register_forms import RegisterForm
from allmende.web.register_list import filtered, shown, to_csv, to_json
from allmende.web.views.data import ground_file

PAGE = 25
_entries: Remembered[tuple[Entry, ...]] = remembered(seconds=10, size=1)


def _found(request: HttpRequest) -> Narrowed[Entry]:
    return filtered(_entries.get("all", lambda: tuple(entries())), request.GET)


def _tail(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return f"?{query.urlencode()}" if query else ""


@declares("observations:read")
def register(request: HttpRequest) -> HttpResponse:
    """The list with the map beside it, both following the same filters."""
    found = _found(request)
    pages = paged(request, found.items, PAGE)
    tail = _tail(request)
    actor = reader(request)
    context = {
        "facets": found.facets,
        "active": found.active,
        "pages": pages,
        "rows": [shown(each) for each in pages.rows],
        "unnamed": unnamed(),
        "all_simulated": bool(found.items) and all(each.simulated for each in found.items),
        "text": request.GET.get("q", ""),
        "kept": [(name, value) for name, value in request.GET.items() if name not in ("q", "page")],
        "geojson_url": reverse("register_geojson") + tail,
        "csv_url": reverse("register_csv") + tail,
        "json_url": reverse("register_json") + tail,
        "with_place": any(each.point for each in found.items),
        "has_ground": ground_file().exists(),
        "may_offer": actor.kind == "anonymous" or can(actor, "observations:offer"),
        "may_admit": can(actor, "observations:admit"),
        "crumbs": [(_("Data"), reverse("data")), (_("Register of sensors"), "")],
    }
    return render(request, "web/care/register.html", context)


@declares("observations:read")
def register_csv(request: HttpRequest) -> HttpResponse:
    """Exactly these entries as a table."""
    response = HttpResponse(to_csv(_found(request).items), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="sensors.csv"'
    return response


@declares("observations:read")
def register_json(request: HttpRequest) -> HttpResponse:
    """Exactly these entries as JSON, and how many are not named."""
    found = to_json(_found(request).items, unnamed())
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})


@declares("observations:read")
def register_geojson(request: HttpRequest) -> HttpResponse:
    """The entries that have a place, for the map."""
    features = [_feature(each) for each in _found(request).items if each.point]
    found = {"type": "FeatureCollection", "features": features}
    return JsonResponse(found, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False})


def _feature(each: Entry) -> dict[str, Any]:
    properties = {
        "code": each.code,
        "name": pick(each.name),
        "state": "silent" if each.retired else "fresh",
        "state_words": _("no longer in service") if each.retired else _("in service"),
        "summary": ", ".join(pick(name) for name in each.quantities),
        "page": reverse("register_entry", args=[each.code]),
        "simulated": _("Simulated data") if each.simulated else None,
    }
    return {
        "type": "Feature",
        "id": each.code,
        "geometry": {"type": "Point", "coordinates": list(each.point or ())},
        "properties": properties,
    }


@declares("observations:read")
def register_entry(request: HttpRequest, code: str) -> HttpResponse:
    """One entry: a sheet that answers what somebody asks who stands before the sensor."""
    found = entry(code)
    if found is None:
        raise Http404(code)
    actor = reader(request)
    try:
        thing = get_thing(actor, code)
        may_manage = can(actor, "observations:manage", thing.dataset)
    except UnknownThing:  # gone at this very moment
        may_manage = False
    address = absolute(reverse("sticker", args=[code]))
    context = {
        "row": shown(found),
        "entry": found,
        "place": found,
        "address": address,
        "qr": svg(address),
        "geojson_url": reverse("thing_geojson", args=[code]),
        "has_ground": ground_file().exists(),
        "may_manage": may_manage,
        "crumbs": [
            (_("Data"), reverse("data")),
            (_("Register of sensors"), reverse("register")),
            (pick(found.name), ""),
        ],
    }
    return render(request, "web/care/entry.html", context)


@declares("observations:read")
def sticker(request: HttpRequest, code: str) -> HttpResponse:
    """The short address on stickers: leads to the entry in the visitor's language."""
    response = HttpResponseRedirect(f"/{get_language_from_request(request)[:2]}/sensors/{code}/")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@declares("observations:manage")
def register_edit(request: HttpRequest, code: str) -> HttpResponse:
    """What the register says of a thing (its code), or of all things of a dataset (its slug or code)."""
    actor = reader(request)
    thing = dataset = None
    try:
        if code.startswith("thg-"):
            thing = get_thing(actor, code)
        else:
            dataset = get_dataset(actor, code)
    except (UnknownThing, UnknownDataset) as error:
        raise Http404(str(error)) from error
    holding = thing.dataset if thing else dataset
    require(actor, "observations:manage", holding)
    about = said(dataset=dataset, thing=thing)
    form = RegisterForm(about, request.POST or None)
    back = reverse("register_entry", args=[code]) if thing else reverse("dataset", args=[code])
    if request.method == "POST" and form.is_valid():
        describe(actor, about, **form.fields_of_entry())
        _entries.clear()
        messages.success(request, _("The register says so from now on."))
        return HttpResponseRedirect(back)
    context = {
        "form": form,
        "thing": thing,
        "dataset": holding,
        "back": back,
        "title": pick(thing.name if thing else holding.title if holding else {}),
        "crumbs": [
            (_("Data"), reverse("data")),
            (_("Register of sensors"), reverse("register")),
            (_("Describe"), ""),
        ],
    }
    return render(request, "web/care/register_edit.html", context, status=422 if form.errors else 200)
