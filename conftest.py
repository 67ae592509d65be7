"""What every test run shares: which tests are relational, which are slow, and a quick but real test database.

`scripts/test.sh` runs the relational tests (`-m relational`) on PostgreSQL and then everything on SQLite.
"""

import os
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.signals import connection_created
from django.dispatch import receiver

pytest_plugins = ["tests.cast", "tests.town", "tests.serving", "tests.brokers"]

RELATIONAL_FIXTURES = frozenset({"db", "transactional_db", "django_db_reset_sequences", "live_server"})


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "relational: uses the relational database (set automatically); runs on both")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes 0.1 s a login
    database = connections.settings["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # A file, as in life: in-memory databases shared between threads lock by table and hide what WAL does.
        database["TEST"]["NAME"] = str(Path(os.environ["ALLMENDE_DATA"]) / "test.sqlite3")
        database["OPTIONS"]["init_command"] = database["OPTIONS"]["init_command"].replace(
            "synchronous=FULL", "synchronous=OFF"
        )


@pytest.hookimpl(tryfirst=True)  # before pytest applies -m, which asks for the mark set here
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("django_db") or RELATIONAL_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("relational")
    if os.environ.get("ALLMENDE_LONG", "") not in ("1", "true", "yes"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        if slow:
            config.hook.pytest_deselected(items=slow)
            items[:] = [item for item in items if not item.get_closest_marker("slow")]
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """The whole house (tests/) before its parts (src/): a file stays with one worker, and a file of real servers that
    is begun last keeps the other worker waiting.

    What uses pytest-playwright comes at the very end: it leaves an event loop running in its process, in which Django
    refuses to work.
    """
    if {"page", "context", "browser"} & set(getattr(item, "fixturenames", ())):
        return 2
    return 0 if item.nodeid.startswith("tests/") else 1


_opened: weakref.WeakSet[BaseDatabaseWrapper] = weakref.WeakSet()


@receiver(connection_created)
def _remember(connection: BaseDatabaseWrapper, **_: object) -> None:
    _opened.add(connection)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Before the test database is dropped, the connections of threads that tests have left behind are closed."""
    yield
    for left in list(_opened):
        left.inc_thread_sharing()  # Django lets no other thread close it otherwise
        left.close()


_flush = BaseDatabaseOperations.execute_sql_flush


def _flush_without_triggers(self: BaseDatabaseOperations, statements: list[str]) -> None:
    """Empties the tables after a test with real transactions, although triggers forbid it for the audit trail."""
    if connection.vendor == "postgresql":
        guarded = ["ALTER TABLE core_auditentry {} TRIGGER USER"]
        before, after = ([each.format(word) for each in guarded] for word in ("DISABLE", "ENABLE"))
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        before, after = [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]
    _flush(self, [*before, *statements, *after])


BaseDatabaseOperations.execute_sql_flush = _flush_without_triggers


def pytest_report_header(config: pytest.Config) -> str:
    return f"relational database: {connections['default'].display_name}"
