"""What others made with the data: the list, offering one, and the office's decision."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allmende.accounts.actors import ANONYMOUS
from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import can
from allmende.catalogue.queries import visible_datasets
from allmende.catalogue.uses import showcases
from allmende.catalogue.uses.showcases import UnknownShowcase
from allmende.core.texts import pick
from allmende.web.paging import paged
from allmende.web.readers import reader
from allmende.web.throttle import too_many

PAGE = 20
_AN_HOUR = 5
_MOST_DATASETS = 1_000


class UseForm(forms.Form):
    """What somebody made."""

    title = forms.CharField(label=gettext_lazy("What is it called?"), max_length=120)
    url = forms.URLField(label=gettext_lazy("Where can it be seen?"), max_length=500, assume_scheme="https")
    text = forms.CharField(
        label=gettext_lazy("What is it, and for whom?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    dataset = forms.ChoiceField(label=gettext_lazy("Made with the dataset"), required=False)
    maker = forms.CharField(
        label=gettext_lazy("Who made it"),
        help_text=gettext_lazy("As you would like to be named; everybody reads it."),
        max_length=120,
        required=False,
    )

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self._datasets = {each.slug: each for each in visible_datasets(ANONYMOUS)[:_MOST_DATASETS]}
        choices = [("", _("none of these"))] + [(slug, pick(each.title)) for slug, each in self._datasets.items()]
        self.fields["dataset"].choices = choices  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """As the service takes it."""
        given = dict(self.cleaned_data)
        chosen = self._datasets.get(given.pop("dataset"))
        return {**given, "datasets": [chosen] if chosen else []}


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    here = (_("Made with our data"), reverse("uses") if more else "")
    return [(_("Data"), reverse("data")), (_("Datasets"), reverse("datasets")), here, *more]


@declares("catalogue:read")
def uses(request: HttpRequest) -> HttpResponse:
    """What is shown; for the office also what waits."""
    actor = reader(request)
    if request.method == "POST":
        return _decide(request)
    context = {
        "pages": paged(request, list(showcases.shown(actor)), PAGE),
        "waiting": showcases.waiting(actor),
        "may_manage": can(actor, "catalogue:manage"),
        "crumbs": _crumbs(),
    }
    return render(request, "web/uses/list.html", context)


def _decide(request: HttpRequest) -> HttpResponse:
    show = request.POST.get("do") == "show"
    try:
        showcases.decide(reader(request), request.POST.get("code", ""), show=show)
    except UnknownShowcase as error:
        raise Http404 from error
    messages.success(request, _("Everybody sees it now.") if show else _("It is not shown."))
    return HttpResponseRedirect(reverse("uses"))


@declares("catalogue:ask")
def offer(request: HttpRequest) -> HttpResponse:
    """Offering one, without an account."""
    form = UseForm(request.POST or None, {"dataset": request.GET.get("dataset", "")})
    if request.method == "POST" and form.is_valid():
        if too_many(request, "use", _AN_HOUR):
            form.add_error(None, _("Many came from your connection. Please try again in an hour."))
            return render(request, "web/uses/offer.html", {"form": form, "crumbs": _crumbs()}, status=429)
        showcases.offer(reader(request), **form.said())
        messages.success(request, _("Thank you. Somebody looks at it, then it stands here."))
        return HttpResponseRedirect(reverse("uses"))
    context = {"form": form, "crumbs": _crumbs((_("Show what you made"), ""))}
    return render(request, "web/uses/offer.html", context, status=422 if form.errors else 200)
