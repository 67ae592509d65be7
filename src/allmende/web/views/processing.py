"""How a dataset is kept and when it is erased, for its office; and the register of processing activities."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import require
from allmende.catalogue.queries import Dataset, UnknownDataset, get_dataset
from allmende.catalogue.retention import end_hold, hold, hold_of, schedule
from allmende.catalogue.services import change_dataset
from allmende.core.clock import now, town_zone
from allmende.core.texts import pick
from allmende.observations.retention import oldest
from allmende.web.processing import activities, to_csv, to_json
from allmende.web.processing_form import ProcessingForm
from allmende.web.readers import reader

MANAGE = "catalogue:manage"


@declares(MANAGE)
def processing(request: HttpRequest, slug: str) -> HttpResponse:
    """Purpose, ground and retention of a dataset, what will be erased and when, and the hold that pauses it."""
    found = _managed(request, slug)
    sent = request.POST if request.method == "POST" else None
    form = ProcessingForm(found, sent if sent and sent.get("do") == "say" else None)
    problem = ""
    if sent is not None:
        try:
            if _do(request, found, form):
                return HttpResponseRedirect(reverse("processing", args=[slug]))
        except ValidationError as error:
            if hasattr(error, "error_dict") and sent.get("do") == "say":
                form.add_error(None, [text for texts in error.message_dict.values() for text in texts])
            else:
                problem = " ".join(error.messages)
    streams, first = oldest(found)
    context = {
        "dataset": found,
        "form": form,
        "problem": problem,
        "hold": hold_of(found),
        "planned": schedule(found),
        "now": now(),
        "streams": streams,
        "first": first,
        "crumbs": [
            (_("Data"), reverse("data")),
            (_("Datasets"), reverse("datasets")),
            (pick(found.title), reverse("dataset", args=[slug])),
            (_("Purpose and retention"), ""),
        ],
    }
    status = 422 if form.errors or problem else 200
    return render(request, "web/catalogue/processing.html", context, status=status)


def _do(request: HttpRequest, found: Dataset, form: ProcessingForm) -> bool:
    """What a button says; False where something is wrong. Raises ValidationError."""
    actor, do = reader(request), request.POST.get("do")
    if do == "hold":
        hold(actor, found, request.POST.get("reason", ""))
        messages.success(request, _("Nothing of this dataset is erased until you end this."))
    elif do == "end":
        end_hold(actor, found)
        messages.success(request, _("What is due is erased from now on again, every night."))
    elif do == "say" and form.is_valid():
        change_dataset(actor, found, **form.changes())  # type: ignore[typeddict-item]
        messages.success(request, _("It is kept so from now on."))
    else:
        return False
    return True


def _managed(request: HttpRequest, slug: str) -> Dataset:
    try:
        found = get_dataset(reader(request), slug)
    except UnknownDataset as error:
        raise Http404(str(error)) from error
    require(reader(request), MANAGE, found)
    return found


@declares(MANAGE)
def register_of_processing(request: HttpRequest) -> HttpResponse:
    """The register of processing activities (Art. 30 GDPR), as it follows from what is set up; to be printed."""
    found = activities(reader(request))
    context = {
        "activities": found,
        "gaps": sum(len(each.gaps) for each in found),
        "made": now().astimezone(town_zone()),
        "crumbs": [(_("Data"), reverse("data")), (_("Register of processing activities"), "")],
    }
    return render(request, "web/catalogue/register_of_processing.html", context)


@declares(MANAGE)
def register_of_processing_csv(request: HttpRequest) -> HttpResponse:
    """The same as a table."""
    response = HttpResponse(to_csv(activities(reader(request))), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="processing.csv"'
    return response


@declares(MANAGE)
def register_of_processing_json(request: HttpRequest) -> HttpResponse:
    """The same as JSON."""
    found = to_json(activities(reader(request)))
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})
