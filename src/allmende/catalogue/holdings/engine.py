"""DuckDB for files of holdings: one instance in memory for the process, a cursor for each question.

Only our own statements run here; nobody's text becomes SQL.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from allmende.catalogue.holdings import spatial
from allmende.catalogue.holdings.files import folder, home

_SETTINGS = {
    "memory_limit": "400MB",
    "threads": "2",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
}
_lock = threading.Lock()
_instances: dict[Path, duckdb.DuckDBPyConnection] = {}  # by folder: tests have several


@contextmanager
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own to ask with, closed afterwards."""
    made = _database().cursor()
    try:
        yield made
    finally:
        made.close()


def _database() -> duckdb.DuckDBPyConnection:
    with _lock:
        found = _instances.get(home())
        if found is None:
            spill = folder() / "spill"
            spill.mkdir(exist_ok=True)
            found = duckdb.connect(":memory:", config={**_SETTINGS, "temp_directory": str(spill)})
            found.execute("SET parquet_metadata_cache = true; SET enable_progress_bar = false")
            found.execute("SET GLOBAL TimeZone = 'UTC'")  # what is not global holds for this connection only
            spatial.register(found)
            _instances[home()] = found
        return found


def quoted(name: str) -> str:
    """A column's name in a statement."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str | Path) -> str:
    """A text in a statement, for the few places where values cannot be bound."""
    return "'" + str(value).replace("'", "''") + "'"
