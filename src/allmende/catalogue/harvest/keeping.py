"""A dataset from elsewhere becomes one of ours: its description, and its data as a version."""

import tempfile
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.harvest import fetching
from allmende.catalogue.harvest.fetching import SourceProblem
from allmende.catalogue.harvest.found import Found, RemoteFile
from allmende.catalogue.harvest.readers.plain import PREFERRED
from allmende.catalogue.harvest.report import Report
from allmende.catalogue.loaders.recipes import family, keep_tables, known_tables
from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.tabling import LoadedTable, Tabling
from allmende.catalogue.loaders.tabular.recipe import TableHints
from allmende.catalogue.loaders.words import words
from allmende.catalogue.models import HarvestItem, HarvestSource, Version
from allmende.catalogue.queries.datasets import is_free
from allmende.catalogue.services import (
    NotPublishable,
    add_version,
    built_from,
    change_dataset,
    publish_version,
    register_dataset,
)
from allmende.catalogue.vocabulary import FREQUENCIES, THEMES
from allmende.core.texts import slug_of

_PAGED = ("features", "datastreams")


def keep_description(source: HarvestSource, found: Found, item: HarvestItem | None, report: Report) -> HarvestItem:
    """Registers or changes the dataset. What somebody changed here stays until the source says something new.

    Raises ValidationError.
    """
    if item is not None and item.digest == found.digest:
        report.unchanged += 1
        return item
    if not found.title:
        raise ValidationError("It has no title.")
    details = _details(source, found)
    if item is None:
        made = register_dataset(SYSTEM, _slug(found), found.title, **details)
        report.added += 1
        return HarvestItem(source=source, remote=found.remote, dataset=made, digest=found.digest)
    change_dataset(SYSTEM, item.dataset, title=found.title, **details)
    report.changed += 1
    item.digest = found.digest
    return item


def _details(source: HarvestSource, found: Found) -> dict[str, Any]:
    """As the services take them; what does not fit is left out rather than refuse the whole."""
    begins, ends = _day(found.begins), _day(found.ends)
    if begins and ends and begins > ends:
        begins = ends = None
    return {
        "description": found.description,
        "keywords": list(found.keywords)[:50],
        "themes": [each for each in dict.fromkeys(found.themes) if each in THEMES],
        "licence": found.licence[:200],
        "attribution": found.attribution[:300],
        "contact_name": found.contact_name[:200],
        "contact_email": _mail(found.contact_email),
        "place": found.place[:200],
        "place_uri": found.place_uri[:300],
        "begins": begins,
        "ends": ends,
        "frequency": found.frequency if found.frequency in FREQUENCIES else "",
        "source_url": found.page[:500],
        "owner": source.owner_id,
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _mail(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text[:254]


def _slug(found: Found) -> str:
    """From the title; where that is taken, with a mark of where it comes from."""
    mark = sha256(found.remote.encode()).hexdigest()[:6]
    title = found.title.get("de") or next(iter(found.title.values()))
    plain = slug_of(title, 60) or f"dataset-{mark}"
    return plain if is_free(plain) else f"{plain}-{mark}"


def take_data(source: HarvestSource, found: Found, item: HarvestItem, report: Report) -> None:
    """The data of the dataset as a new version, if they are others than last time."""
    file = _best(found.files)
    if file is None:
        return
    folder = Path(settings.DATA_DIR) / "loading"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            path = Path(place) / _file_name(file)
            taken = fetching.take(file, path, item.files.get(file.url, {}))
            if taken is None:
                return
            taken["sha256"] = sha256(path.read_bytes()).hexdigest()
            if taken["sha256"] != item.files.get(file.url, {}).get("sha256"):
                _load(source, item, path, file, report)
    except (SourceProblem, OSError) as problem:
        report.problem(found.remote, str(problem))
        return
    except Unreadable as problem:
        report.problem(found.remote, words(problem.said))
        return
    except duckdb.Error as problem:
        report.problem(found.remote, str(problem).split("\n")[0])
        return
    item.files = {file.url: taken}
    item.save(update_fields=["files"])


def _best(files: tuple[RemoteFile, ...]) -> RemoteFile | None:
    order = (*_PAGED, *PREFERRED)
    fit = [each for each in files if each.kind in order]
    return min(fit, key=lambda each: order.index(each.kind)) if fit else None


def _file_name(file: RemoteFile) -> str:
    """Such that next month's file has a name of the same family."""
    stem = slug_of(file.name, 60) or "data"
    return f"{stem}.{'geojson' if file.kind in _PAGED else file.kind}"


def _load(source: HarvestSource, item: HarvestItem, path: Path, file: RemoteFile, report: Report) -> None:
    """Raises Unreadable."""
    about = {"name": path.name, "size": path.stat().st_size, "url": file.url}
    loaded: list[LoadedTable] = []
    try:
        with Tabling(path, path.parent, path.name) as tabling:
            recipes = known_tables(item.dataset, family(path))
            recipes = recipes or [each.recipe for each in tabling.propose(TableHints())]
            for recipe in recipes:
                loaded.append(tabling.read(recipe))
        version = add_version(SYSTEM, item.dataset, [built_from(each, about) for each in loaded])
        keep_tables(SYSTEM, item.dataset, family(path), recipes)
    finally:
        for each in loaded:
            each.close()
    if version is not None:
        report.versions += 1
        if source.publish:
            _publish(version, item, report)


def _publish(version: Version, item: HarvestItem, report: Report) -> None:
    try:
        publish_version(SYSTEM, version)
    except NotPublishable as problem:
        report.problem(item.remote, str(problem))
