"""Changing a connector: where its messages come from, and what they mean, tried on its last messages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.connectors import services
from allmende.connectors.queries import Connector, faulty_of
from allmende.connectors.table import KINDS
from allmende.core.said import said_of
from allmende.web.connecting.bench import bench_of_connector
from allmende.web.connecting.showing import message
from allmende.web.readers import reader
from allmende.web.views.connectors import MANAGE, connector_or_404, crumbs
from allmende.web.views.connectors_setup import work


@declares(MANAGE)
def connector_mapping(request: HttpRequest, code: str) -> HttpResponse:
    """The workbench of the mapping, with a preview on the last messages and on those that could not be used."""
    found = connector_or_404(request, code)
    faulty = [each for row in faulty_of(found)[:20] if (each := message(row))]
    bench = bench_of_connector(found, faulty)

    def keep(config: dict[str, Any]) -> None:
        services.change(reader(request), code, config=config)
        messages.success(request, _("Changed. Messages that did not fit before can be replayed now."))

    def page(**more: Any) -> HttpResponse:
        return _page(request, found, "mapping", faulty=len(faulty), **more)

    return work(request, bench, keep, page, reverse("connector", args=[code]))


@declares(MANAGE)
def connector_source(request: HttpRequest, code: str) -> HttpResponse:
    """Name, and where the messages come from."""
    found = connector_or_404(request, code)
    make = KINDS[found.kind].form
    form = make(request.POST or None, initial=make.of(found.config)) if make else None
    name = request.POST.get("connector_name", found.name).strip()
    problem = ""
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            config = form.config(found.config) if form else None
            services.change(reader(request), code, name=name, config=config)
        except ValueError as error:
            problem = said_of(error).here()
        else:
            messages.success(request, _("Changed. A running server follows within seconds."))
            return HttpResponseRedirect(reverse("connector", args=[code]))
    status = 422 if problem or (form is not None and form.errors) else 200
    return _page(request, found, "source", status=status, form=form, name=name, problem=problem)


def _page(request: HttpRequest, found: Connector, part: str, status: int = 200, **more: Any) -> HttpResponse:
    url = reverse("connector", args=[found.code])
    context = {"connector": found, "crumbs": crumbs((found.name, url), (_("Change"), "")), "before_url": url, **more}
    return render(request, f"web/connectors/edit_{part}.html", context, status=status)
