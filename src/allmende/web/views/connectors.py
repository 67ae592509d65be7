"""Connectors: the list, the page of one, and what may be done with it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from allmende.accounts.endpoints import declares
from allmende.connectors import services
from allmende.connectors.queries import (
    Connector,
    Draft,
    UnknownConnector,
    drafts_of,
    faulty_of,
    get_connector,
    hidden,
    listed,
)
from allmende.connectors.table import KINDS
from allmende.core.clock import from_us
from allmende.core.said import said_of
from allmende.web.connecting.showing import door_of, faulty, shown
from allmende.web.connecting.steps import names_of, url_of
from allmende.web.readers import reader

MANAGE = "observations:manage"


def connector_or_404(request: HttpRequest, code: str) -> Connector:
    """The connector, where the reader manages its dataset."""
    try:
        return get_connector(reader(request), code)
    except UnknownConnector as error:
        raise Http404(str(error)) from error


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """Where the pages of connectors lie."""
    return [(_("Data"), reverse("data")), (_("Connectors"), reverse("connectors")), *more]


@declares(MANAGE)
def connectors(request: HttpRequest) -> HttpResponse:
    """All connectors that the reader manages, those in trouble first; unfinished set-ups."""
    order = ("trouble", "unattended", "flooded", "waiting", "receiving", "paused")
    rows = sorted((shown(each) for each in listed(reader(request))), key=lambda row: order.index(row.state))
    drafts = [(draft, KINDS[draft.kind].label, _begin(draft)) for draft in drafts_of(reader(request))]
    trail = [*crumbs()[:1], (_("Connectors"), "")]
    context = {"rows": rows, "drafts": drafts, "crumbs": trail}
    return render(request, "web/connectors/list.html", context)


def _begin(draft: Draft) -> str:
    return url_of(draft, names_of(KINDS[draft.kind])[0])


@declares(MANAGE)
def connector(request: HttpRequest, code: str) -> HttpResponse:
    """One connector: how it does, its last messages, those that could not be used."""
    found = connector_or_404(request, code)
    rows = [faulty(row) for row in faulty_of(found)]
    samples = [(from_us(each["arrival"]), each["topic"], each["payload"], each["size"]) for each in found.samples]
    context = {
        "connector": found,
        "shown": shown(found),
        "faulty": rows[:50],
        "faulty_count": len(rows),
        "samples": samples,
        "config": hidden(found.config),
        "dataset": found.dataset,
        "replays": KINDS[found.kind].decoder is not None,
        "crumbs": crumbs((found.name, "")),
    }
    return render(request, "web/connectors/page.html", context)


@require_POST
@declares(MANAGE)
def connector_do(request: HttpRequest, code: str) -> HttpResponse:
    """Pausing, resuming, replaying, discarding, a new secret: whichever button was pressed."""
    found, actor, do = connector_or_404(request, code), reader(request), request.POST.get("do", "")
    chosen = request.POST.getlist("message") or None
    if do in ("pause", "resume"):
        services.switch(actor, code, do == "resume")
        said = _("The connector is paused.") if do == "pause" else _("The connector is running again within seconds.")
        messages.success(request, said)
    elif do == "replay":
        _replay(request, code, chosen)
    elif do == "discard":
        count = services.discard(actor, code, chosen)
        text = ngettext("%(count)s message was discarded.", "%(count)s messages were discarded.", count)
        messages.success(request, text % {"count": count})
    elif do == "secret":
        secret = services.new_secret(actor, code)
        context = {"connector": found, "secret": secret, "door": door_of(code), "crumbs": crumbs((found.name, ""))}
        return render(request, "web/connectors/secret.html", context)
    return HttpResponseRedirect(reverse("connector", args=[code]))


def _replay(request: HttpRequest, code: str, chosen: list[str] | None) -> None:
    try:
        done = services.replay(reader(request), code, chosen)
    except ValueError as error:
        messages.error(request, said_of(error).here())
        return
    if done.messages:
        text = ngettext(
            "%(count)s message could be used now; values kept: %(values)s.",
            "%(count)s messages could be used now; values kept: %(values)s.",
            done.messages,
        )
        messages.success(request, text % {"count": done.messages, "values": done.observations})
    if done.failed:
        text = ngettext(
            "%(count)s message still cannot be used; the reason is shown with it.",
            "%(count)s messages still cannot be used; the reasons are shown with them.",
            done.failed,
        )
        messages.warning(request, text % {"count": done.failed})


@declares(MANAGE)
def connector_remove(request: HttpRequest, code: str) -> HttpResponse:
    """Asks, then removes; what the connector brought stays."""
    found = connector_or_404(request, code)
    if request.method == "POST":
        services.remove(reader(request), code)
        text = _("The connector “%(name)s” is removed. Its values are still there.")
        messages.success(request, text % {"name": found.name})
        return HttpResponseRedirect(reverse("connectors"))
    trail = crumbs((found.name, reverse("connector", args=[code])), (_("Remove"), ""))
    return render(request, "web/connectors/remove.html", {"connector": found, "crumbs": trail})
