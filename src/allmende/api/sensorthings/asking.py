"""A question and its answer, without their transport: HTTP, a part of a batch, a message over MQTT."""

from typing import Any

from msgspec import Struct

from allmende.accounts.actors import Actor


class Ask(Struct):
    """A question. path: percent-encoded, what follows `/v1.1`; root: the service's address, no slash at its end."""

    actor: Actor
    method: str
    path: str
    query: str
    body: bytes
    content_type: str
    root: str
    language: str
    prefer: str = ""


class Answer(Struct):
    """An answer. body: what is to become JSON; bytes and RawValue are sent as they are."""

    status: int
    body: Any = None
    headers: dict[str, str] = {}
