"""Search over everything that the rooms have registered."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from allmende.accounts.endpoints import declares
from allmende.catalogue.search.finding import find
from allmende.core import kinds
from allmende.web.paging import paged
from allmende.web.readers import reader

MOST = 100
PAGE = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A result as the page shows it."""

    title: str
    line: str
    kind: str
    url: str


def _found(hits: Sequence[kinds.Hit]) -> list[Found]:
    language = (get_language() or "de")[:2]
    known = {kind.name: kind for kind in kinds.all()}
    return [
        Found(hit.title, hit.line, known[hit.kind].label_in(), f"/{language}/{known[hit.kind].url(hit.code)}")
        for hit in hits
    ]


@declares("pages:read")
def opensearch(request: HttpRequest) -> HttpResponse:
    """By this browsers offer to search here (OpenSearch 1.1)."""
    language = "en" if request.GET.get("language") == "en" else "de"
    context = {"server": request.build_absolute_uri("/").rstrip("/"), "language": language}
    kind = "application/opensearchdescription+xml"
    return render(request, "web/opensearch.xml", context, content_type=kind)


@declares("pages:read")
def search(request: HttpRequest) -> HttpResponse:
    """Results for `?q=`; without words it says what can be found here."""
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:200]  # PostgreSQL takes no zero byte
    hits = kinds.search(text, reader(request), MOST) if text else []
    pages = paged(request, hits, PAGE)
    context = {
        "search_text": text,
        "pages": pages,
        "found": _found(pages.rows),
        "most": MOST,
        "instead": find(reader(request), text).instead if text else "",
        "kinds": sorted(kind.label_in() for kind in kinds.all()),
    }
    return render(request, "web/search.html", context)
