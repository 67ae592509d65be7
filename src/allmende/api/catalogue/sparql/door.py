"""SPARQL 1.1 Protocol, the reading half: GET and POST /api/catalogue/sparql."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from allmende.accounts.permissions import require
from allmende.api import bodies
from allmende.api.bodies import ClientGone, Headers, headers_of
from allmende.api.catalogue.documents import HEADERS
from allmende.api.catalogue.sparql.asking import LONGEST, ask
from allmende.api.faults import as_problem
from allmende.api.identity import actor_of
from allmende.api.problems import Problem, bad_parameter
from allmende.api.threads import in_thread

PATH = "/api/catalogue/sparql"
ACTION = "catalogue:read"
_LARGEST = 8 * LONGEST  # bytes of a body
_FORM, _QUERY = "application/x-www-form-urlencoded", "application/sparql-query"
_KNOWN = {"query", "format", "output"}
_MEDIA = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/ld+json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "application/rdf+xml": "xml",
    "text/csv": "csv",
    "text/turtle": "turtle",
}
_FORMATS = {"json": "json", "xml": "xml", "csv": "csv", "turtle": "turtle", "ttl": "turtle"}


async def take_query(request: Request) -> Response:
    """One question."""
    try:
        headers = headers_of(request.scope)
        actor = await actor_of("GET", headers)  # a POST only asks here, too
        require(actor, ACTION)
        given = await _given(request, headers)
        found = await in_thread(ask, actor, given["query"], _formats(given, headers))
        return Response(found.body, 200, HEADERS, found.media)
    except ClientGone:
        return Response(status_code=400)
    except Exception as error:
        return as_problem(error).response()


async def _given(request: Request, headers: Headers) -> dict[str, str]:
    """The parameters. Raises Problem."""
    pairs = list(request.query_params.multi_items())
    if request.method == "POST":
        media = bodies.text(headers, b"content-type").partition(";")[0].strip().lower()
        body = await bodies.read(headers, request.receive, _LARGEST)
        if media == _QUERY:
            pairs.append(("query", body.decode("utf-8", "replace")))
        elif media == _FORM:
            pairs += parse_qsl(body.decode("utf-8", "replace"))
        else:
            detail = f"'{media}' is not read here; send {_FORM} or {_QUERY}."
            raise Problem(415, "unknown_media_type", "The content type is not known", detail)
    given = dict(pairs)
    for name in given:
        if name not in _KNOWN:
            raise bad_parameter(
                name, "Known here are query and format; there is one graph, and nothing can be changed."
            )
    if not given.get("query"):
        raise bad_parameter("query", "Ask something: ?query=SELECT …")
    return given


def _formats(given: dict[str, str], headers: Headers) -> list[str]:
    """What the reader takes, the best first. Raises Problem 400."""
    if wanted := given.get("format") or given.get("output"):
        if wanted not in _FORMATS:
            raise bad_parameter("format", f"Known are {', '.join(_FORMATS)}.")
        return [_FORMATS[wanted]]
    parts = [part.partition(";")[0].strip().lower() for part in bodies.text(headers, b"accept").split(",")]
    return [_MEDIA[part] for part in parts if part in _MEDIA]


take_query.allmende_action = ACTION  # type: ignore[attr-defined]
routes = [Route(PATH, take_query, methods=["GET", "POST"], name="sparql")]
