"""The frames on the owner's socket: a msgpack head, then as many Arrow IPC frames as the head announces.

Only bytes travel (`send_bytes`), never pickles: a socket must not be able to run code in its reader.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

import msgspec
import pyarrow as pa

from allmende.observations.store import errors

_ERRORS: dict[str, type[errors.StoreError]] = {
    kind.__name__: kind
    for kind in (
        errors.StoreError,
        errors.StoreBusy,
        errors.WritesRefused,
        errors.StoreClosed,
        errors.StoreOwned,
        errors.TooCostly,
    )
}


class Call(msgspec.Struct):
    """A question to the owner. table: whether an Arrow frame follows."""

    method: str
    args: list[Any] = []
    options: dict[str, Any] = {}
    table: bool = False


class Reply(msgspec.Struct):
    """An answer. kind: value, table (one Arrow frame follows), stream (frames follow until an empty one), error."""

    kind: str
    value: Any = None
    error: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decode_call = msgspec.msgpack.Decoder(Call).decode
_decode_reply = msgspec.msgpack.Decoder(Reply).decode


def send(connection: Connection, message: Call | Reply) -> None:
    """Sends a head."""
    connection.send_bytes(_encode(message))


def receive_call(connection: Connection) -> Call:
    """Raises EOFError when the other side has gone."""
    return _decode_call(connection.recv_bytes())


def receive_reply(connection: Connection) -> Reply:
    """Raises the owner's StoreError here when that is the answer."""
    reply = _decode_reply(connection.recv_bytes())
    if reply.kind == "error":
        raise _ERRORS.get(reply.error, errors.StoreError)(str(reply.value))
    return reply


def error_reply(error: Exception) -> Reply:
    """A fault as an answer; kinds that are not ours travel as StoreError with their text."""
    name = type(error).__name__
    return Reply("error", str(error), name if name in _ERRORS else "StoreError")


def send_table(connection: Connection, table: pa.Table) -> None:
    """Sends a table as one Arrow IPC frame."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    connection.send_bytes(sink.getvalue())


def receive_table(connection: Connection) -> pa.Table | None:
    """The next Arrow frame; None for the empty frame that ends a stream."""
    frame = connection.recv_bytes()
    return pa.ipc.open_stream(frame).read_all() if frame else None
