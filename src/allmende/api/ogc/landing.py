"""The way in: landing page, conformance, the description of the interface."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from starlette.responses import Response

from allmende.api.endpoints import Call
from allmende.api.ogc import pages
from allmende.api.ogc.asking import HTML, JSON, OPENAPI, itself, language, link, root, server, wants_html
from allmende.api.ogc.collections import FormQuery

_SPECS = "http://www.opengis.net/spec/"
CONFORMANCE = [
    *(f"{_SPECS}ogcapi-common-1/1.0/conf/{name}" for name in ("core", "landing-page", "json", "html")),
    *(f"{_SPECS}ogcapi-common-2/1.0/conf/{name}" for name in ("collections", "json", "html")),
    *(f"{_SPECS}ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")),
    f"{_SPECS}ogcapi-features-2/1.0/conf/crs",
    *(
        f"{_SPECS}ogcapi-features-3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"{_SPECS}cql2/1.0/conf/{name}"
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
            "arithmetic",
        )
    ),
    *(
        f"{_SPECS}ogcapi-tiles-1/1.0/conf/{name}"
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt")
    ),
]


async def show_landing(call: Call, query: FormQuery) -> Response:
    """What there is, and where."""
    html, spoken = wants_html(call, query.f), language(call)
    here = root(call)
    with translation.override(spoken):
        title = _("The town's places")
        description = _("All published layers, as OGC API Features and as vector tiles.")
    links = [
        *itself(call, "/", html=html),
        link(here + "/api", "service-desc", OPENAPI),
        link(f"{server(call)}/{spoken}/data/", "service-doc", HTML),
        link(here + "/conformance", "conformance", JSON),
        link(here + "/conformance", "http://www.opengis.net/def/rel/ogc/1.0/conformance", JSON),
        link(here + "/collections", "data", JSON),
        link(here + "/collections", "http://www.opengis.net/def/rel/ogc/1.0/data", JSON),
    ]
    document: dict[str, Any] = {"title": title, "description": description, "links": links}
    return pages.landing_page(document, spoken) if html else pages.answer(document)


async def show_conformance(call: Call, query: FormQuery) -> Response:
    """The requirements classes that hold here."""
    html, spoken = wants_html(call, query.f), language(call)
    if html:
        links = [*itself(call, "/conformance", html=True), link(root(call) + "/", "up", f="html")]
        return pages.conformance_page(CONFORMANCE, links, spoken)
    return pages.answer({"conformsTo": CONFORMANCE})
