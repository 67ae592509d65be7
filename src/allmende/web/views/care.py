"""The care list: what needs a person today, as page, file and feed; setting things aside; mail about sensors."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import can, require
from allmende.accounts.queries import display_names
from allmende.core.clock import now, to_us, town_zone
from allmende.core.texts import pick
from allmende.observations.care import following
from allmende.observations.care.concerns import Need, concerns
from allmende.observations.care.noting import notes_of, set_aside, take_up
from allmende.observations.queries import Thing, UnknownThing, get_thing
from allmende.web.care_forms import FollowForm, NoteForm
from allmende.web.care_list import SEEN, care_list, row, to_csv
from allmende.web.feeds import CONTENT_TYPE, care_feed
from allmende.web.paging import paged, with_params
from allmende.web.readers import reader
from allmende.web.reasons import NEEDS
from allmende.web.states import MEANINGS, State

PAGE = 25


def _query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return f"?{query.urlencode()}" if query else ""


@declares("observations:read")
def care(request: HttpRequest) -> HttpResponse:
    """The list, the most urgent first."""
    actor = reader(request)
    found = care_list(actor, request.GET)
    query = _query(request)
    context = {
        "care": found,
        "pages": paged(request, found.rows, PAGE),
        "facets": found.facets,
        "may_manage": can(actor, "observations:manage"),
        "may_follow": can(actor, "observations:follow"),
        "csv_url": reverse("care_csv") + query,
        "feed_url": reverse("care_feed") + query,
        "open_url": with_params(request.GET, show=None, page=None),
        "seen_url": with_params(request.GET, show=SEEN, page=None),
        "needs": [
            (Need.SILENT.value, NEEDS[Need.SILENT], MEANINGS[State.SILENT]),
            (Need.IMPLAUSIBLE.value, NEEDS[Need.IMPLAUSIBLE], MEANINGS[State.IMPLAUSIBLE]),
            (Need.WEAK.value, NEEDS[Need.WEAK], _("The device itself reports that it will soon need somebody.")),
            (Need.LATE.value, NEEDS[Need.LATE], MEANINGS[State.LATE]),
        ],
        "crumbs": [(_("Data"), reverse("data")), (_("What needs care"), "")],
    }
    return render(request, "web/care/list.html", context)


@declares("observations:read")
def care_csv(request: HttpRequest) -> HttpResponse:
    """Exactly this list as a table."""
    response = HttpResponse(
        to_csv(care_list(reader(request), request.GET).rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="care.csv"'
    return response


@conditional_page
@declares("observations:read")
def feed(request: HttpRequest) -> HttpResponse:
    """Exactly this list as an Atom feed, in the language of the address."""
    rows = care_list(reader(request), request.GET).rows
    return HttpResponse(care_feed(rows, _query(request)), content_type=CONTENT_TYPE)


def _thing(request: HttpRequest, code: str) -> Thing:
    try:
        found = get_thing(reader(request), code)
    except UnknownThing as error:
        raise Http404(str(error)) from error
    require(reader(request), "observations:manage", found.dataset)
    return found


@declares("observations:manage")
def note(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody has seen what a thing needs: sets it aside with a note, or takes it up again."""
    thing, actor = _thing(request, code), reader(request)
    form = NoteForm(request.POST or None, initial={"until": "well"})
    if request.method == "POST" and "take_up" in request.POST:
        take_up(actor, thing)
        messages.success(request, _("It is on the list again."))
        return HttpResponseRedirect(reverse("care"))
    if request.method == "POST" and form.is_valid():
        try:
            set_aside(actor, thing, form.cleaned_data["text"], until_of(form.cleaned_data["until"]))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("It is set aside. Under “Set aside” it can be found."))
            return HttpResponseRedirect(reverse("care"))
    notes = notes_of(actor, thing)
    names = display_names([each.by for each in notes])
    found = concerns(actor, things=[thing.pk])
    context = {
        "thing": thing,
        "form": form,
        "row": row(found[0], to_us(now())) if found else None,
        "notes": [(each, names.get(each.by) or each.by) for each in notes],
        "crumbs": [
            (_("Data"), reverse("data")),
            (_("What needs care"), reverse("care")),
            (pick(thing.name), ""),
        ],
    }
    return render(request, "web/care/note.html", context, status=422 if form.errors else 200)


def until_of(choice: str) -> datetime | None:
    """The end of a pause: the morning (7 o'clock in the town) after so many days; None: until it is well again."""
    days = {"tomorrow": 1, "week": 7, "month": 30}.get(choice)
    if days is None:
        return None
    local = now().astimezone(town_zone()).date() + timedelta(days=days)
    return datetime.combine(local, time(7), tzinfo=town_zone())


@declares("observations:follow")
def mail(request: HttpRequest) -> HttpResponse:
    """What one follows by mail, and following more."""
    actor = reader(request)
    form = FollowForm(actor, request.POST or None, initial={"target": request.GET.get("target", ""), "when": "both"})
    if request.method == "POST" and "stop" in request.POST:
        following.unfollow(actor, request.POST["stop"])
        messages.success(request, _("There will be no more mail about this."))
        return HttpResponseRedirect(reverse("care_mail"))
    if request.method == "POST" and form.is_valid():
        form.follow()
        messages.success(request, _("Mail will come as you chose."))
        return HttpResponseRedirect(reverse("care_mail"))
    context: dict[str, Any] = {
        "form": form,
        "followed": following.followed(actor),
        "crumbs": [
            (_("Data"), reverse("data")),
            (_("What needs care"), reverse("care")),
            (_("Mail about sensors"), ""),
        ],
    }
    return render(request, "web/care/mail.html", context, status=422 if form.errors else 200)


# Without a CSRF token: mail programs end subscriptions by themselves with a POST (RFC 8058). The key stands for both.
@csrf_exempt
@declares("pages:read")
def farewell(request: HttpRequest, key: str) -> HttpResponse:
    """Ends all mail of the person to whom the key was mailed, after one more click: programs open links of mails."""
    person = following.person_of(key)
    if person is None:
        raise Http404("farewell")
    done = request.method == "POST"
    if done:
        following.unfollow_all(person)
    return render(request, "web/care/farewell.html", {"done": done})
