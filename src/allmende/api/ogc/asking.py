"""What handlers need of a request: the service's address, the language, the form of the answer; and links."""

from typing import Any
from urllib.parse import quote, urlencode

from allmende.api.addresses import server_of
from allmende.api.bodies import headers_of, text
from allmende.api.endpoints import Call
from allmende.api.problems import bad_parameter

PREFIX = "/api/ogc"
JSON, HTML, GEOJSON = "application/json", "text/html", "application/geo+json"
SCHEMA, OPENAPI, MVT = (
    "application/schema+json",
    "application/vnd.oai.openapi+json;version=3.0",
    "application/vnd.mapbox-vector-tile",
)
LAST = 2**31 - 1  # the largest number that a version can have
_FORMS = {"json": JSON, "html": HTML}
Link = dict[str, Any]


def server(call: Call) -> str:
    """Scheme and host."""
    return server_of(call.request.scope, headers_of(call.request.scope))


def root(call: Call) -> str:
    """The address of the service, without a slash at its end."""
    return server(call) + PREFIX


def collection_path(id_: str) -> str:
    """The path of a collection below the service."""
    return f"/collections/{quote(id_, safe='')}"


def language(call: Call) -> str:
    """German, unless English is preferred: the first of the two in Accept-Language."""
    for part in text(headers_of(call.request.scope), b"accept-language").lower().split(","):
        if part.strip()[:2] in ("de", "en"):
            return part.strip()[:2]
    return "de"


def wants_html(call: Call, form: str) -> bool:
    """Whether a page is asked for: by `f`, else by what the client accepts first. Raises Problem 400."""
    if form:
        if form not in _FORMS:
            raise bad_parameter("f", f"“{form}” is not written here; known are {', '.join(_FORMS)}.")
        return form == "html"
    accepted = text(headers_of(call.request.scope), b"accept")
    html = accepted.find("text/html")
    return html >= 0 and not 0 <= accepted.find("json") < html


def link(href: str, rel: str, media: str = JSON, title: str = "", **parameters: Any) -> Link:
    """A link; parameters that are given go into the address."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    found = {"href": f"{href}?{urlencode(given)}" if given else href, "rel": rel, "type": media}
    return found | ({"title": title} if title else {})


def itself(call: Call, path: str, *, html: bool, media: str = JSON) -> list[Link]:
    """Links to a resource as it is answered, and in its other form, with the same parameters."""
    given = {name: value for name, value in call.request.query_params.items() if name != "f"}
    here, other = (HTML, media) if html else (media, HTML)
    forms = {HTML: "html", media: "json"}
    return [
        link(root(call) + path, "self", here, "", **given, f=forms[here]),
        link(root(call) + path, "alternate", other, "", **given, f=forms[other]),
    ]
