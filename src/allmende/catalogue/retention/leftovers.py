"""What stays behind where nobody looks: files that no version holds, spools of processes that died, freed pages."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Min

from allmende.catalogue import uploads
from allmende.catalogue.holdings import files
from allmende.catalogue.models import Dataset, Part, Upload

_FRESH = timedelta(days=1)  # what is younger may be a file that is just becoming part of a version
_SPOOLS = timedelta(days=30)  # rows set aside may be fetched, mended and sent again so long
_TABLES = ("catalogue_part", "catalogue_upload", "catalogue_version")


def tidy_up(now: float | None = None) -> int:
    """Erases what belongs to nothing; returns how many files. now: seconds since 1970."""
    at = now or time.time()
    return sum(files.shred(path) > 0 for path in _found(at)) + _orphans(at)


def _orphans(at: float) -> int:
    """Holdings that no version has: trials of the gate, and what a crash left. Their serving copies go with them."""
    names = {digest for pair in Part.objects.values_list("holding", "published") for digest in pair}
    held = [digest for digest, path in files.kept() if digest not in names and _older(path, at, _FRESH)]
    there = {digest for digest, _ in files.kept()}
    alone = [path for digest, path in files.copies() if digest not in there]
    return sum(files.erase(digest) > 0 for digest in held) + sum(files.shred(path) > 0 for path in alone)


def _found(at: float) -> Iterator[Path]:
    yield from (path for path in files.unfinished() if _older(path, at, _FRESH))
    shortest = Dataset.objects.filter(retention_days__gt=0).aggregate(Min("retention_days"))["retention_days__min"]
    # Rows that the command line set aside say no more which dataset they are of; so the strictest counts for all.
    patience = min(_SPOOLS, timedelta(days=shortest)) if shortest else _SPOOLS
    folder = Path(settings.DATA_DIR) / "loading"
    yield from (path for path in folder.glob("*") if path.is_file() and _older(path, at, patience))
    known = set(Upload.objects.values_list("code", flat=True))
    yield from (path for path in uploads.folder().glob("*") if path.name not in known and _older(path, at, _FRESH))


def _older(path: Path, at: float, than: timedelta) -> bool:
    try:
        return path.stat().st_mtime < at - than.total_seconds()
    except FileNotFoundError:
        return False


def settle_database() -> None:
    """Makes the database let go of what was deleted: its columns' least and greatest values were cells of the rows.

    SQLite overwrites what it deletes (`secure_delete`); its journal is emptied here. PostgreSQL writes the tables anew;
    its own write-ahead log goes round by its settings.
    """
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        elif connection.vendor == "postgresql":
            for table in _TABLES:
                cursor.execute(f"VACUUM (FULL) {table}")
