"""`allmende check`: is this data folder in order?"""

import argparse
import io

from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from allmende.core import audit
from allmende.observations import queries
from allmende.observations.stores import StoreError
from allmende.run.databases import outdated


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(options: argparse.Namespace) -> int:
    """Prints one line per part; exit code 1 where something is wrong."""
    findings = [*_database(), *_trail(), *_store()]
    for finding in findings:
        print(f"wrong: {finding}")
    print("Everything is in order." if not findings else f"{len(findings)} things are wrong.")
    return 1 if findings else 0


def _database() -> list[str]:
    try:
        call_command("check", stdout=io.StringIO())  # it would say that it found nothing
    except SystemCheckError as error:
        return [str(error)]
    if outdated():
        return ["the database is older than this program; «allmende serve» brings it up to date"]
    print(f"database: {connection.display_name}, up to date")
    return []


def _trail() -> list[str]:
    problems = audit.verify()
    if not problems:
        print(f"audit trail: {audit.head()[0]} entries, unbroken")
    return [str(problem) for problem in problems]


def _store() -> list[str]:
    try:
        facts = queries.store_status()
    except StoreError as error:
        return [str(error)]
    print(f"store: {facts['observations']:,} observations, {facts['tail_rows']} waiting, {facts['bytes']:,} bytes")
    return [fact for fact in (facts["writes_refused"], facts["drain_failure"]) if fact]
