"""What every endpoint of the data plane is made of: its action, its query as a struct, its place in OpenAPI.

An endpoint is a function (call: Call, query) -> Response; `endpoint` gives it an identity check, parsed parameters and
problem details for whatever goes wrong.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.api.bodies import ClientGone, headers_of
from allmende.api.faults import as_problem
from allmende.api.identity import actor_of
from allmende.api.problems import Problem, bad_parameter

Q = TypeVar("Q", bound=msgspec.Struct)
_encode = msgspec.json.Encoder().encode


class NoQuery(msgspec.Struct, forbid_unknown_fields=True):
    """For endpoints without parameters."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who asks, and the request itself."""

    actor: Actor
    request: Request

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])


@dataclass(frozen=True, slots=True)
class Operation:
    """What OpenAPI says of an endpoint. answers: media type to struct (None for a stream of bytes).

    name: where the handler's own name says nothing.
    """

    method: str
    path: str
    action: str
    summary: str
    handler: Callable[..., Awaitable[Any]]
    query: type[msgspec.Struct] = NoQuery
    answers: Mapping[str, Any] = field(default_factory=dict)
    takes: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    name: str = ""


def json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer from structs and plain values."""
    return Response(_encode(value), status, dict(headers or {}), "application/json")


def parse_query(kind: type[Q], given: Mapping[str, str]) -> Q:
    """The query as a struct. Raises Problem 400 naming the parameter."""
    try:
        return msgspec.convert(dict(given), kind, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        if "unknown field" in text:
            known = ", ".join(f"«{name.encode_name}»" for name in msgspec.structs.fields(kind)) or "none"
            raise bad_parameter("", f"{text.split(' - at')[0]}; known here: {known}.") from error
        place = text.rpartition("at `$.")[2].strip("`") if "at `$." in text else ""
        raise bad_parameter(place, text.split(" - at")[0]) from error


def route(prefix: str, operation: Operation) -> Route:
    """The Starlette route of an operation; carries `allmende_action` for the test that walks all endpoints."""

    async def serve(request: Request) -> Response:
        try:
            actor = await actor_of(request.method, headers_of(request.scope))
            require(actor, operation.action)
            query = parse_query(operation.query, request.query_params)
            return await operation.handler(Call(actor, request), query)
        except ClientGone:
            return Response(status_code=400)
        except Exception as error:
            return as_problem(error).response()

    serve.allmende_action = operation.action  # type: ignore[attr-defined]
    return Route(prefix + operation.path, serve, methods=[operation.method], name=operation.handler.__name__)


async def not_found(request: Request, error: Exception) -> Response:
    """404 for an address that is none."""
    return Problem(404, "no_such_address", "No such address", f"There is nothing at {request.url.path}.").response()


async def wrong_method(request: Request, error: Exception) -> Response:
    """405."""
    headers = getattr(error, "headers", None)
    detail = f"{request.method} is not possible here."
    return Problem(405, "wrong_method", "Wrong method", detail, headers=headers).response()
