"""Takes one message for one connector. 2xx means that it is on disk, as observations or among what could not be used.

The secret comes in the header X-Allmende-Secret, as a bearer token, or as the last part of the address, because some
senders can set no headers.
"""

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from allmende.api import bodies
from allmende.api.bodies import ClientGone, Headers
from allmende.api.endpoints import json
from allmende.api.faults import as_problem
from allmende.api.problems import Problem
from allmende.connectors import hooks
from allmende.connectors.flood import Flooding
from allmende.connectors.intake import Outcome
from allmende.connectors.readings import Message, arrival_now

PREFIX = "/api/hooks"
LARGEST = 1_000_000  # bytes of a message, also after unpacking
ACTION = "observations:write"


class Taken(Struct):
    """accepted: observations that are on disk now."""

    accepted: int


async def take_message(request: Request) -> Response:
    """POST /api/hooks/{connector} and /api/hooks/{connector}/{secret}."""
    try:
        headers = bodies.headers_of(request.scope)
        hook = hooks.find(request.path_params["connector"], request.path_params.get("secret") or _secret(headers))
        if hook is None:
            raise Problem(401, "bad_secret", "Who are you?", "There is no such webhook, or the secret is wrong.")
        body = await bodies.read(headers, request.receive, LARGEST)
        outcome = await hook.take(Message(body, "", arrival_now()))
        return _answer(outcome)
    except ClientGone:
        return Response(status_code=400)
    except Flooding as error:
        wait = {"Retry-After": str(max(1, round(error.retry_after)))}
        return Problem(429, "flooding", "Too many messages", str(error), headers=wait).response()
    except Exception as error:
        return as_problem(error).response()


def _secret(headers: Headers) -> str:
    given = bodies.text(headers, b"x-allmende-secret")
    if given:
        return given
    kind, _, token = bodies.text(headers, b"authorization").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _answer(outcome: Outcome) -> Response:
    if not outcome.problems:
        return json(Taken(outcome.accepted))
    detail = (
        " ".join(map(str, outcome.problems)) + " The message is kept, so that it can be replayed when the mapping fits."
    )
    problem = Problem(422, "message_unusable", "The message cannot be used", detail, accepted=outcome.accepted)
    return problem.response()


take_message.allmende_action = ACTION  # type: ignore[attr-defined]
routes = [
    Route(f"{PREFIX}/{{connector}}", take_message, methods=["POST"], name="take_message"),
    Route(f"{PREFIX}/{{connector}}/{{secret}}", take_message, methods=["POST"], name="take_message_by_path"),
]
