"""The catalogue: the list of datasets, a dataset, its versions and what changed between them."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import can
from allmende.catalogue import queries
from allmende.catalogue.comparisons import rows_changed, version_before
from allmende.catalogue.exports import Format
from allmende.catalogue.exports.about import PLACED
from allmende.catalogue.holdings import reading
from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.holdings.reading import Question
from allmende.catalogue.queries import Dataset, Readable, UnknownDataset, UnknownVersion, Version, get_dataset
from allmende.catalogue.retention import NotErasable, erase_version, hold_of, schedule
from allmende.catalogue.services import NotPublishable, publish_version, withdraw_version
from allmende.catalogue.uses.counting import UseKind, count, used
from allmende.catalogue.uses.showcases import shown_of
from allmende.catalogue.vocabulary import FREQUENCIES, THEMES
from allmende.core.links import links_of
from allmende.core.texts import pick
from allmende.web.catalogue_list import catalogued
from allmende.web.cells import shown_cell
from allmende.web.described import citation_of, facts_of, machines_of, quality_of, tiles_of
from allmende.web.gate import gate_do, gate_of, override_of
from allmende.web.loading_form import TYPES
from allmende.web.overview import places
from allmende.web.paging import paged, with_params
from allmende.web.readers import reader
from allmende.web.states import WORDS
from allmende.web.views.data import ground_file

PAGE = 20
_SOME = 10  # rows that a dataset's page shows
_CHANGES = 50

_FORMATS = {
    Format.CSV: ("CSV", _("for programs and most spreadsheets")),
    Format.CSV_DE: ("CSV für Excel", _("for a German Excel")),
    Format.JSON: ("JSON", ""),
    Format.GEOJSON: ("GeoJSON", _("for maps on the web")),
    Format.GPKG: ("GeoPackage", _("for QGIS")),
    Format.PARQUET: ("Parquet", _("for analysis")),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as its dataset's page shows it. rows: the first ones, (id, cells); downloads: (name, about, address);
    tiles, box: for its map, empty where its rows have no place."""

    readable: Readable
    heads: list[tuple[str, str]]
    columns: list["ColumnRow"]
    rows: list[tuple[str, list[str]]]
    downloads: list[tuple[str, str, str]]
    tiles: str
    box: str

    @property
    def names(self) -> str:
        """The names of the columns by their short ones, as JSON, for what the map says of a row."""
        return json.dumps(dict(self.heads), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column in words."""

    facts: ColumnFacts
    title: str
    description: str
    type: str
    unit: str
    range: str
    is_key: bool


@declares("catalogue:read")
def datasets(request: HttpRequest) -> HttpResponse:
    """All datasets that the reader may see, with filters."""
    found = catalogued(reader(request), request.GET)
    pages = paged(request, found.numbers, PAGE)
    context = {
        "facets": found.facets,
        "active": len(found.chips),
        "listed": found,
        "pages": pages,
        "rows": found.shown(pages.rows),
        "text": found.text,
        "without_text": with_params(request.GET, q=None, page=None),
        "kept": [
            (name, value) for name, values in request.GET.lists() if name not in ("q", "page") for value in values
        ],
        "may_load": can(reader(request), "catalogue:manage"),
        "crumbs": [(_("Data"), reverse("data")), (_("Datasets"), "")],
    }
    return render(request, "web/catalogue/list.html", context)


@declares("catalogue:read")
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """What the holding is, whose, under which licence, its tables, its versions, and the things in it."""
    found = _dataset(request, slug)
    actor = reader(request)
    inside = [place for place in places(actor) if place.dataset == found.slug]
    version = queries.current_version(found)
    may_manage = can(actor, "catalogue:manage", found)
    if not may_manage:  # what the office looks at itself says nothing of use
        count(found.pk, UseKind.PAGE, request.headers.get("User-Agent", ""))
    newest = queries.newest_version(found) if may_manage else None
    tables = queries.readable_tables(found, version) if version else []
    streams = sum(len(place.streams) for place in inside)
    facts = facts_of(found, streams)
    times = used(found.pk)
    context = {
        "dataset": found,
        "version": version,
        "tables": [_shown(each) for each in tables],
        "quality": quality_of(facts),
        "machines": machines_of(facts, tables),
        "topics": [pick(THEMES[key].name) for key in found.themes if key in THEMES],
        "rhythm": pick(FREQUENCIES[found.frequency].name) if found.frequency in FREQUENCIES else "",
        "has_ground": ground_file().exists(),
        "used": [(kind.label, times[kind]) for kind in UseKind if kind in times],
        "showcases": shown_of(found),
        "versions": list(queries.versions(actor, found)[:5]),
        "draft": newest if newest and newest.state == "draft" else None,
        "places": [(place, WORDS[place.state]) for place in inside[:50]],
        "count": len(inside),
        "streams": streams,
        "links": links_of("dataset", found.code, actor),
        "list_url": f"{reverse('data')}?dataset={found.slug}",
        "may_manage": may_manage,
        "hold": hold_of(found) if may_manage else None,
        "planned": schedule(found)[:1] if may_manage else [],
        "may_describe": can(actor, "observations:manage", found),
        "crumbs": [(_("Data"), reverse("data")), (_("Datasets"), reverse("datasets")), (pick(found.title), "")],
    }
    return render(request, "web/dataset.html", context)


@declares("catalogue:read")
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version: its tables, what it changed; for its managers publishing and taking it back."""
    found = _dataset(request, slug)
    actor = reader(request)
    try:
        one = queries.get_version(actor, found, number)
    except UnknownVersion as error:
        raise Http404(str(error)) from error
    if request.method == "POST":
        return _decide(request, one)
    before = version_before(one)
    context = {
        "dataset": found,
        "version": one,
        "parts": list(one.parts.all()) if one.state in ("draft", "published") else [],
        "tables": [_shown(each) for each in queries.readable_tables(found, one)],
        "before": before,
        "newer": queries.current_version(found),
        "may_manage": can(actor, "catalogue:manage", found),
        "gate": gate_of(actor, one) if can(actor, "catalogue:manage", found) else [],
        "override": override_of(actor, one),
        "citation": citation_of(one, request.build_absolute_uri()),
        "crumbs": [
            (_("Data"), reverse("data")),
            (_("Datasets"), reverse("datasets")),
            (pick(found.title), reverse("dataset", args=[slug])),
            (_("Version %(number)s") % {"number": number}, ""),
        ],
    }
    gone = one.state == "erased"  # the address stays and says why; 410 tells machines that nothing will come back
    return render(request, "web/catalogue/version.html", context, status=410 if gone else 200)


def _decide(request: HttpRequest, one: Version) -> HttpResponse:
    """Publishes, withdraws, treats; the services say no where it must not be."""
    try:
        if gate_do(request, reader(request), one):
            pass
        elif request.POST.get("do") == "publish":
            publish_version(reader(request), one)
            messages.success(request, _("Version %(number)s is published.") % {"number": one.number})
        elif request.POST.get("do") == "withdraw":
            withdraw_version(reader(request), one, request.POST.get("reason", ""))
            messages.success(request, _("Version %(number)s is withdrawn.") % {"number": one.number})
        elif request.POST.get("do") == "erase":
            erase_version(reader(request), one, request.POST.get("reason", ""))
            messages.success(request, _("Version %(number)s is erased for good.") % {"number": one.number})
    except (NotPublishable, NotErasable, ValueError) as problem:
        messages.error(request, str(problem))
    return HttpResponseRedirect(reverse("version", args=[one.dataset.slug, one.number]))


@declares("catalogue:read")
def changes(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Row by row what a version changed."""
    found = _dataset(request, slug)
    try:
        one = queries.get_version(reader(request), found, number)
    except UnknownVersion as error:
        raise Http404(str(error)) from error
    tables = [_changed(part) for part in one.parts.all() if part.changes]
    context = {
        "dataset": found,
        "version": one,
        "before": version_before(one),
        "tables": [
            (part, kinds, {kind: _rows(one, part, kind) for kind, count in kinds if count}) for part, kinds in tables
        ],
        "limit": _CHANGES,
        "crumbs": [
            (_("Data"), reverse("data")),
            (pick(found.title), reverse("dataset", args=[slug])),
            (_("Version %(number)s") % {"number": number}, reverse("version", args=[slug, number])),
            (_("What changed"), ""),
        ],
    }
    return render(request, "web/catalogue/changes.html", context)


def _changed(part: Any) -> tuple[Any, list[tuple[str, int]]]:
    return part, [(kind, part.changes[kind]) for kind in ("added", "removed", "changed")]


def _rows(one: Version, part: Any, kind: str) -> list[dict[str, Any]]:
    """The first rows of a kind: id, and (column, before, after) of each cell that is worth a look."""
    made = []
    for each in rows_changed(one, part.table.name, kind, _CHANGES):
        before, after = each.get("before") or {}, each.get("after") or {}
        names = list(dict.fromkeys([*before, *after]))
        cells = [(name, shown_cell(before.get(name)), shown_cell(after.get(name))) for name in names]
        made.append({"id": each["id"], "moved": each.get("moved", False), "cells": cells})
    return made


def _dataset(request: HttpRequest, slug: str) -> Dataset:
    try:
        return get_dataset(reader(request), slug)
    except UnknownDataset as error:
        raise Http404(str(error)) from error


def _shown(readable: Readable) -> Shown:
    holding = readable.holding
    table = reading.rows(holding, Question(limit=_SOME, geometry=False))
    columns = [table[name].to_pylist() for name in holding.names]
    cells = [[shown_cell(cell) for cell in row] for row in zip(*columns, strict=True)]
    root = f"/api/v1/datasets/{readable.dataset.slug}/tables/{readable.name}/download"
    formats = [kind for kind in Format if holding.placed or kind not in PLACED]
    version = readable.version.number
    downloads = [(*_FORMATS[kind], f"{root}?format={kind.value}&version={version}") for kind in formats]
    heads = [(name, _title(readable, name)) for name in holding.names]
    columns_ = [_column(readable, facts) for facts in holding.columns]
    first = list(zip(table["_id"].to_pylist(), cells, strict=True))
    placed = holding.placed and holding.bbox is not None
    box = ",".join(f"{each:.6f}" for each in holding.bbox) if holding.bbox else ""
    return Shown(readable, heads, columns_, first, downloads, tiles_of(readable) if placed else "", box)


def _column(readable: Readable, facts: ColumnFacts) -> ColumnRow:
    entry = readable.dictionary.get(facts.name)
    range_ = f"{facts.least} – {facts.most}" if facts.least is not None else ""
    description = pick(entry.description) if entry else ""
    unit = entry.unit if entry else facts.unit
    words = str(TYPES.get(facts.type, facts.type))
    return ColumnRow(
        facts, _title(readable, facts.name), description, words, unit, range_, facts.name in readable.holding.key
    )


def _title(readable: Readable, name: str) -> str:
    entry = readable.dictionary.get(name)
    return (pick(entry.title) if entry else "") or name
