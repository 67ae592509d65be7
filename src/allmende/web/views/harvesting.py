"""Catalogues and services elsewhere whose datasets are listed here: setting them up, and what they brought."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.catalogue.harvest import sources
from allmende.catalogue.harvest.report import Report
from allmende.catalogue.harvest.sources import Source, UnknownSource
from allmende.web.harvest_forms import SourceForm
from allmende.web.readers import reader

MANAGE = "catalogue:manage"
_MOST = 100


def _crumbs(title: str = "") -> list[tuple[str, str]]:
    here = (_("Sources elsewhere"), reverse("harvesting") if title else "")
    return [(_("Data"), reverse("data")), (_("Datasets"), reverse("datasets")), here, *([(title, "")] if title else [])]


def _last(each: Source) -> Report | None:
    run = sources.last_run(each)
    return Report.from_json(run.report) if run and run.report else None


@declares(MANAGE)
def harvesting(request: HttpRequest) -> HttpResponse:
    """All sources with what they brought last, and a form for one more."""
    actor = reader(request)
    listed = [(each, _last(each)) for each in sources.sources(actor)]
    form = SourceForm(actor, None, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = sources.add_source(actor, **form.said())
            messages.success(request, _("The source is set up. It is read within a minute."))
            return HttpResponseRedirect(reverse("harvest_source", args=[made.code]))
        except ValidationError as problem:
            form.blame(problem)
    context = {"listed": listed, "form": form, "crumbs": _crumbs()}
    return render(request, "web/harvest/list.html", context, status=422 if form.errors else 200)


@declares(MANAGE)
def source(request: HttpRequest, code: str) -> HttpResponse:
    """One source: its last report, the datasets it brought, and how it is set up."""
    actor = reader(request)
    try:
        found = sources.get_source(actor, code)
    except UnknownSource as error:
        raise Http404(code) from error
    do = request.POST.get("do", "")
    form = SourceForm(actor, found, request.POST if do == "change" else None)
    if do == "now":
        sources.ask_for(actor, found)
        messages.success(request, _("It is read within a minute."))
        return HttpResponseRedirect(reverse("harvest_source", args=[code]))
    if do == "remove":
        sources.remove_source(actor, found)
        messages.success(request, _("The source is forgotten. The datasets that it brought stay."))
        return HttpResponseRedirect(reverse("harvesting"))
    if do == "change" and form.is_valid():
        try:
            sources.change_source(actor, found, **form.said())
            messages.success(request, _("The source is changed."))
            return HttpResponseRedirect(reverse("harvest_source", args=[code]))
        except ValidationError as problem:
            form.blame(problem)
    run = sources.last_run(found)
    context = {
        "source": found,
        "run": run,
        "report": _last(found),
        "brought": sources.brought(found, _MOST),
        "form": form,
        "crumbs": _crumbs(found.name),
    }
    return render(request, "web/harvest/source.html", context, status=422 if form.errors else 200)
