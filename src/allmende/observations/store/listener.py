"""The owner's door for other processes of this machine: the people plane in `--split`, the command line, jobs."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

import msgspec

from allmende.observations.store import wire
from allmende.observations.store.owner import Store
from allmende.observations.store.searching import Search

logger = logging.getLogger(__name__)

_VALUES = frozenset(
    {"latest", "extents", "erase", "erase_spans", "drain", "rebuild", "status", "append", "append_table"}
)
_TABLES = frozenset({"series", "buckets"})
_SEARCHES = frozenset({"search", "count", "matching_streams", "matching_features"})
_STREAMS = frozenset({"series_batches"})
_LONGEST_SOCKET_PATH = 100  # Linux allows 107 bytes


def socket_path(folder: Path) -> str:
    """Where the owner of this folder listens; a short name elsewhere when the folder's own path is too long."""
    path = str(folder / "owner.sock")
    if len(path.encode()) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(path.encode()).hexdigest()[:16]
    return str(Path(tempfile.gettempdir()) / f"allmende-{os.getuid()}-{digest}.sock")


class StoreListener:
    """Answers calls on the socket, one thread a caller. Only the owner's user may open the socket."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._path = socket_path(store.folder)
        Path(self._path).unlink(missing_ok=True)  # left over by a process that was killed; we hold the owner's lock
        before = os.umask(0o177)
        try:
            self._listener = Listener(self._path, family="AF_UNIX", backlog=64)
        finally:
            os.umask(before)
        self._closing = False
        threading.Thread(target=self._accept, name="observation-socket", daemon=True).start()

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection = self._listener.accept()
            except OSError:
                if not self._closing:
                    logger.exception("The store's socket failed.")
                return
            threading.Thread(target=self._serve, args=(connection,), name="observation-caller", daemon=True).start()

    def _serve(self, connection: Connection[Any, Any]) -> None:
        with connection:
            while not self._closing:
                try:
                    self._answer(connection, wire.receive_call(connection))
                except (EOFError, OSError):
                    return
                except Exception:
                    logger.exception("A caller on the store's socket was cut off.")
                    return

    def _answer(self, connection: Connection[Any, Any], call: wire.Call) -> None:
        table = wire.receive_table(connection) if call.table else None
        args = [*call.args, table] if call.table else call.args
        try:
            if call.method in _VALUES:
                wire.send(connection, wire.Reply("value", getattr(self._store, call.method)(*args, **call.options)))
            elif call.method in _TABLES:
                answer = getattr(self._store, call.method)(*_edges(args), **call.options)
                wire.send(connection, wire.Reply("table"))
                wire.send_table(connection, answer)
            elif call.method in _SEARCHES:
                self._search(connection, call)
            elif call.method in _STREAMS:
                self._stream(connection, call)
            else:
                raise ValueError(f"The store has no method {call.method!r}.")
        except (EOFError, OSError):
            raise
        except Exception as error:
            wire.send(connection, wire.error_reply(error))

    def _search(self, connection: Connection[Any, Any], call: wire.Call) -> None:
        answer = getattr(self._store, call.method)(msgspec.convert(call.args[0], Search))
        if call.method != "search":
            return wire.send(connection, wire.Reply("value", answer))
        wire.send(connection, wire.Reply("table"))
        wire.send_table(connection, answer)

    def _stream(self, connection: Connection[Any, Any], call: wire.Call) -> None:
        batches = self._store.series_batches(*call.args, **call.options)
        wire.send(connection, wire.Reply("stream"))
        for batch in batches:
            wire.send_table(connection, wire.pa.Table.from_batches([batch]))
        connection.send_bytes(b"")

    def close(self) -> None:
        """Stops listening; calls under way end with their connection."""
        self._closing = True
        self._listener.close()
        Path(self._path).unlink(missing_ok=True)


def _edges(args: list[Any]) -> list[Any]:
    """A pair (phase, step) arrives as a list of two after ('step', phase, step); see RemoteStore.buckets."""
    if args and isinstance(args[-1], list) and args[-1][:1] == ["step"]:
        return [*args[:-1], (args[-1][1], args[-1][2])]
    return args
