"""Bringing the relational database of a data folder up to date."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def outdated() -> bool:
    """Whether this program has changes of tables that the database does not have yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def prepare() -> None:
    """Makes or changes the tables where needed; quick when nothing is."""
    if outdated():
        call_command("migrate", interactive=False, verbosity=0)
