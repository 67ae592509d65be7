"""Group commit: one thread writes the hot log; who writes meanwhile shares the next commit.

When idle a row is written at once; under load all that waits goes into one commit and one sync. The queue is bounded:
beyond it callers get StoreBusy and may try again, so that memory stays flat when the disk is slow.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic

from allmende.observations.store.errors import StoreBusy, StoreClosed, StoreError, WritesRefused
from allmende.observations.store.log import HotLog
from allmende.observations.store.rows import StoredRow

logger = logging.getLogger(__name__)

MAX_WAITING_ROWS = 200_000
MAX_GROUP_ROWS = 20_000
RETRY_SECONDS = 2.0

_Done = Future[None] | asyncio.Future[None]
# (rows, the loop that its future belongs to or None for a thread that blocks, the future to resolve)
_Waiting = tuple[list[StoredRow], asyncio.AbstractEventLoop | None, _Done]


class GroupCommit:
    """Owns the writing side of the log. committed(seq, rows) runs in the writer thread before anyone is answered."""

    def __init__(self, log: HotLog, committed: Callable[[int, list[StoredRow]], None]) -> None:
        self._log = log
        self._committed = committed
        self._queue: deque[_Waiting] = deque()
        self._waiting_rows = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._refused_until = 0.0
        self._refusal = ""
        self._thread = threading.Thread(target=self._run, name="observation-log-writer", daemon=True)
        self._thread.start()

    def submit(self, rows: list[StoredRow]) -> None:
        """Blocks until the rows are on disk. Raises StoreBusy, WritesRefused or StoreClosed."""
        done: Future[None] = Future()
        self._enqueue((rows, None, done))
        done.result()

    def submit_async(self, rows: list[StoredRow]) -> "asyncio.Future[None]":
        """The same for the event loop: the future is done when the rows are on disk."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._enqueue((rows, loop, future))
        return future

    @property
    def refusal(self) -> str:
        """Why writes are refused at the moment; empty when they are not."""
        return self._refusal

    def close(self) -> None:
        """Writes what waits, then stops; later submissions raise StoreClosed."""
        with self._lock:
            self._closing = True
        self._wake.set()
        self._thread.join()

    def _enqueue(self, waiting: _Waiting) -> None:
        with self._lock:
            if self._closing:
                raise StoreClosed("The store is shutting down; nothing of this batch was kept. Please send it again.")
            if self._refusal and monotonic() < self._refused_until:
                raise WritesRefused(self._refusal)
            if self._waiting_rows and self._waiting_rows + len(waiting[0]) > MAX_WAITING_ROWS:
                raise StoreBusy("Too many observations wait to be written; nothing of this batch was kept.")
            self._waiting_rows += len(waiting[0])
            self._queue.append(waiting)
        if not self._wake.is_set():
            self._wake.set()

    def _take(self) -> list[_Waiting]:
        with self._lock:
            group: list[_Waiting] = []
            size = 0
            while self._queue and (not group or size + len(self._queue[0][0]) <= MAX_GROUP_ROWS):
                waiting = self._queue.popleft()
                group.append(waiting)
                size += len(waiting[0])
            self._waiting_rows -= size
            if not self._queue:
                self._wake.clear()
            return group

    def _run(self) -> None:
        while True:
            self._wake.wait()
            group = self._take()
            if group:
                _answer_all(group, self._commit(group))
            if self._closing and not self._queue:
                return

    def _commit(self, group: list[_Waiting]) -> StoreError | None:
        rows = group[0][0] if len(group) == 1 else [row for waiting in group for row in waiting[0]]
        try:
            self._committed(self._log.append(rows), rows)
        except WritesRefused as error:
            logger.error("%s New writes are refused for %s s, then tried again.", error, RETRY_SECONDS)
            self._refusal, self._refused_until = str(error), monotonic() + RETRY_SECONDS
            return error
        except Exception as error:  # a fault must answer its callers; a dead writer would strand them all
            logger.exception("The log writer failed.")
            return StoreError(f"The writer failed ({error}); whether this batch was kept is not known. Send it again.")
        self._refusal = ""
        return None


def _answer_all(group: list[_Waiting], error: StoreError | None) -> None:
    """Answers every waiting caller: one call into each event loop, however many wait there."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Done]] = {}
    for _, loop, done in group:
        if loop is None:
            _resolve([done], error)
        else:
            by_loop.setdefault(loop, []).append(done)
    for loop, waiting in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, waiting, error)


def _resolve(waiting: list[_Done], error: StoreError | None) -> None:
    for done in waiting:
        if done.done():  # the client went away; what it sent is kept all the same
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
