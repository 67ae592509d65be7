"""New observations in the express lane (`run.express`): from a request's bytes to those of its answer, without a task.

It takes what is simply good: one observation, newest of a Datastream that is known. All else goes the ordinary road.
"""

import asyncio
from collections.abc import Callable
from functools import lru_cache, partial

import msgspec

from allmende.accounts.actors import Actor
from allmende.api.problems import Problem
from allmende.api.sensorthings.asking import Ask
from allmende.api.sensorthings.door import ANYWHERE, PREFIX, root_of
from allmende.api.sensorthings.ids import observation_id
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.language.paths import parse_path
from allmende.api.sensorthings.reading.shapes import plain_observation
from allmende.api.sensorthings.writing.observing import at_once, created, target_of
from allmende.observations.services.keeping import Entry, Kept
from allmende.observations.stores import StoreError

LINE = f"POST {PREFIX}/".encode()
_END = b" HTTP/1.1"
_JSON = (b"content-type", b"application/json")
_encode = msgspec.json.Encoder().encode
Headers = list[tuple[bytes, bytes]]
Answered = Callable[[], tuple[Headers, bytes]]


def begin(
    actor: Actor, line: bytes, headers: dict[bytes, bytes], scheme: str, body: bytes
) -> "tuple[Answered, asyncio.Future[None]] | None":
    """(what makes the headers and the content of the 201, the future of the commit); None for anything unusual.

    line: the whole request line; headers: host, and prefer where it is sent.
    """
    target = _target(line)
    if target is None:
        return None
    try:
        begun = at_once(actor, body, *target)
    except (Problem, StoreError):
        return None
    if begun is None:
        return None
    made, done = begun
    root = _root(scheme, headers.get(b"host", b""))
    if made.extra is None and b"prefer" not in headers:
        return partial(_plain, root, made), done
    prefer = headers.get(b"prefer", b"").decode("latin-1").lower()
    return partial(_answer, Ask(actor, "POST", "", "", b"", "", root, "", prefer), made), done


@lru_cache(maxsize=4_000)
def _target(line: bytes) -> tuple[str | None, bool] | None:
    """The Datastream that a request line names for new observations; see `target_of`."""
    if not (line.startswith(LINE) and line.endswith(_END)) or b"?" in line:
        return None
    try:
        return target_of(parse_path(line[len(LINE) - 1 : -len(_END)].decode("ascii")))
    except (QueryError, UnicodeDecodeError):
        return None


@lru_cache(maxsize=1_000)
def _root(scheme: str, host: bytes) -> str:
    """The service's address as a client reached it; the settings behind it stay while a server runs."""
    return root_of({"scheme": scheme}, {b"host": host})


def _plain(root: str, made: Entry) -> tuple[Headers, bytes]:
    """What `_answer` gives for an observation that says nothing but time and result, in a third of the time."""
    info, time, value, _, _ = made
    id_, root = observation_id(info.code, time, 0), f"{root}/Observations('"
    headers = [ANYWHERE, (b"location", f"{root}{id_}')".encode()), _JSON]
    return headers, plain_observation(root, info.code, time, 0, value, multi=info.parts > 0).encode()


def _answer(ask: Ask, made: Entry) -> tuple[Headers, bytes]:
    answer = created(ask, made, Kept(made.time, 0))
    headers = [ANYWHERE, *((name.lower().encode(), value.encode()) for name, value in answer.headers.items())]
    if answer.body is None:
        return headers, b""
    return [*headers, _JSON], _encode(answer.body)
