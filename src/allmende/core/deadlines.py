"""Interrupts statements of databases that are late. One thread watches all of them: a timer for each would cost a
thread for each."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Protocol

EVERY = 0.1  # seconds


class Interruptible(Protocol):
    """A connection whose statement can be stopped from another thread."""

    def interrupt(self) -> None:
        """Stops the statement that runs, if one does."""


class Watch:
    """Watches any number of connections."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._running: dict[int, tuple[float, Interruptible]] = {}
        self._some = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, connection: Interruptible, deadline: float) -> Iterator[None]:
        """Watches one statement while the block runs. deadline: of `monotonic`."""
        key = id(connection)
        with self._lock:
            self._running[key] = deadline, connection
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        if not self._some.is_set():
            self._some.set()
        try:
            yield
        finally:
            with self._lock:  # after this the connection is not interrupted any more: another may have it next
                del self._running[key]

    def _run(self) -> None:
        while True:
            self._some.wait()
            with self._lock:
                for deadline, connection in self._running.values():
                    if monotonic() >= deadline:
                        connection.interrupt()
                if not self._running:
                    self._some.clear()
                    continue
            sleep(EVERY)
