"""The list of datasets: what somebody looks for, the filters with their counts, and the order."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.catalogue.queries import AccessClass, Dataset, Version, current_versions, visible_datasets
from allmende.catalogue.search.excerpts import Piece, excerpt, marked
from allmende.catalogue.search.facets import Narrowed, narrow
from allmende.catalogue.search.finding import Found, find
from allmende.catalogue.search.reading import words_of
from allmende.catalogue.search.suggesting import similar_words
from allmende.catalogue.search.texts import shown_columns_of
from allmende.catalogue.vocabulary import FREQUENCIES, THEMES
from allmende.core.texts import pick
from allmende.observations.queries import visible_things
from allmende.web.facets import Choice, Facet
from allmende.web.paging import with_params

SORTS = ("best", "newest", "title")
_FORMATS = {"csv": "CSV", "json": "JSON", "parquet": "Parquet", "geojson": "GeoJSON", "gpkg": "GeoPackage"}
_MOST_CHOICES = 15  # of a filter; a chosen one is always shown
_MOST_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, and the address without it."""

    title: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A dataset in the list. title, line: in pieces, what was looked for marked; columns: those that it was found by;
    rows: of its tables; kinds: what is in it (table, features, series)."""

    dataset: Dataset
    title: list[Piece]
    line: list[Piece]
    columns: list[list[Piece]]
    rows: int
    series: bool

    @property
    def theme_names(self) -> list[str]:
        """Its themes in the reader's language."""
        return [pick(THEMES[key].name) for key in self.dataset.themes if key in THEMES]


@dataclass(frozen=True, slots=True)
class Catalogued:
    """What the address asks for. numbers: of the datasets, in order; text: what was looked for; sorts: (label, address,
    chosen); instead_url: of the search without typing errors; ideas: (word, address) where nothing was
    found; measured: the datasets that hold things that measure."""

    numbers: list[int]
    facets: tuple[Facet, ...]
    chips: tuple[Chip, ...]
    text: str
    found: Found | None
    sorts: tuple[tuple[str, str, bool], ...]
    instead_url: str
    ideas: tuple[tuple[str, str], ...]
    measured: set[int]
    actor: Actor

    def shown(self, numbers: Sequence[int]) -> list[Listed]:
        """The datasets of a page. Asked once more what the actor may see, as everywhere."""
        rows = visible_datasets(self.actor).in_bulk(numbers)
        current = current_versions(numbers)
        sought = words_of(self.actor, self.found.terms) if self.found else set()
        columns = shown_columns_of(current.values()) if sought else {}
        return [
            _listed(rows[number], current.get(number), number in self.measured, sought, columns.get(number, ()))
            for number in numbers
            if number in rows
        ]


def catalogued(actor: Actor, params: QueryDict) -> Catalogued:
    """The datasets that the address asks for: by how well they fit when words are looked for, else the newest first."""
    text = " ".join(params.get("q", "").replace("\0", " ").split())[:200]
    found = find(actor, text) if text else None
    sort = params.get("sort", "")
    if sort not in SORTS or (sort == "best" and not text):
        sort = "best" if text else "newest"
    names = [name for name, _title in _axes()]
    wanted = {name: [value for value in params.getlist(name) if value][:50] for name in names}
    measured = _measured(actor)
    more = {("kind", "series"): measured, ("format", "csv"): measured, ("format", "json"): measured}
    narrowed = narrow(actor, found, wanted, more, sort, (get_language() or "de")[:2])
    facets = tuple(_facet(actor, narrowed, name, title, wanted[name], params) for name, title in _axes())
    chips = tuple(Chip(each.title, one.label, one.url) for each in facets for one in each.choices if one.chosen)
    sorts = tuple(
        (label, with_params(params, page=None, sort=name), name == sort)
        for name, label in (("best", _("What fits best")), ("newest", _("What changed last")), ("title", _("Title")))
        if text or name != "best"
    )
    ideas = similar_words(actor, text) if text and not narrowed.numbers else []
    instead = found.instead if found else ""
    return Catalogued(
        narrowed.numbers,
        tuple(each for each in facets if len(each.choices) > 1 or each.name not in ("access", "format") or chips),
        chips,
        text,
        found,
        sorts,
        with_params(params, page=None, q=instead) if instead else "",
        tuple((each.text, with_params(QueryDict(mutable=True), q=each.text)) for each in ideas),
        measured,
        actor,
    )


def _measured(actor: Actor) -> set[int]:
    """The datasets that hold things that measure."""
    return set(visible_things(actor).select_related(None).order_by().values_list("dataset_id", flat=True).distinct())


def _axes() -> tuple[tuple[str, str], ...]:
    return (
        ("theme", _("Theme")),
        ("kind", _("Contains")),
        ("format", _("Format")),
        ("place", _("Place")),
        ("owner", _("Owner")),
        ("licence", _("Licence")),
        ("rhythm", _("Updated")),
        ("access", _("Access")),
    )


def _facet(actor: Actor, narrowed: Narrowed, name: str, title: str, wanted: Sequence[str], params: QueryDict) -> Facet:
    counts = narrowed.counts[name]
    labels = _labels(actor, name, counts, narrowed.example[name])
    known = [value for value in counts if value in labels]
    often = sorted(known, key=lambda value: (value not in wanted, -counts[value]))[:_MOST_CHOICES]
    order = list(FREQUENCIES) if name == "rhythm" else []
    ordered = sorted(often, key=lambda value: (order.index(value) if order else 0, labels[value].casefold()))
    choices = [
        Choice(labels[value], counts[value], _toggled(params, name, value, wanted), value in wanted)
        for value in ordered
    ]
    return Facet(name, title, tuple(choices))


def _labels(actor: Actor, name: str, counts: dict[str, int], example: dict[str, int]) -> dict[str, str]:
    """The values of a filter in the reader's words; those that are not known any more are left out."""
    if name == "theme":
        return {key: pick(THEMES[key].name) for key in counts if key in THEMES}
    if name == "rhythm":
        return {key: pick(FREQUENCIES[key].name) for key in counts if key in FREQUENCIES}
    if name == "kind":
        return {"table": _("Table"), "features": _("Places on a map"), "series": _("Measured values")}
    if name == "access":
        return {each.value: str(each.label) for each in AccessClass}
    if name == "format":
        return _FORMATS
    if name == "owner":
        rows = visible_datasets(actor).filter(pk__in=example.values())
        return {each.owner.code: pick(each.owner.name) for each in rows if each.owner}
    return {value: value for value in counts}


def _toggled(params: QueryDict, name: str, value: str, wanted: Sequence[str]) -> str:
    """The address with this choice added, or taken away."""
    query = params.copy()
    query.pop("page", None)
    left = [each for each in wanted if each != value] if value in wanted else [*wanted, value]
    if left:
        query.setlist(name, left)
    else:
        query.pop(name, None)
    return f"?{query.urlencode()}"


def _listed(
    dataset: Dataset, version: Version | None, series: bool, sought: set[str], columns: Sequence[str]
) -> Listed:
    parts = [part for part in version.parts.all() if part.published] if version else []
    hits = [pieces for pieces in (marked(each, sought) for each in columns) if any(piece.marked for piece in pieces)]
    return Listed(
        dataset,
        marked(pick(dataset.title), sought),
        excerpt(pick(dataset.description), sought),
        hits[:_MOST_COLUMNS],
        sum(part.published_rows for part in parts),
        series,
    )
