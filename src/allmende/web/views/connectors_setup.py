"""Setting a connector up, step by step: kind, where from, a message, what it means, name and dataset."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import Denied
from allmende.catalogue.services import register_dataset
from allmende.connectors import services
from allmende.connectors.queries import Draft, UnknownDraft, get_draft
from allmende.connectors.readings import Message, Unmapped, arrival_now
from allmende.connectors.table import KINDS
from allmende.core.clock import now
from allmende.core.said import Said, said_of
from allmende.core.units import UNITS
from allmende.web.connecting.bench import Bench, bench_of_draft
from allmende.web.connecting.forms import FinishForm, JsonForm, SampleForm
from allmende.web.connecting.showing import door_of
from allmende.web.connecting.steps import after, before, names_of, steps_of, url_of
from allmende.web.readers import reader
from allmende.web.views.connectors import MANAGE, crumbs


@declares(MANAGE)
def connector_new(request: HttpRequest) -> HttpResponse:
    """The kinds; choosing one begins a draft."""
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        if kind in KINDS:
            draft = services.begin_draft(reader(request), kind)
            return HttpResponseRedirect(url_of(draft, names_of(KINDS[kind])[0]))
    context = {"kinds": KINDS.values(), "crumbs": crumbs((_("Set up a connector"), ""))}
    return render(request, "web/connectors/new.html", context)


@declares(MANAGE)
def connector_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One step of a draft of one's own."""
    try:
        draft = get_draft(reader(request), code)
    except UnknownDraft as error:
        raise Http404(str(error)) from error
    if draft.kind not in KINDS or step not in names_of(KINDS[draft.kind]):
        raise Http404(step)
    return _STEPS[step](request, draft)


def _page(request: HttpRequest, draft: Draft, step: str, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "draft": draft,
        "kind": KINDS[draft.kind],
        "steps": steps_of(draft, step),
        "before_url": before(draft, step),
        "crumbs": crumbs((_("Set up a connector"), "")),
        **more,
    }
    return render(request, f"web/connectors/step_{step}.html", context, status=status)


def _source(request: HttpRequest, draft: Draft) -> HttpResponse:
    make = KINDS[draft.kind].form
    assert make is not None
    form = make(request.POST or None, initial=make.of(draft.config))
    if request.method == "POST" and form.is_valid():
        services.change_draft(reader(request), draft.code, config=form.config(draft.config))
        return HttpResponseRedirect(after(draft, "source"))
    return _page(request, draft, "source", 422 if form.errors else 200, form=form)


def _message(request: HttpRequest, draft: Draft) -> HttpResponse:
    bench, actor, do = bench_of_draft(draft), reader(request), request.POST.get("do", "")
    form = SampleForm(request.POST if do == "paste" else None, topics=bench.topics)
    secret, problem = "", ""
    if do == "secret" and KINDS[draft.kind].hook:
        secret = services.draft_secret(actor, draft.code)
        draft = get_draft(actor, draft.code)
    elif do == "listen" and KINDS[draft.kind].run:
        services.listen(actor, draft.code)
        return HttpResponseRedirect(url_of(draft, "message"))
    elif do == "paste" and form.is_valid():
        topic, payload = form.cleaned_data.get("topic", ""), form.cleaned_data["payload"].encode()
        try:
            config = replace(bench, sample=Message(payload, topic, arrival_now())).suggested()
            services.change_draft(actor, draft.code, sample=(topic, payload), config=config)
            return HttpResponseRedirect(after(draft, "message"))
        except Unmapped as error:
            form.add_error("payload", error.said.here())
    elif do == "use" and bench.sample:
        try:
            services.change_draft(actor, draft.code, config=bench.suggested())
            return HttpResponseRedirect(after(draft, "message"))
        except Unmapped as error:
            problem = error.said.here()
    listening = draft.listens_until is not None and draft.listens_until > now()
    return _page(
        request,
        draft,
        "message",
        422 if problem or form.errors else 200,
        form=form,
        sample=bench.sample,
        sample_text=bench.sample.payload.decode("utf-8", "replace") if bench.sample else "",
        problem=problem,
        secret=secret,
        door=door_of(draft.code),
        listening=listening,
        waits=listening or bool(draft.secret_hash),
        trouble=Said.from_json(draft.trouble).here() if draft.trouble else "",
        skips=draft.kind in ("chirpstack", "ttn"),
        finish_url=url_of(draft, "finish"),
    )


def _mapping(request: HttpRequest, draft: Draft) -> HttpResponse:
    bench = bench_of_draft(draft)
    if not bench.format or (bench.sample is None and "json" not in request.GET):
        return HttpResponseRedirect(url_of(draft, "message"))

    def keep(config: dict[str, Any]) -> None:
        services.change_draft(reader(request), draft.code, config=config)

    return work(request, bench, keep, lambda **more: _page(request, draft, "mapping", **more), after(draft, "mapping"))


def work(
    request: HttpRequest,
    bench: Bench,
    keep: Callable[[dict[str, Any]], None],
    page: Callable[..., HttpResponse],
    next_url: str,
) -> HttpResponse:
    """The workbench of a mapping, also for a connector that there is already: the form on the left, what the messages
    become on the right. Only «save» keeps; any other sending shows what would be."""
    as_json = "json" in request.GET
    form: Any = (
        JsonForm(request.POST or None, bench.kind, bench.config) if as_json else bench.form(request.POST or None)
    )
    config, status, sent = bench.config, 200, request.method == "POST"
    if sent and form is not None:
        if form.is_valid():
            config = form.config() if as_json else bench.with_rules(form.rules())
        else:
            status = 422
    previews, problem = bench.previews(config)
    if sent and status == 200 and "save" in request.POST and not problem:
        keep(config)
        return HttpResponseRedirect(next_url)
    return page(
        status=status if "save" in request.POST else 200,
        form=form,
        bench=bench,
        as_json=as_json,
        previews=previews,
        problem=problem,
        sent=sent,
        units=UNITS,
    )


def _finish(request: HttpRequest, draft: Draft) -> HttpResponse:
    actor = reader(request)
    form = FinishForm(request.POST or None, actor)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            dataset = said["dataset"]
            if said.get("title"):
                dataset = register_dataset(actor, slugify(said["title"]), said["title"]).slug
            added = services.finish_draft(actor, draft.code, said["name"], dataset)
        except (ValueError, ValidationError, Denied) as error:
            form.add_error(None, _why(error))
        else:
            return _finished(request, added)
    return _page(request, draft, "finish", 422 if form.errors else 200, form=form, hook=KINDS[draft.kind].hook)


def _why(error: Exception) -> str:
    if isinstance(error, Denied):
        return _("You may not set up connectors for this dataset, or its title is taken.")
    return " ".join(error.messages) if isinstance(error, ValidationError) else said_of(error).here()


def _finished(request: HttpRequest, added: services.Added) -> HttpResponse:
    """With a secret, a page that shows it once; else the page of the connector."""
    if added.secret:
        context = {
            "connector": added.connector,
            "secret": added.secret,
            "door": door_of(added.connector.code),
            "fresh": True,
            "crumbs": crumbs((added.connector.name, "")),
        }
        return render(request, "web/connectors/secret.html", context)
    messages.success(request, _("The connector is set up. It begins within seconds."))
    return HttpResponseRedirect(reverse("connector", args=[added.connector.code]))


_STEPS: dict[str, Callable[[HttpRequest, Draft], HttpResponse]] = {
    "source": _source,
    "message": _message,
    "mapping": _mapping,
    "finish": _finish,
}


@declares(MANAGE)
def draft_drop(request: HttpRequest, code: str) -> HttpResponse:
    """Throws a draft of one's own away."""
    try:
        if request.method == "POST":
            services.drop_draft(reader(request), code)
    except UnknownDraft as error:
        raise Http404(str(error)) from error
    return HttpResponseRedirect(reverse("connectors"))
