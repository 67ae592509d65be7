"""Sensors of residents: offering one, one's own, and the town's answer."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from allmende.accounts.actors import ANONYMOUS
from allmende.accounts.endpoints import declares
from allmende.accounts.queries import display_names
from allmende.core.texts import pick
from allmende.observations.care import citizens
from allmende.observations.care.citizens import QUANTITIES, CitizenSensor, CitizenState, UnknownSensor
from allmende.observations.queries import visible_datastreams
from allmende.observations.stores import StoreError
from allmende.web import formats
from allmende.web.citizen_forms import OfferForm, RefuseForm
from allmende.web.feeds import absolute
from allmende.web.memory import forget_all
from allmende.web.readers import reader
from allmende.web.views.data import ground_file


def _crumbs(title: str) -> list[tuple[str, str]]:
    return [
        (_("Data"), reverse("data")),
        (_("Register of sensors"), reverse("register")),
        (_("My sensors"), reverse("citizen_mine") if title else ""),
        *([(title, "")] if title else []),
    ]


def measured(sensor: CitizenSensor) -> str:
    """What a sensor measures, in words."""
    return ", ".join(pick(QUANTITIES[key].name) for key in sensor.quantities if key in QUANTITIES)


@declares("observations:offer")
def mine(request: HttpRequest) -> HttpResponse:
    """One's own sensors."""
    context = {
        "sensors": [(sensor, measured(sensor)) for sensor in citizens.mine(reader(request))],
        "crumbs": [
            (_("Data"), reverse("data")),
            (_("Register of sensors"), reverse("register")),
            (_("My sensors"), ""),
        ],
    }
    return render(request, "web/care/mine.html", context)


@declares("observations:offer")
def offer(request: HttpRequest) -> HttpResponse:
    """Offers a sensor; what happens next is said before and after."""
    form = OfferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sensor = citizens.offer(reader(request), **form.offered())
        except ValidationError as error:
            form.add_error(None, error if not hasattr(error, "error_dict") else " ".join(error.messages))
        else:
            messages.success(request, _("Thank you. The town has your offer; its answer will stand on this page."))
            return HttpResponseRedirect(reverse("citizen_sensor", args=[sensor.code]))
    context = {"form": form, "crumbs": _crumbs(_("Offer a sensor")), "has_ground": ground_file().exists()}
    return render(request, "web/care/offer.html", context, status=422 if form.errors else 200)


@never_cache
@declares("observations:offer")
def sensor(request: HttpRequest, code: str) -> HttpResponse:
    """One of one's own sensors: how far it is, its key, how to send, ending it."""
    actor = reader(request)
    try:
        found = citizens.get_mine(actor, code)
    except UnknownSensor as error:
        raise Http404(str(error)) from error
    secret = ""
    if request.method == "POST":
        try:
            secret = _do(request, found)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        except StoreError:
            messages.error(
                request,
                _("Not everything could be erased: somebody is downloading. Please erase it again in a minute."),
            )
        if not secret:
            return HttpResponseRedirect(reverse("citizen_sensor", args=[code]))
        found = citizens.get_mine(actor, code)
    return render(request, "web/care/citizen.html", _sensor_context(found, secret))


def _do(request: HttpRequest, found: CitizenSensor) -> str:
    """Does what the button says; returns the new key where one was made."""
    actor = reader(request)
    if "key" in request.POST:
        return citizens.new_key(actor, found)
    if "stop" in request.POST:
        citizens.stop(actor, found)
        messages.success(request, _("The sensor has ended. Its values stay, its key is no longer valid."))
    elif "erase" in request.POST and request.POST.get("sure") == "yes":
        gone = citizens.erase(actor, found)
        text = ngettext(
            "The sensor and its %(count)s value are erased.", "The sensor and its %(count)s values are erased.", gone
        )
        messages.success(request, text % {"count": formats.whole(gone)})
    elif "erase" in request.POST:
        raise ValidationError(_("Please tick that you are sure. Nothing was erased."))
    forget_all()
    return ""


def _sensor_context(found: CitizenSensor, secret: str) -> dict[str, Any]:
    streams = []
    if found.thing is not None and found.state == CitizenState.APPROVED:
        rows = visible_datastreams(ANONYMOUS).filter(thing=found.thing).order_by("pk")
        streams = [(row.code, pick(row.name), row.unit) for row in rows]
    return {
        "sensor": found,
        "measured": measured(found),
        "secret": secret,
        "streams": streams,
        "example": _example(streams[0][0], secret) if streams else "",
        "waits": found.state == CitizenState.OFFERED,
        "approved": found.state == CitizenState.APPROVED,
        "refused": found.state == CitizenState.REFUSED,
        "erased": found.state == CitizenState.ERASED,
        "language": get_language(),
        "crumbs": _crumbs(found.name),
    }


def _example(datastream: str, secret: str) -> str:
    """A request that sends one value, as one types it."""
    body = json.dumps({"datastream": datastream, "time": "2026-11-23T14:05:00Z", "value": 7.4})
    return (
        f"curl -X POST {absolute('/api/v1/observations')} \\\n"
        f"  -H 'Authorization: Bearer {secret or 'alm_…'}' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{body}'"
    )


@declares("observations:admit")
def offers(request: HttpRequest) -> HttpResponse:
    """What waits for the town's answer, and what was answered."""
    actor = reader(request)
    waiting, done = citizens.waiting(actor), citizens.decided(actor)
    names = display_names([each.person for each in (*waiting, *done)])
    context = {
        "waiting": [(each, measured(each), names.get(each.person, "")) for each in waiting],
        "done": done,
        "crumbs": [
            (_("Data"), reverse("data")),
            (_("Register of sensors"), reverse("register")),
            (_("Offered sensors"), ""),
        ],
    }
    return render(request, "web/care/offers.html", context)


@declares("observations:admit")
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """The town's answer to one offer."""
    actor = reader(request)
    try:
        found = citizens.get_offer(actor, code)
    except UnknownSensor as error:
        raise Http404(str(error)) from error
    form = RefuseForm(request.POST if "refuse" in request.POST else None)
    if request.method == "POST":
        try:
            if "approve" in request.POST:
                citizens.approve(actor, found)
                messages.success(request, _("The sensor is approved. Its owner can now make a key and send."))
            elif "stop" in request.POST:
                citizens.stop(actor, found)
                messages.success(request, _("The sensor has ended. Its values stay, its key is no longer valid."))
            elif form.is_valid():
                citizens.refuse(actor, found, form.cleaned_data["reason"])
                messages.success(request, _("The sensor is refused. Its owner reads the reason."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        if not form.errors:
            forget_all()
            return HttpResponseRedirect(reverse("citizen_offers"))
    context = {
        "sensor": found,
        "measured": measured(found),
        "name": display_names([found.person]).get(found.person, ""),
        "form": form,
        "waits": found.state == CitizenState.OFFERED,
        "approved": found.state == CitizenState.APPROVED,
        "crumbs": [
            (_("Data"), reverse("data")),
            (_("Register of sensors"), reverse("register")),
            (_("Offered sensors"), reverse("citizen_offers")),
            (found.name, ""),
        ],
    }
    return render(request, "web/care/decide.html", context, status=422 if form.errors else 200)
