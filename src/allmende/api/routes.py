"""All addresses of the data plane. `HOT` is looked at first: the few endpoints that carry the load."""

from typing import Any

from starlette.routing import BaseRoute, Route

from allmende.api import openapi
from allmende.api.catalogue import table as catalogue
from allmende.api.catalogue.ckan.door import routes as ckan_routes
from allmende.api.catalogue.sparql.door import routes as sparql_routes
from allmende.api.endpoints import Call, NoQuery, Operation, json, route
from allmende.api.hooks.receiving import routes as hook_routes
from allmende.api.ogc import table as ogc
from allmende.api.ogc.asking import PREFIX as OGC_PREFIX
from allmende.api.sensorthings import door as sensorthings
from allmende.api.v1.incoming import ObservationIn
from allmende.api.v1.sending import SendObservations, SendQuery
from allmende.api.v1.table import OPERATIONS, PREFIX
from allmende.observations.rows import Receipt

send_observations = SendObservations()
SEND = Operation(
    "POST",
    "/observations",
    SendObservations.allmende_action,
    "Send observations",
    SendObservations.__call__,
    SendQuery,
    answers={"application/json": Receipt},
    takes={
        "application/json": ObservationIn | list[ObservationIn],
        "application/x-ndjson": None,
        "text/csv": None,
        "application/vnd.apache.arrow.stream": None,
    },
    status=201,
    name="send_observations",
)
_document: dict[str, Any] = {}


async def show_openapi(call: Call, query: NoQuery) -> Any:
    """This description."""
    if not _document:
        _document.update(openapi.document(PREFIX, (*OPERATIONS, SEND, OPENAPI)))
    return json(_document)


OPENAPI = Operation(
    "GET",
    "/openapi.json",
    "pages:read",
    "OpenAPI 3.1 of this interface",
    show_openapi,
    answers={"application/json": dict[str, Any]},
)
STA_METHODS = {"GET": sensorthings.reading} | dict.fromkeys(sensorthings.METHODS[1:], sensorthings.writing)
OUTSIDE = catalogue.OUTSIDE  # addresses of this plane that do not begin with /api/
HOT = {("POST", f"{PREFIX}/observations"): send_observations}
routes: list[BaseRoute] = [
    *(route(PREFIX, operation) for operation in (*OPERATIONS, OPENAPI)),
    Route(f"{PREFIX}/observations", send_observations, methods=["POST"]),
    *(route("", operation) for operation in catalogue.OPERATIONS),
    *ckan_routes,
    *(route(OGC_PREFIX, operation) for operation in (*ogc.OPERATIONS, ogc.BARE)),
    *sparql_routes,
    *hook_routes,
    # Looked up before the router (run.asgi), as HOT is; here so that every endpoint is found in one place.
    *(Route(sensorthings.PREFIX + "{path:path}", each, methods=[name]) for name, each in STA_METHODS.items()),
]
