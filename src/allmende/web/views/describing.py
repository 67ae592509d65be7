"""Saying what a dataset and its columns are: registering one, changing its description and its data dictionary."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import Denied, require
from allmende.catalogue.queries import Dataset, UnknownDataset, dictionaries, get_dataset, is_free
from allmende.catalogue.services import change_dataset, describe_column, register_dataset
from allmende.core.texts import pick, slug_of
from allmende.web.describing_forms import ColumnEdit, ColumnForm, DatasetForm
from allmende.web.loading_form import TYPES
from allmende.web.readers import reader

MANAGE = "catalogue:manage"


def _managed(request: HttpRequest, slug: str) -> Dataset:
    try:
        found = get_dataset(reader(request), slug)
    except UnknownDataset as error:
        raise Http404(str(error)) from error
    require(reader(request), MANAGE, found)
    return found


def _crumbs(found: Dataset | None, title: str) -> list[tuple[str, str]]:
    here = [(pick(found.title), reverse("dataset", args=[found.slug]))] if found else []
    return [(_("Data"), reverse("data")), (_("Datasets"), reverse("datasets")), *here, (title, "")]


@declares(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    """A dataset that has no data yet."""
    require(reader(request), MANAGE)
    form = DatasetForm(reader(request), None, request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = _register(request, form)
        if made:
            messages.success(request, _("The dataset is registered. Now it needs data."))
            return HttpResponseRedirect(reverse("loading") + f"?dataset={made.slug}")
    title = _("Register a dataset")
    context = {"form": form, "title": title, "back": reverse("datasets"), "crumbs": _crumbs(None, title)}
    return render(request, "web/catalogue/describe.html", context, status=422 if form.errors else 200)


def _register(request: HttpRequest, form: DatasetForm) -> Dataset | None:
    details = form.changes()
    slug = slug_of(form.cleaned_data["title_de"])
    if not slug:
        form.add_error("title_de", _("The title needs letters or digits."))
        return None
    if not is_free(slug):
        form.add_error("title_de", _("There is a dataset of this name already."))
        return None
    try:
        return register_dataset(reader(request), slug, **details)
    except ValidationError as problem:
        form.blame(problem)
    except Denied:
        form.add_error("owner", _("You may not register datasets for this owner."))
    return None


@declares(MANAGE)
def describe(request: HttpRequest, slug: str) -> HttpResponse:
    """The description of a dataset."""
    found = _managed(request, slug)
    form = DatasetForm(reader(request), found, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            change_dataset(reader(request), found, **form.changes())
            messages.success(request, _("The description is saved."))
            return HttpResponseRedirect(reverse("dataset", args=[slug]))
        except ValidationError as problem:
            form.blame(problem)
        except Denied:
            form.add_error("owner", _("You may not hand the dataset to this owner."))
    title = _("Describe the dataset")
    context = {
        "form": form,
        "title": title,
        "dataset": found,
        "back": reverse("dataset", args=[slug]),
        "crumbs": _crumbs(found, title),
    }
    return render(request, "web/catalogue/describe.html", context, status=422 if form.errors else 200)


@declares(MANAGE)
def columns(request: HttpRequest, slug: str) -> HttpResponse:
    """The data dictionary of all tables of a dataset."""
    found = _managed(request, slug)
    data = request.POST if request.method == "POST" else None
    tables = [
        (
            table,
            [
                ColumnEdit(ColumnForm(each, data), str(TYPES.get(facts.type, facts.type)) if facts else "", span)
                for each, facts, span in entries
            ],
        )
        for table, entries in dictionaries(found)
    ]
    forms = [edit.form for _table, edits in tables for edit in edits]
    failed = data is not None and any([bool(form.errors) for form in forms])  # noqa: C419  every form is asked
    if data is not None and not failed:
        with transaction.atomic():
            for form in forms:
                if form.has_changed():
                    describe_column(reader(request), form.column, **form.changes())
        messages.success(request, _("The columns are described."))
        return HttpResponseRedirect(reverse("dataset", args=[slug]))
    context = {
        "dataset": found,
        "tables": tables,
        "failed": failed,
        "crumbs": _crumbs(found, _("Describe the columns")),
    }
    return render(request, "web/catalogue/columns.html", context, status=422 if failed else 200)
