"""Erasing versions for good: the files with their rows, what the database knew of cells, and what came in for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from allmende.accounts.actors import SYSTEM, Actor
from allmende.accounts.permissions import require
from allmende.catalogue import uploads
from allmende.catalogue.holdings import files
from allmende.catalogue.models import Dataset, Part, Upload, Version, VersionState
from allmende.catalogue.queries.remembered import forget_parts
from allmende.catalogue.retention.holds import held_datasets, hold_of
from allmende.catalogue.retention.leftovers import settle_database
from allmende.catalogue.retention.schedule import due_versions
from allmende.catalogue.services.telling import tell
from allmende.core.clock import now


@dataclass(frozen=True)
class NotErasable(Exception):
    """The version may not be erased. why: in the reader's words."""

    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(slots=True)
class Erased:
    """What a run erased. files, bytes: of holdings and of what came in."""

    versions: int = 0
    files: int = 0
    bytes: int = 0

    def add(self, sizes: Iterable[int]) -> None:
        """Counts files by their sizes; 0 is one that was not there."""
        for size in sizes:
            self.files += size > 0
            self.bytes += size


def erase_version(actor: Actor, version: Version, reason: str) -> Erased:
    """Erases a version for good: its address says from then on when and why. Files that another version holds as well
    stay until that one goes. Raises Denied and NotErasable (a hold, or no reason). Erased already: nothing happens."""
    if not reason.strip():
        raise NotErasable(_("Say why: the reason is shown at the version's address."))
    gone = Erased()
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        require(actor, "catalogue:manage", dataset)
        if held := hold_of(dataset):
            raise NotErasable(_("Nothing of this dataset may be erased now: %(reason)s") % {"reason": held.reason})
        current = Version.objects.select_for_update().get(pk=version.pk)
        if current.state == VersionState.ERASED:
            return gone
        digests = _digests(current)
        incoming = _incoming(Upload.objects.filter(version=current))
        current.parts.all().delete()
        current.state, current.ended, current.end_reason = VersionState.ERASED, now(), reason.strip()[:300]
        current.note, current.verdict, current.override = {}, {}, {}
        current.save()
        details = {"version": current.code, "number": current.number, "files": len(digests), "reason": reason.strip()}
        tell(actor, "version.erased", dataset, details)
    # After the commit: a file that is left by a crash in between belongs to nothing, and the daily run finds it.
    forget_parts()
    gone.versions = 1
    gone.add(files.erase(digest) for digest in digests if not _held_elsewhere(digest))
    gone.add(files.shred(path) for path in incoming)
    return gone


def erase_due(moment: datetime | None = None) -> Erased:
    """Erases all that is due at this moment (None: now), on behalf of the system. What may not be erased stays."""
    gone = Erased()
    for version in due_versions(moment):
        days = version.dataset.retention_days
        try:
            one = erase_version(SYSTEM, version, f"Aufbewahrungsfrist abgelaufen / retention time over ({days} d)")
        except NotErasable:  # put on hold a moment ago
            continue
        gone.versions += one.versions
        gone.files += one.files
        gone.bytes += one.bytes
    gone.add(_waiting(moment or now()))
    if gone.versions or gone.files:
        settle_database()
    return gone


def _digests(version: Version) -> list[str]:
    """Of all its files, the office's and the readers'."""
    pairs = version.parts.values_list("holding", "published")
    return sorted({digest for pair in pairs for digest in pair if digest})


def _held_elsewhere(digest: str) -> bool:
    return Part.objects.filter(Q(holding=digest) | Q(published=digest)).exists()


def _incoming(found: Iterable[Upload]) -> list[Path]:
    """The files that came in, with the rows set aside; their entries are removed."""
    paths = []
    for upload in list(found):
        paths.append(uploads.path_of(upload))
        names = [table.get("aside_file", "") for table in upload.report.get("tables", ())]
        paths += [uploads.folder().parent / Path(name).name for name in names if name]
        upload.delete()
    return paths


def _waiting(at: datetime) -> list[int]:
    """Erases files that came in for a dataset and have waited for longer than it keeps data; their sizes."""
    sizes: list[int] = []
    held = held_datasets()
    for dataset in Dataset.objects.filter(retention_days__gt=0, uploads__isnull=False).exclude(pk__in=held).distinct():
        old = at - timedelta(days=dataset.retention_days or 0)
        paths = _incoming(Upload.objects.filter(dataset=dataset, created__lte=old))
        sizes += [files.shred(path) for path in paths]
    return sizes
