"""Bringing the relational database of a data folder up to date."""

import sys

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from allmende.catalogue.search.indexing import catch_up


def outdated() -> bool:
    """Whether this program has changes of tables that the database does not have yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def prepare() -> None:
    """Makes or changes the tables where needed, and indexes datasets that the search does not know; quick when nothing
    is to be done."""
    if outdated():
        call_command("migrate", interactive=False, verbosity=0)
    catch_up(said=_say)


def _say(done: int, total: int) -> None:
    """Indexing a large catalogue anew takes a while, once."""
    if total > 500:
        print(f"Search index: {done} of {total} datasets", file=sys.stderr, flush=True)
