"""The page of a datastream: newest value, chart over any range, the same numbers as a table, downloads of all of it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import can
from allmende.core.clock import from_us, now, to_us
from allmende.core.links import links_of
from allmende.core.texts import pick
from allmende.core.units import symbol
from allmende.observations.care.habits import habits
from allmende.observations.care.rules import state_of
from allmende.observations.quality import words
from allmende.observations.queries import (
    Datastream,
    Extent,
    UnknownDatastream,
    extents,
    get_datastream,
    latest,
)
from allmende.web import formats
from allmende.web.charts.locales import number_locale, time_locale
from allmende.web.charts.picture import picture
from allmende.web.charts.spec import WIDE, interactive, specification
from allmende.web.charts.table import table
from allmende.web.paging import paged
from allmende.web.quantities import decimals
from allmende.web.ranges import LABELS, Asked, Span, asked, neighbours
from allmende.web.readers import reader
from allmende.web.states import MEANINGS, WORDS

ROWS = 100
FORMATS = (("csv", "CSV"), ("csv-de", "CSV (Excel)"), ("json", "JSON"), ("parquet", "Parquet"))


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest value as the page shows it."""

    value: str
    unit: str
    time: int | None
    ago: str
    state: str
    state_words: str
    meaning: str
    quality: tuple[str, ...]


def _stream(request: HttpRequest, code: str) -> Datastream:
    try:
        return get_datastream(reader(request), code)
    except UnknownDatastream as error:
        raise Http404(str(error)) from error


def _newest(stream: Datastream) -> Newest:
    sample = latest([stream.id]).get(stream.id)
    present = to_us(now())
    habit, implausible = habits([stream.id])[stream.id]
    last = sample.time if sample else None
    state = state_of(last, present, habit, implausible=implausible, registered=to_us(stream.created))
    value = sample.value if sample else None
    return Newest(
        value=formats.number(value, decimals(stream.unit, value)),
        unit=symbol(stream.unit) if value is not None else "",
        time=sample.time if sample else None,
        ago=formats.ago(from_us(present) - from_us(sample.time)) if sample else "",
        state=state.value,
        state_words=str(WORDS[state]),
        meaning=str(MEANINGS[state]),
        quality=tuple(words(sample.quality)) if sample else (),
    )


def _extent(stream: Datastream) -> Extent | None:
    return extents([stream.id]).get(stream.id)


@declares("observations:read")
def datastream(request: HttpRequest, code: str) -> HttpResponse:
    """The whole page."""
    stream = _stream(request, code)
    extent = _extent(stream)
    wanted = asked(request.GET, extent)
    context = {
        **_figure(request, stream, wanted, extent),
        "newest": _newest(stream),
        "extent": extent,
        "first": from_us(extent.first) if extent else None,
        "dataset": stream.dataset,
        "thing": stream.thing,
        "may_manage": can(reader(request), "observations:manage", stream.dataset),
        "spans": [(span.value, label, span is wanted.range.span) for span, label in LABELS.items()],
        "asked": wanted,
        "span": Span,
        "downloads": _downloads(stream, wanted),
        "links": links_of("datastream", code, reader(request)),
        "crumbs": [
            (_("Data"), reverse("data")),
            (pick(stream.thing.name), reverse("thing", args=[stream.thing.code])),
            (pick(stream.name), ""),
        ],
    }
    return render(request, "web/datastream.html", context, status=422 if wanted.error else 200)


@declares("observations:read")
def newest(request: HttpRequest, code: str) -> HttpResponse:
    """Only the newest value, for pages that stay open."""
    stream = _stream(request, code)
    return render(request, "web/parts/newest.html", {"stream": stream, "newest": _newest(stream)})


@declares("observations:read")
def figure(request: HttpRequest, code: str) -> HttpResponse:
    """Only the chart, for pages that stay open; 204 when it is still the one that the page shows (`seen`)."""
    stream = _stream(request, code)
    extent = _extent(stream)
    context = _figure(request, stream, asked(request.GET, extent), extent)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "web/parts/figure.html", context)


@declares("observations:read")
def chart(request: HttpRequest, code: str) -> HttpResponse:
    """The chart's specification with its data, for drawing it in the browser."""
    stream = _stream(request, code)
    extent = _extent(stream)
    language = (get_language() or "de")[:2]
    shown = picture(stream, asked(request.GET, extent).range, extent)
    spec = specification(shown.numbers, stream.unit, shown.range, language, WIDE)
    return JsonResponse(
        {
            "spec": interactive(spec, shown.numbers, stream.unit, language),
            "formatLocale": number_locale(language),
            "timeFormatLocale": time_locale(language),
        }
    )


def _figure(request: HttpRequest, stream: Datastream, wanted: Asked, extent: Extent | None) -> dict[str, Any]:
    """The context of the figure: picture, table page, neighbours."""
    shown = picture(stream, wanted.range, extent)
    rows = table(shown, stream.unit)
    earlier, later = neighbours(shown.range)
    query = shown.range.query
    seen = str(shown.made)
    here = reverse("datastream", args=[stream.code])
    return {
        "stream": stream,
        "picture": shown,
        "pages": paged(request, rows.rows, ROWS, "#numbers"),
        "table": rows,
        "table_open": "page" in request.GET,
        "earlier_url": f"{here}?{earlier.query}" if extent and extent.first < shown.range.begin else "",
        "later_url": f"{here}?{later.query}" if extent and extent.last >= shown.range.end else "",
        "seen": seen,
        "figure_url": f"{reverse('datastream_figure', args=[stream.code])}?{query}&{urlencode({'seen': seen})}",
        "chart_url": f"{reverse('datastream_chart', args=[stream.code])}?{query}",
    }


def _downloads(stream: Datastream, wanted: Asked) -> list[tuple[str, str]]:
    """The whole range, every value, in each format; served by the data plane."""
    path = f"/api/v1/datastreams/{stream.code}/observations"
    begin, end = (from_us(us).isoformat(timespec="seconds") for us in (wanted.range.begin, wanted.range.end))
    return [(label, f"{path}?{urlencode({'from': begin, 'to': end, 'format': name})}") for name, label in FORMATS]
