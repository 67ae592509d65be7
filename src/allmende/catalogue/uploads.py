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
from typing import Any, Self

import duckdb
from django.conf import settings
from django.db import close_old_connections, transaction

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import Denied, require
from allmende.catalogue.loaders.recipes import family, keep_tables, known_tables
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabling import LoadedTable, TableProposal, Tabling, Trial
from allmende.catalogue.loaders.tabular.recipe import TableHints, TableRecipe
from allmende.catalogue.models import Dataset, Upload, UploadState, Version
from allmende.catalogue.services import NotPublishable, add_version, built_from, publish_version
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


def aside_of(upload: Upload, table: str) -> Path | None:
    """The file with the rows of a table that did not fit; None where there are none, or not any more."""
    names = [each["aside_file"] for each in upload.report.get("tables", ()) if each["table"] == table]
    path = folder().parent / names[0] if names and names[0] else None
    return path if path and path.is_file() else None


def path_of(upload: Upload) -> Path:
    """The file as it was sent."""
    return folder() / upload.code


class Incoming:
    """A file that is being sent, piece by piece. Nothing of it stays unless `finish` is reached.

    with Incoming(actor, "trees.csv", dataset) as incoming:
        incoming.write(piece)
        upload = incoming.finish()
    """

    def __init__(self, actor: Actor, name: str, dataset: Dataset | None = None) -> None:
        """Raises Denied."""
        require(actor, "catalogue:manage", dataset)
        forget_old()
        self.upload = Upload(
            person=actor.code, name=Path(name).name[:200] or "file", size=0, sha256="", dataset=dataset
        )
        self.upload.save()
        self._path, self._digest, self._done = path_of(self.upload), hashlib.sha256(), False
        self._file = self._path.open("xb")

    def __enter__(self) -> Self:
        return self

    def write(self, piece: bytes) -> None:
        """The next piece. Raises OSError where the disk is full."""
        self._digest.update(piece)
        self._file.write(piece)

    def finish(self) -> Upload:
        """The file is whole. Raises Unreadable where it is empty."""
        self._file.close()
        self.upload.size, self.upload.sha256 = self._path.stat().st_size, self._digest.hexdigest()
        if not self.upload.size:
            raise Unreadable("empty_file")
        self.upload.save()
        self._done = True
        return self.upload

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if not self._done:
            self._path.unlink(missing_ok=True)
            self.upload.delete()


def begin_upload(actor: Actor, name: str, pieces: Iterable[bytes], dataset: Dataset | None = None) -> Upload:
    """Keeps a file that is to be loaded. Raises Denied, and Unreadable where it is empty."""
    with Incoming(actor, name, dataset) as incoming:
        for piece in pieces:
            incoming.write(piece)
        return incoming.finish()


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


def recipes_for(upload: Upload, hints: TableHints | None = None) -> list[TableRecipe]:
    """By what the file is loaded: these hints, or those kept with it, or the dataset's recipes for such files, or as it
    is understood. Raises Unreadable, also where the file is written otherwise than the recipes say."""
    told = TableHints.from_json(upload.hints) if hints is None else hints
    if told == TableHints():
        known, _trials = known_and_tried(upload)
        if known:
            return [each.recipe for each in known]
    if hints is not None:
        keep_hints(upload, hints)
    return [each.recipe for each in propose(upload, told)]


def load_upload(
    actor: Actor, upload: Upload, dataset: Dataset, recipes: Sequence[TableRecipe], *, publish: bool = False
) -> None:
    """Begins to load the file into the dataset; the upload tells how far it is. publish: afterwards as well, unless
    something speaks against it, which the report says then. Raises Denied. Twice at once: once."""
    require(actor, "catalogue:manage", dataset)
    with transaction.atomic():
        current = Upload.objects.select_for_update().get(pk=upload.pk)
        if current.state == UploadState.LOADING and not _stale(current):
            return
        current.state, current.dataset, current.seen, current.problem = UploadState.LOADING, dataset, now(), {}
        current.done_bytes = current.done_rows = 0
        current.save()
    arguments = (actor, current, dataset, tuple(recipes), publish)
    work = threading.Thread(target=_work, args=arguments, name="loading", daemon=True)
    transaction.on_commit(work.start)


def _stale(upload: Upload) -> bool:
    return upload.seen is None or upload.seen < now() - _STALE


def is_stuck(upload: Upload) -> bool:
    """Whether the loading died with its process."""
    return upload.state == UploadState.LOADING and _stale(upload)


def _work(actor: Actor, upload: Upload, dataset: Dataset, recipes: Sequence[TableRecipe], publish: bool) -> None:
    try:
        _load(actor, upload, dataset, recipes, publish)
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


def _load(actor: Actor, upload: Upload, dataset: Dataset, recipes: Sequence[TableRecipe], publish: bool) -> None:
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
    if publish and version is not None:
        upload.report["not_published"] = _publish(actor, version)
    upload.save()
    path_of(upload).unlink(missing_ok=True)


def _publish(actor: Actor, version: Version) -> str:
    """What speaks against it; empty where nothing does."""
    try:
        publish_version(actor, version)
    except NotPublishable as problem:
        return str(problem)
    return ""


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
