"""All addresses of the data plane. `HOT` is looked at first: the few endpoints that carry the load."""

from typing import Any

from starlette.routing import BaseRoute, Route

from allmende.api import openapi
from allmende.api.endpoints import Call, NoQuery, Operation, json, route
from allmende.api.hooks.receiving import routes as hook_routes
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
HOT = {("POST", f"{PREFIX}/observations"): send_observations}
routes: list[BaseRoute] = [
    *(route(PREFIX, operation) for operation in (*OPERATIONS, OPENAPI)),
    Route(f"{PREFIX}/observations", send_observations, methods=["POST"]),
    *hook_routes,
    # Looked up before the router (run.asgi), as HOT is; here so that every endpoint is found in one place.
    *(Route(sensorthings.PREFIX + "{path:path}", each, methods=[name]) for name, each in STA_METHODS.items()),
]
