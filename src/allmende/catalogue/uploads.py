"""Files on their way in through the browser and the API: kept, looked at, loaded while one waits or goes elsewhere.

A loading runs in a thread of the process that took it. If that process dies, nothing half-done stays, because a version
appears whole or not at all; the file is still there, and loading it can be begun again.
"""

import hashlib
import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb
from django.conf import settings
from django.db import close_old_connections, transaction

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import Denied, require
from allmende.catalogue.loaders.recipes import family, keep_tables, known_tables
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabling import LoadedTable, TableProposal, Tabling, Trial
from allmende.catalogue.loaders.tabular.recipe import TableHints, TableRecipe
from allmende.catalogue.models import Dataset, Upload, UploadState
from allmende.catalogue.services import add_version, built_from
from allmende.core.clock import now

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)
_STALE = timedelta(minutes=2)  # a loading that gave no sign for so long has died with its process
_SIGN = 1.0  # seconds between signs of life


class UnknownUpload(LookupError):
    """No such file, or not one's own."""


def folder() -> Path:
    """Where files wait."""
    made = Path(settings.DATA_DIR) / "loading" / "uploads"
    made.mkdir(parents=True, exist_ok=True)
    return made


def path_of(upload: Upload) -> Path:
    """The file as it was sent."""
    return folder() / upload.code


def begin_upload(actor: Actor, name: str, pieces: Iterable[bytes], dataset: Dataset | None = None) -> Upload:
    """Keeps a file that is to be loaded. Raises Denied, and Unreadable where it is empty."""
    require(actor, "catalogue:manage", dataset)
    forget_old()
    upload = Upload(person=actor.code, name=Path(name).name[:200] or "file", size=0, sha256="", dataset=dataset)
    upload.save()
    path, digest = path_of(upload), hashlib.sha256()
    try:
        with path.open("xb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        upload.size, upload.sha256 = path.stat().st_size, digest.hexdigest()
        if not upload.size:
            raise Unreadable("empty_file")
        upload.save()
    except BaseException:
        path.unlink(missing_ok=True)
        upload.delete()
        raise
    return upload


def get_upload(actor: Actor, code: str) -> Upload:
    """A file of one's own. Raises UnknownUpload."""
    found = Upload.objects.select_related("dataset", "version").filter(code=code, person=actor.code).first()
    if found is None:
        raise UnknownUpload(code)
    return found


def waiting_uploads(actor: Actor) -> list[Upload]:
    """One's own files that are not loaded yet."""
    return list(Upload.objects.filter(person=actor.code).exclude(state=UploadState.DONE)[:50])


def drop_upload(actor: Actor, code: str) -> None:
    """Throws a file away. Raises UnknownUpload."""
    upload = get_upload(actor, code)
    path_of(upload).unlink(missing_ok=True)
    upload.delete()


def forget_old() -> None:
    """Removes files that waited too long, and those that are loaded."""
    for upload in Upload.objects.filter(created__lt=now() - KEPT):
        path_of(upload).unlink(missing_ok=True)
        upload.delete()


def propose(upload: Upload, hints: TableHints | None = None) -> list[TableProposal]:
    """How the tables of the file would be read. hints: None for those that are kept. Raises Unreadable."""
    told = TableHints.from_json(upload.hints) if hints is None else hints
    with Tabling(path_of(upload), folder().parent, upload.name) as tabling:
        return tabling.propose(told)


def propose_and_try(upload: Upload, hints: TableHints) -> tuple[list[TableProposal], list[Trial]]:
    """The same, with what the first rows would become. Raises Unreadable."""
    with Tabling(path_of(upload), folder().parent, upload.name) as tabling:
        proposals = tabling.propose(hints)
        return proposals, [tabling.trial(each.recipe) for each in proposals]


def known_and_tried(upload: Upload) -> tuple[list[TableProposal], list[Trial]]:
    """The same by the recipes that the dataset has for such files; nothing where it has none. Raises Unreadable where
    this file is written otherwise, with what is missing."""
    recipes = recipes_known(upload)
    if not recipes:
        return [], []
    with Tabling(path_of(upload), folder().parent, upload.name) as tabling:
        trials = [tabling.trial(each) for each in recipes]
    return [TableProposal(each, ()) for each in recipes], trials


def keep_hints(upload: Upload, hints: TableHints) -> None:
    """Keeps what somebody said about how the file is to be read."""
    upload.hints = asdict(hints)
    upload.save(update_fields=["hints", "changed"])


def recipes_known(upload: Upload) -> list[TableRecipe]:
    """The recipes that the dataset has for files named like this one."""
    return known_tables(upload.dataset, family(Path(upload.name))) if upload.dataset else []


def load_upload(actor: Actor, upload: Upload, dataset: Dataset, recipes: Sequence[TableRecipe]) -> None:
    """Begins to load the file into the dataset; `refresh` tells how far it is. Raises Denied. Twice at once: once."""
    require(actor, "catalogue:manage", dataset)
    with transaction.atomic():
        current = Upload.objects.select_for_update().get(pk=upload.pk)
        if current.state == UploadState.LOADING and not _stale(current):
            return
        current.state, current.dataset, current.seen, current.problem = UploadState.LOADING, dataset, now(), {}
        current.done_bytes = current.done_rows = 0
        current.save()
    work = threading.Thread(target=_work, args=(actor, current, dataset, tuple(recipes)), name="loading", daemon=True)
    transaction.on_commit(work.start)


def _stale(upload: Upload) -> bool:
    return upload.seen is None or upload.seen < now() - _STALE


def is_stuck(upload: Upload) -> bool:
    """Whether the loading died with its process."""
    return upload.state == UploadState.LOADING and _stale(upload)


def _work(actor: Actor, upload: Upload, dataset: Dataset, recipes: Sequence[TableRecipe]) -> None:
    try:
        _load(actor, upload, dataset, recipes)
    except Unreadable as problem:
        _fail(upload, problem.said)
    except duckdb.Error as problem:
        logger.exception("A file could not be built.")
        _fail(upload, Said.of("not_built", problem=str(problem).split("\n")[0][:200]))
    except Denied:
        _fail(upload, Said.of("not_allowed"))
    except Exception:
        logger.exception("A file could not be loaded.")
        _fail(upload, Said.of("unexpected"))
    finally:
        close_old_connections()


def _fail(upload: Upload, why: Said) -> None:
    upload.state, upload.problem = UploadState.FAILED, why.to_json()
    upload.save(update_fields=["state", "problem", "changed"])


def _load(actor: Actor, upload: Upload, dataset: Dataset, recipes: Sequence[TableRecipe]) -> None:
    source = {"name": upload.name, "size": upload.size, "sha256": upload.sha256}
    loaded: list[LoadedTable] = []
    try:
        with Tabling(path_of(upload), folder().parent, upload.name) as tabling:
            for recipe in recipes:
                loaded.append(tabling.read(recipe, progress=_Signs(upload)))
        version = add_version(actor, dataset, [built_from(each, source) for each in loaded])
        keep_tables(actor, dataset, family(Path(upload.name)), recipes)
    finally:
        for each in loaded:
            each.close()
    upload.state, upload.version = UploadState.DONE, version
    upload.report = {"tables": [report_of(each) for each in loaded], "nothing_new": version is None}
    upload.save()
    path_of(upload).unlink(missing_ok=True)


class _Signs:
    """Progress, kept once a second."""

    def __init__(self, upload: Upload) -> None:
        self._upload, self._last = upload, 0.0

    def __call__(self, consumed: int, rows: int) -> None:
        if monotonic() - self._last >= _SIGN:
            self._last = monotonic()
            Upload.objects.filter(pk=self._upload.pk).update(done_bytes=consumed, done_rows=rows, seen=now())


def report_of(loaded: LoadedTable) -> dict[str, Any]:
    """What became of a table's rows, as plain data. aside_file: the name of the file with those that did not fit."""
    return {
        "table": loaded.recipe.table,
        "title": loaded.recipe.title,
        "kept": loaded.spool.rows,
        "rows": loaded.rows,
        "blank": loaded.blank,
        "nothing": loaded.nothing,
        "aside": loaded.aside.count,
        "aside_first": loaded.aside.first,
        "aside_file": loaded.aside.path.name if loaded.aside.count else "",
        "invalid": loaded.invalid,
        "unplaced": loaded.unplaced if loaded.recipe.where else 0,
        "more": list(loaded.more),
    }
