"""The texts about this site, and what readers report."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import can, require
from allmende.core.texts import pick
from allmende.web.forms import FeedbackForm, PageForm
from allmende.web.markdown import to_html
from allmende.web.models import Page
from allmende.web.pages import change_page, get_page
from allmende.web.readers import reader
from allmende.web.throttle import too_many

REPORTS_AN_HOUR = 5


def _page_or_404(slug: str) -> Page:
    page = get_page(slug)
    if page is None:
        raise Http404(slug)
    return page


@declares("pages:read")
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A text about this site; `?easy=1` shows it in easy language where there is such a text."""
    found = _page_or_404(slug)
    easy = "easy" in request.GET and bool(found.body.get("easy"))
    body = pick(found.body, "easy" if easy else None)
    context = {
        "page": found,
        "body": to_html(body),
        "easy": easy,
        "has_easy": bool(found.body.get("easy")) and (get_language() or "de").startswith("de"),
        "may_edit": can(reader(request), "pages:edit", found),
        "has_gaps": "[…" in body,
    }
    return render(request, "web/page.html", context)


@declares("pages:edit")
def page_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Edits a text, with a preview; earlier wordings stand below."""
    found = _page_or_404(slug)
    require(reader(request), "pages:edit", found)
    form = PageForm(request.POST or None, initial=PageForm.initial_of(found))
    preview: list[tuple[str, str, str]] = []
    if request.method == "POST" and form.is_valid():
        title, body = form.texts("title"), form.texts("body")
        if "save" in request.POST:
            if change_page(reader(request), found, title=title, body=body):
                messages.success(request, _("The new wording is in place. The earlier one is kept."))
            return HttpResponseRedirect(reverse("page", args=[slug]))
        preview = [(variant, pick(title, variant), to_html(text)) for variant, text in body.items()]
    versions = [(version, to_html(pick(version.body))) for version in found.versions.all()[:20]]
    context = {"page": found, "form": form, "preview": preview, "versions": versions}
    return render(request, "web/page_edit.html", context)


@declares("pages:read")
def feedback(request: HttpRequest) -> HttpResponse:
    """Takes a report of a barrier, a mistake or an idea; answers with its number."""
    form = FeedbackForm(request.POST or None, initial={"page": request.GET.get("page", ""), "kind": "barrier"})
    if request.method == "POST" and form.is_valid():
        if too_many(request, "feedback", REPORTS_AN_HOUR):
            form.add_error(None, _("Many reports came from your connection. Please try again in an hour."))
            return render(request, "web/feedback.html", {"form": form}, status=429)
        report = form.save(commit=False)
        report.language = get_language() or "de"
        report.save()
        return render(request, "web/feedback_done.html", {"report": report})
    return render(request, "web/feedback.html", {"form": form}, status=422 if form.errors else 200)
