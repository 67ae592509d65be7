"""CKAN's action API over HTTP: /api/3/action/NAME by GET or POST. POST only asks here, too; nothing can be changed."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from allmende.accounts.actors import ANONYMOUS, Actor
from allmende.accounts.permissions import require
from allmende.api import bodies
from allmende.api.bodies import ClientGone, Headers, headers_of
from allmende.api.catalogue.ckan.actions import ACTIONS
from allmende.api.catalogue.ckan.asking import ActionFault, Asked
from allmende.api.faults import as_problem
from allmende.api.identity import actor_of
from allmende.api.problems import Problem
from allmende.api.threads import in_thread
from allmende.catalogue import dcat

ACTION = "catalogue:read"
_LARGEST = 1_000_000  # bytes of a question
_encode = msgspec.json.Encoder().encode
_NO_CACHE = {"Vary": "Authorization, X-CKAN-API-Key, Cookie", "Cache-Control": "no-cache"}


async def take_action(request: Request) -> Response:
    """One action."""
    name: str = request.path_params["action"]
    action = ACTIONS.get(name)
    if action is None:
        return _answer(f"Bad request - Action name not known: {name}", 400)
    town = dcat.town_facts()
    said: dict[str, Any] = {"help": town.addresses.ckan(f"help_show?name={name}")}
    try:
        headers = headers_of(request.scope)
        actor = await _actor(request.method, headers)
        require(actor, ACTION)
        asked = Asked(actor, await _given(request, headers), town)
        said |= {"success": True, "result": await in_thread(action, asked)}
        return _answer(said)
    except ClientGone:
        return Response(status_code=400)
    except ActionFault as fault:
        return _answer(said | {"success": False, "error": fault.to_json()}, fault.status)
    except Exception as error:
        problem = as_problem(error)
        return _answer(said | {"success": False, "error": _error(problem)}, problem.status)


def _error(problem: Problem) -> dict[str, Any]:
    """A fault of the house as CKAN would name it."""
    kinds = {401: "Authorization Error", 403: "Authorization Error", 404: "Not Found Error"}
    message = problem.body.get("detail") or problem.body["title"]
    return {"__type": kinds.get(problem.status, "Internal Server Error"), "message": message}


async def _actor(method: str, headers: Headers) -> Actor:
    """As everywhere; CKAN's clients send their key bare, as Authorization or X-CKAN-API-Key."""
    key = bodies.text(headers, b"authorization") or bodies.text(headers, b"x-ckan-api-key")
    if key and not key.lower().startswith("bearer "):
        headers = {**headers, b"authorization": f"Bearer {key}".encode("latin-1")}
    elif key:
        headers = {**headers, b"authorization": key.encode("latin-1")}
    return await actor_of(method, headers) if key or method in ("GET", "HEAD") else ANONYMOUS


async def _given(request: Request, headers: Headers) -> Mapping[str, Any]:
    """The parameters, of the query and the body. Raises ActionFault."""
    given: dict[str, Any] = {
        name: values if len(values) > 1 else values[0]
        for name in request.query_params
        if (values := request.query_params.getlist(name))
    }
    if request.method != "POST":
        return given
    body = await bodies.read(headers, request.receive, _LARGEST)
    kind = bodies.text(headers, b"content-type").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded" and not body.lstrip().startswith(b"{"):
        return given | {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise ActionFault(400, "Validation Error", "Bad request - JSON Error: Error decoding JSON data.") from None
    if not isinstance(found, dict):
        raise ActionFault(400, "Validation Error", "Bad request - JSON Error: Request data JSON is not a dict.")
    return given | found


def _answer(said: Any, status: int = 200) -> Response:
    return Response(_encode(said), status, _NO_CACHE, "application/json;charset=utf-8")


take_action.allmende_action = ACTION  # type: ignore[attr-defined]
routes = [
    Route(f"{prefix}/{{action}}", take_action, methods=["GET", "POST"], name=f"ckan{place}")
    for place, prefix in enumerate(("/api/3/action", "/api/action"))
]
