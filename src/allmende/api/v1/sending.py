"""POST /observations: the hottest endpoint of the house, so it speaks ASGI itself and touches no database when warm."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
from msgspec import Meta, Struct

from allmende.accounts.actors import Actor
from allmende.api.bodies import ClientGone, Headers, Receive, headers_of, read, text
from allmende.api.faults import as_problem, rows_refused
from allmende.api.identity import actor_of, remembered
from allmende.api.problems import Problem, bad_parameter
from allmende.api.threads import in_thread
from allmende.api.v1 import incoming
from allmende.observations import services
from allmende.observations.rows import Batch, Receipt

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_encode = msgspec.json.Encoder().encode
_JSON = [(b"content-type", b"application/json")]
_PROBLEM = (b"content-type", b"application/problem+json")
_ARROW = ("application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file")
# Decoding more than this at once would keep the event loop from answering others.
_LARGE = 262_144


class SendQuery(Struct):
    """Parameters of sending; read by hand below, because this endpoint is hot."""

    partial: Annotated[bool, Meta(description="Keep the good rows of a batch in which others are wrong")] = False


class SendObservations:
    """An ASGI endpoint. 201 with a Receipt means that the rows are on disk."""

    allmende_action = "observations:write"

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Keeps observations: one, or a batch. 201 means that they are on disk; without `partial` all of them or none.

        CSV has a header line of datastream, time, value; NDJSON has one object a line; Arrow IPC has the columns
        datastream (text), time (timestamp with a zone) and value. Bodies may be packed with gzip.
        """
        try:
            headers = headers_of(scope)
            actor = remembered(headers) or await actor_of("POST", headers)
            body = await read(headers, receive)
            receipt = await _keep(actor, headers, scope["query_string"], body)
        except ClientGone:
            return
        except Exception as error:
            problem = as_problem(error)
            more = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
            await _answer(send, problem.status, [_PROBLEM, *more], problem.encoded())
            return
        await _answer(send, 201, _JSON, _encode(receipt))


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _keep(actor: Actor, headers: Headers, query: bytes, body: bytes) -> Receipt:
    partial = _partial(query) if query else False
    media = text(headers, b"content-type").partition(";")[0].strip().lower()
    if media in _ARROW:
        return await in_thread(_keep_table, actor, body, partial)
    decode = _DECODERS.get(media)
    if decode is None:
        detail = f"'{media}' is not read here; send application/json, application/x-ndjson, text/csv or Arrow IPC."
        raise Problem(415, "unknown_media_type", "The content type is not known", detail)
    batch = decode(body) if len(body) < _LARGE else await in_thread(decode, body)
    return _something(await services.append_batch(actor, batch, partial=partial))


_DECODERS: dict[str, Callable[[bytes], Batch]] = {
    "": incoming.from_json,
    "application/json": incoming.from_json,
    "application/x-ndjson": incoming.from_ndjson,
    "application/jsonl": incoming.from_ndjson,
    "text/csv": incoming.from_csv,
}


def _partial(query: bytes) -> bool:
    given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    unknown = given.keys() - {"partial"}
    value = given.get("partial", ["false"])[-1].lower()
    if unknown or value not in ("true", "false", "1", "0", ""):
        raise bad_parameter(next(iter(unknown), "partial"), "Known here: partial=true.")
    return value in ("true", "1", "")


def _keep_table(actor: Actor, body: bytes, partial: bool) -> Receipt:
    return _something(services.append_table(actor, incoming.from_arrow(body), partial=partial))


def _something(receipt: Receipt) -> Receipt:
    """partial=true and not one good row: that is a refusal, not a success."""
    if receipt.accepted or not receipt.refused_total:
        return receipt
    raise rows_refused("No row can be kept", "Not one row of the batch is good; nothing was kept.", receipt)
