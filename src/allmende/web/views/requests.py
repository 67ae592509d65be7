"""Requests for data: the public list, asking, one request with its steps, and the office's decisions."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import can
from allmende.catalogue.queries import DataRequest, UnknownRequest, visible_datasets
from allmende.catalogue.queries import requests as asked
from allmende.catalogue.services import asking
from allmende.core.clock import now, town_zone
from allmende.web.facets import Axis, narrow
from allmende.web.paging import paged
from allmende.web.readers import reader
from allmende.web.request_forms import AnswerForm, AskForm, DropForm, ExtendForm, ObjectForm, RefuseForm
from allmende.web.throttle import too_many

PAGE = 20
_AN_HOUR = 5
_STATES = ("open", "appealed", "answered", "refused", "final")


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (_("Data"), reverse("data")),
        (_("Datasets"), reverse("datasets")),
        (_("Requests for data"), reverse("requests") if more else ""),
        *more,
    ]


def _state(asked_: DataRequest) -> dict[str, str]:
    return {str(asked_.state): str(asked_.get_state_display())}


@declares("catalogue:read")
def requests(request: HttpRequest) -> HttpResponse:
    """The public list; for the office also what waits."""
    axis: Axis[DataRequest] = Axis("state", _("State"), _state, _STATES)
    found = narrow(asked.public_requests(), [axis], request.GET)
    context = {
        "facets": found.facets,
        "active": found.active,
        "pages": paged(request, found.items, PAGE),
        "waiting": asked.waiting_requests(reader(request)),
        "today": now().astimezone(town_zone()).date(),
        "days": settings.REQUEST_DAYS,
        "crumbs": _crumbs(),
    }
    return render(request, "web/requests/list.html", context)


@declares("catalogue:ask")
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Asking, without an account; the page after it holds the address by which one comes back."""
    form = AskForm(request.POST or None, initial={"title": request.GET.get("q", "")[:200]})
    if request.method == "POST" and form.is_valid():
        if too_many(request, "request", _AN_HOUR):
            form.add_error(None, _("Many requests came from your connection. Please try again in an hour."))
            return render(
                request,
                "web/requests/ask.html",
                {"form": form, "days": settings.REQUEST_DAYS, "crumbs": _crumbs()},
                status=429,
            )
        language = (get_language() or "de")[:2]
        made, secret = asking.ask(reader(request), **form.cleaned_data, language=language)
        way_back = request.build_absolute_uri(reverse("request", args=[made.code])) + f"?key={secret}"
        context = {"asked": made, "way_back": way_back, "crumbs": _crumbs((_("Thank you"), ""))}
        return render(request, "web/requests/thanks.html", context)
    context = {"form": form, "days": settings.REQUEST_DAYS, "crumbs": _crumbs((_("Ask for data"), ""))}
    return render(request, "web/requests/ask.html", context, status=422 if form.errors else 200)


@declares("catalogue:read")
@never_cache
def one(request: HttpRequest, code: str) -> HttpResponse:
    """A request with all its steps."""
    actor, secret = reader(request), request.GET.get("key", "")
    try:
        found = asked.get_request(code)
    except UnknownRequest as error:
        raise Http404(code) from error
    decides, mine = can(actor, "catalogue:manage"), asking.is_asker(actor, found, secret)
    if not (asked.is_public(found) or decides or mine):
        raise Http404(code)
    forms_ = _forms(request, found) if decides else {}
    if mine and found.state == "refused":
        forms_["object"] = ObjectForm(request.POST if request.POST.get("do") == "object" else None)
    failed = False
    if request.method == "POST":
        failed = not _do(request, found, forms_, secret)
        if not failed:
            key = f"?key={secret}" if secret else ""
            return HttpResponseRedirect(reverse("request", args=[code]) + key)
    steps = [step for step in found.steps.all() if step.kind != "dropped" or mine or decides]
    context = {
        "asked": found,
        "steps": steps,
        "forms": forms_,
        "mine": mine,
        "public": asked.is_public(found),
        "supporters": found.supports.count(),
        "supports": asked.supports(actor, found),
        "may_support": can(actor, "catalogue:support") and asked.is_public(found),
        "late": found.state in asked.WAITING and found.due < now().astimezone(town_zone()).date(),
        "crumbs": _crumbs((found.title, "")),
    }
    return render(request, "web/requests/one.html", context, status=422 if failed else 200)


def _forms(request: HttpRequest, found: DataRequest) -> dict[str, forms.Form]:
    """What the office can do with it now."""
    if found.state not in asked.WAITING:
        return {}
    do = request.POST.get("do", "")
    made: dict[str, forms.Form] = {
        "answer": AnswerForm(list(visible_datasets(reader(request))[:500]), request.POST if do == "answer" else None),
        "refuse": RefuseForm(request.POST if do == "refuse" else None),
    }
    if found.state == "received":
        made["drop"] = DropForm(request.POST if do == "drop" else None)
    else:
        made["extend"] = ExtendForm(request.POST if do == "extend" else None, initial={"due": found.due})
    return made


def _do(request: HttpRequest, found: DataRequest, offered: dict[str, forms.Form], secret: str) -> bool:
    """Does what was pressed; False where the form does not say how. Raises Denied."""
    actor, do = reader(request), request.POST.get("do", "")
    if do in ("support", "unsupport"):
        asking.support(actor, found, do == "support")
        return True
    form = offered.get(do)
    if form is not None and not form.is_valid():
        return False
    said: dict[str, Any] = form.cleaned_data if form is not None else {}
    try:
        if do == "admit":
            asking.admit(actor, found)
        elif isinstance(form, AnswerForm):
            asking.answer(actor, found, said["answer_text"], form.chosen())
        elif isinstance(form, RefuseForm):
            asking.refuse(actor, found, said["refuse_text"], said["legal_ground"])
        elif isinstance(form, ExtendForm):
            asking.extend(actor, found, said["due"], said["extend_text"])
        elif isinstance(form, DropForm):
            asking.drop(actor, found, said["drop_text"])
        elif isinstance(form, ObjectForm):
            asking.object_to(actor, found, secret, said["object_text"])
        else:
            return True
    except asking.NotNow as problem:
        messages.error(request, str(problem))
        return True
    messages.success(request, _("It is noted, and stands among the steps."))
    return True
