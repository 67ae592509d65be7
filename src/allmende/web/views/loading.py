"""Loading a file in the browser: send it, see how it is understood and correct that, load it, see what became of it."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import Denied, can, require
from allmende.catalogue import uploads
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabling import TableProposal, Trial
from allmende.catalogue.loaders.words import words
from allmende.catalogue.queries import Dataset, UnknownDataset, get_dataset, visible_datasets
from allmende.catalogue.services import register_dataset
from allmende.catalogue.uploads import UnknownUpload
from allmende.core.texts import slug_of
from allmende.web.loading_form import Workbench, hints_of, said_rows
from allmende.web.readers import reader

MANAGE = "catalogue:manage"


@dataclass(frozen=True, slots=True)
class Understood:
    """A table as the workspace shows it."""

    proposal: TableProposal
    trial: Trial
    said: list[tuple[str, str, str]]


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Data"), reverse("data")), (_("Datasets"), reverse("datasets")), *more]


@declares(MANAGE)
def loading(request: HttpRequest) -> HttpResponse:
    """Where a file is sent; and one's own that are not loaded yet."""
    actor, problem = reader(request), ""
    dataset = _asked(request)
    if request.method == "POST":
        sent = request.FILES.get("file")
        if sent is None:
            problem = _("Choose a file first.")
        else:
            try:
                upload = uploads.begin_upload(actor, sent.name or "", sent.chunks(), dataset)
                return HttpResponseRedirect(reverse("upload", args=[upload.code]))
            except Unreadable as error:
                problem = words(error.said)
    context = {
        "problem": problem,
        "dataset": dataset,
        "waiting": uploads.waiting_uploads(actor),
        "crumbs": _crumbs((_("Load a file"), "")),
    }
    return render(request, "web/catalogue/load.html", context, status=422 if problem else 200)


def _asked(request: HttpRequest) -> Dataset | None:
    """The dataset that the file is for, where one came from its page."""
    asked = request.POST.get("dataset") or request.GET.get("dataset")
    if not asked:
        return None
    try:
        return get_dataset(reader(request), asked)
    except UnknownDataset:
        return None


@declares(MANAGE)
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """The workspace of a file; while it is loaded, how far it is; afterwards, what became of it."""
    one = _own(request, code)
    if one.state == "loading" and not uploads.is_stuck(one):
        context = {"upload": one, "share": round(100 * one.done_bytes / max(one.size, 1)), "crumbs": _here(one)}
        return render(request, "web/catalogue/loading.html", context)
    if one.state == "done":
        return render(request, "web/catalogue/loaded.html", {"upload": one, "crumbs": _here(one)})
    return _workspace(request, one)


def _own(request: HttpRequest, code: str) -> uploads.Upload:
    try:
        return uploads.get_upload(reader(request), code)
    except UnknownUpload as error:
        raise Http404(code) from error


def _here(one: uploads.Upload) -> list[tuple[str, str]]:
    return _crumbs((_("Load a file"), reverse("loading")), (one.name, ""))


def _workspace(request: HttpRequest, one: uploads.Upload) -> HttpResponse:
    sent = request.method == "POST"
    hints = hints_of(request.POST) if sent else uploads.TableHints.from_json(one.hints)
    problem, understood, differs = "", [], ""
    asked = ("known" in request.POST if sent else "anew" not in request.GET) and hints == uploads.TableHints()
    proposals: list[TableProposal] = []
    try:
        proposals, trials = uploads.known_and_tried(one) if asked else ([], [])
    except Unreadable as error:
        differs = words(error.said)
    by_recipe = bool(proposals)
    try:
        if not proposals:
            proposals, trials = uploads.propose_and_try(one, hints)
        understood = [
            Understood(proposal, trial, list(said_rows(proposal.said)))
            for proposal, trial in zip(proposals, trials, strict=True)
        ]
    except Unreadable as error:
        problem = words(error.said)
    if sent and not problem:
        if not by_recipe:
            uploads.keep_hints(one, hints)
        if "load" in request.POST:
            problem = _begin(request, one, proposals)
            if not problem:
                return HttpResponseRedirect(reverse("upload", args=[one.code]))
    failed = words(Said.from_json(one.problem)) if one.state == "failed" and one.problem and not sent else ""
    context = {
        "upload": one,
        "understood": understood,
        "bench": Workbench(
            hints,
            understood[0].proposal if len(understood) == 1 and not by_recipe else None,
            request.POST if sent else None,
        ),
        "problem": problem or failed,
        "differs": differs,
        "by_recipe": by_recipe,
        "stuck": uploads.is_stuck(one),
        "datasets": [each for each in visible_datasets(reader(request)) if can(reader(request), MANAGE, each)],
        "chosen": request.POST.get("dataset") or (one.dataset.slug if one.dataset else ""),
        "title": request.POST.get("title") or _title(one.name),
        "crumbs": _here(one),
    }
    return render(request, "web/catalogue/workspace.html", context, status=422 if sent and problem else 200)


def _title(name: str) -> str:
    stem = name.split(".")[0].replace("_", " ").replace("-", " ").strip()
    return stem[:1].upper() + stem[1:]


def _begin(request: HttpRequest, one: uploads.Upload, proposals: list[TableProposal]) -> str:
    """Begins to load; returns what speaks against it."""
    actor = reader(request)
    try:
        if slug := request.POST.get("dataset"):
            dataset = get_dataset(actor, slug)
        else:
            title = request.POST.get("title", "").strip()
            if not slug_of(title):
                return _("Give the new dataset a title.")
            dataset = register_dataset(actor, slug_of(title), title)
        require(actor, MANAGE, dataset)
        chosen = set(request.POST.getlist("table"))
        recipes = [each.recipe for each in proposals if len(proposals) == 1 or each.recipe.table in chosen]
        if not recipes:
            return _("Choose at least one table.")
        uploads.load_upload(actor, one, dataset, recipes)
    except (Denied, UnknownDataset):
        return _("You may not load files into this dataset, or its title is taken.")
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@declares(MANAGE)
def drop(request: HttpRequest, code: str) -> HttpResponse:
    """Throws a file of one's own away."""
    one = _own(request, code)
    if request.method == "POST":
        uploads.drop_upload(reader(request), one.code)
    return HttpResponseRedirect(reverse("loading"))


@declares(MANAGE)
def aside(request: HttpRequest, code: str, table: str) -> HttpResponse | FileResponse:
    """The rows that did not fit, to mend and send again."""
    one = _own(request, code)
    path = uploads.aside_of(one, table)
    if path is None:
        raise Http404(table)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="text/csv; charset=utf-8")
