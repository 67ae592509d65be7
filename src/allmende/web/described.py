"""What a dataset's page says for machines and of its own description: quality, schema.org, addresses, the map."""

import json
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmende.catalogue import dcat
from allmende.catalogue.queries import Dataset, Readable, Version
from allmende.core.texts import pick
from allmende.web.templatetags.allmende import day

_GAINS = 5
# Where in the form somebody earns the points of an indicator; the others come by themselves or with data.
_FIELDS = {
    "keywords": "keywords",
    "themes": "themes",
    "place": "place",
    "time": "begins",
    "licence": "licence",
    "licence_listed": "licence",
    "contact": "contact_email",
    "publisher": "owner",
    "rights": "attribution",
}


_DRESSES = (("Turtle", "ttl"), ("JSON-LD", "jsonld"), ("RDF/XML", "xml"))


@dataclass(frozen=True, slots=True)
class Gain:
    """What could still be earned, and where. address: of the field, empty where there is none to fill in."""

    points: int
    name: str
    reason: str
    how: str
    address: str


@dataclass(frozen=True, slots=True)
class Quality:
    """The assessment in words. dimensions: (name, points, of how many)."""

    points: int
    most: int
    rating: str
    dimensions: list[tuple[str, int, int]]
    gains: list[Gain]


@dataclass(frozen=True, slots=True)
class Machines:
    """What programs find. schema: the object for search engines, safe to stand in a script element; empty where the
    dataset is not open. services: (name, what it is, address)."""

    schema: SafeString
    services: list[tuple[str, str, str]]
    feed: str


def facts_of(dataset: Dataset, streams: int) -> dcat.DatasetFacts:
    """What descriptions are made of. streams: how many datastreams the reader sees in it."""
    (facts,) = dcat.facts_of([dataset], lambda ids: dict.fromkeys(ids, streams), columns=True)
    return facts


def quality_of(facts: dcat.DatasetFacts) -> Quality:
    """How well the dataset is described."""
    found = dcat.assess(dcat.town_facts(), facts)
    gains = []
    for check in found.gains()[:_GAINS]:
        field = _FIELDS.get(check.key)
        address = f"{reverse('dataset_describe', args=[facts.slug])}#id_{field}" if field else ""
        missing = check.most - check.points
        gains.append(Gain(missing, pick(check.name), pick(check.reason), pick(check.gain), address))
    dimensions = [(pick(name), points, most) for name, points, most in found.dimensions().values()]
    return Quality(found.points, found.most, pick(found.rating[1]), dimensions, gains)


def machines_of(facts: dcat.DatasetFacts, tables: list[Readable]) -> Machines:
    """The addresses for programs."""
    language = (get_language() or "de")[:2]
    town = dcat.town_facts()
    schema = SafeString("")
    if facts.access == "open":
        made = json.dumps(dcat.schema_org(town, facts, language), ensure_ascii=False)
        # A script element ends at "</", wherever that stands.
        schema = mark_safe(made.replace("<", "\\u003c"))  # noqa: S308
    root = f"/api/catalogue/datasets/{facts.slug}"
    services = [("DCAT-AP.de", name, f"{root}.{ending}") for name, ending in _DRESSES]
    for each in tables:
        if each.holding.placed:
            about = pick(each.part.table.title) if len(tables) > 1 else _("for QGIS and other maps")
            services.append(("OGC API Features", about, f"/api/ogc/collections/{collection_of(each)}?f=html"))
    if facts.streams:
        services.append(("SensorThings", _("datastreams and their values"), "/api/sta/v1.1"))
    return Machines(schema, services, f"/api/catalogue/feed.atom?dataset={facts.slug}&language={language}")


def collection_of(readable: Readable) -> str:
    """The id of a table as a collection of features."""
    return readable.dataset.slug if readable.only else f"{readable.dataset.slug}.{readable.name}"


def tiles_of(readable: Readable) -> str:
    """The template of a table's vector tiles, with the version, so that browsers may keep them."""
    path = f"/api/ogc/collections/{collection_of(readable)}/tiles/WebMercatorQuad"
    return f"{path}/{{z}}/{{y}}/{{x}}?version={readable.version.number}"


def citation_of(version: Version, address: str) -> str:
    """How the version is cited: whose, what, which version, of which day, where."""
    dataset = version.dataset
    who = dataset.attribution or (pick(dataset.owner.name) if dataset.owner else "")
    said = _("%(title)s, version %(number)s") % {"title": pick(dataset.title), "number": version.number}
    day_ = day(version.published) if version.published else ""
    return ", ".join(part for part in (f"{who}: {said}" if who else said, day_, address) if part)
