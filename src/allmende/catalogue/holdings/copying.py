"""Makes serving copies (`serving`), one after the other, in a thread of its own."""

import atexit
import fcntl
import logging
import queue
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb

from allmende.catalogue.holdings.engine import text
from allmende.catalogue.holdings.files import copies, copy_of, path_of

_ROW_GROUP = 8_192  # rows: the quickest of 2 k to 123 k for boxes (measured)
_PATIENCE = 600  # seconds before what failed is tried again
_SETTINGS: dict[str, Any] = {"memory_limit": "300MB", "threads": "1", "autoload_known_extensions": "false"}
logger = logging.getLogger(__name__)


def make(digest: str) -> bool:
    """Makes the copy now, unless it is there; returns whether it is there afterwards."""
    return _maker.make(digest)


def order(digest: str) -> None:
    """Has the copy made in the background. What failed a short time ago is not tried again."""
    _maker.order(digest)


class _Maker:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[tuple[str, Path]] = queue.SimpleQueue()
        self._ordered: set[Path] = set()
        self._failed: dict[Path, float] = {}
        self._thread: threading.Thread | None = None
        self._running: duckdb.DuckDBPyConnection | None = None
        self._over = False

    def order(self, digest: str) -> None:
        target = copy_of(digest)
        with self._lock:
            failed = self._failed.get(target)
            if target in self._ordered or self._over or (failed and monotonic() < failed + _PATIENCE):
                return
            self._ordered.add(target)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="serving-copies", daemon=True)
                self._thread.start()
                atexit.register(self._stop)
        self._waiting.put((digest, target))

    def _run(self) -> None:
        while not self._over:
            digest, target = self._waiting.get()
            try:
                if digest and not self._over and target == copy_of(digest):  # tests have several folders
                    self.make(digest, wait=False)
            except Exception:
                logger.exception("The serving copy of %s could not be made.", digest)
                self._failed[target] = monotonic()
            finally:
                with self._lock:
                    self._ordered.discard(target)

    def make(self, digest: str, *, wait: bool = True) -> bool:
        source, target = path_of(digest), copy_of(digest)
        with _alone(target.parent, wait=wait) as alone:
            if alone and not target.exists() and source.exists():
                _tidy(target.parent)
                self._write(source, target)
        return target.exists()

    def _write(self, source: Path, target: Path) -> None:
        fresh = target.with_name(f"new-{secrets.token_hex(8)}.duckdb")
        connection = duckdb.connect(":memory:", config=_SETTINGS)
        self._running = connection
        try:
            connection.execute(f"SET TimeZone = 'UTC'; ATTACH {text(fresh)} AS copy (ROW_GROUP_SIZE {_ROW_GROUP})")
            connection.execute(f"CREATE TABLE copy.rows AS SELECT * FROM read_parquet({text(source)})")
            connection.execute("DETACH copy")  # writes everything into the one file
            fresh.chmod(0o640)
            if source.exists():  # else it was erased meanwhile
                fresh.replace(target)
        finally:
            self._running = None
            connection.close()
            fresh.unlink(missing_ok=True)
            fresh.with_name(fresh.name + ".wal").unlink(missing_ok=True)

    def _stop(self) -> None:
        """At the end of the process, so that DuckDB is not at work when the interpreter goes."""
        self._over = True
        self._waiting.put(("", Path()))
        if self._running is not None:
            self._running.interrupt()
        if self._thread is not None:
            self._thread.join(5)


@contextmanager
def _alone(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Whether nobody else makes copies just now, in this process or another; none begins while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "making.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _tidy(folder: Path) -> None:
    """Removes what a killed process left, and copies of files that are gone."""
    for path in folder.glob("new-*"):
        path.unlink(missing_ok=True)
    for digest, path in copies():
        if not path_of(digest).exists():
            path.unlink(missing_ok=True)


_maker = _Maker()
