"""Loads one file by the recipe of its family, and moves it to `done` or, with the reason beside it, to `failed`."""

import shutil
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_noop as _

from allmende.accounts.actors import SYSTEM, Actor
from allmende.catalogue.loaders.reading import Loaded, Reading
from allmende.catalogue.loaders.recipes import family, keep_recipe, known_recipe
from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.words import words
from allmende.catalogue.queries import Dataset, get_dataset
from allmende.connectors.loading import take
from allmende.core.said import Said


class Filed(NamedTuple):
    """observations: that are on disk; problem: why the file, or rows of it, were not loaded."""

    observations: int
    problem: Said | str = ""


def file_away(path: Path, connector: str, dataset: str) -> Filed:
    """Loads a file and moves it away. Raises what means that one should try again: StoreError, Interrupted, OSError.

    Loading twice changes nothing, so a file that could not be moved after it was loaded does no harm. Blocks.
    """
    found = get_dataset(SYSTEM, dataset)
    try:
        observations, aside = _load(path, connector, found)
    except Unreadable as problem:
        return _failed(path, problem)
    except (ValueError, LookupError) as problem:  # a unit or a range that cannot be
        return _failed(path, problem)
    _move(path, path.parent / "done")
    if aside is None:
        return Filed(observations)
    kept = _move(aside, path.parent / "failed")
    text = _("Some rows do not fit; they are in failed/%(file)s, with their reasons.")
    return Filed(observations, Said(text, {"file": kept.name}))


def _load(path: Path, connector: str, dataset: Dataset) -> tuple[int, Path | None]:
    """(observations on disk, the file with rows that were set aside)."""
    scopes = frozenset({"observations:write", "observations:manage"})
    actor = Actor(kind="token", code=connector, scopes=scopes, datasets=frozenset({dataset.code}))
    name = family(path)
    with Reading(path, Path(settings.DATA_DIR) / "loading") as reading:
        recipe = known_recipe(dataset, name) or reading.propose().recipe
        loaded = reading.read(recipe)
        try:
            taken = take(actor, dataset, recipe, loaded, name.replace("-", " ").capitalize())
        finally:
            loaded.close()
    keep_recipe(SYSTEM, dataset, name, recipe)
    return taken.rows, _aside(loaded)


def _aside(loaded: Loaded) -> Path | None:
    return loaded.aside.path if loaded.aside.count else None


def _failed(path: Path, problem: Exception) -> Filed:
    said = {language: _in(language, problem) for language in ("de", "en")}
    moved = _move(path, path.parent / "failed")
    text = "\n".join(dict.fromkeys(said.values())) + "\n"
    moved.with_name(moved.name + ".reason.txt").write_text(text, encoding="utf-8")
    return Filed(0, said["en"])


def _in(language: str, problem: Exception) -> str:
    with translation.override(language):
        return words(problem.said) if isinstance(problem, Unreadable) else str(problem)


def _move(path: Path, folder: Path) -> Path:
    """Moves a file into a folder, beside one of the same name that is there already."""
    folder.mkdir(exist_ok=True)
    number, target = 1, folder / path.name
    while target.exists():
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    return Path(shutil.move(path, target))
