"""Recipes kept with their dataset, so that the next file of the same kind is read without asking."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.catalogue.loaders.recipe import Recipe
from allmende.catalogue.loaders.tabular.recipe import VERSION as TABLES
from allmende.catalogue.loaders.tabular.recipe import TableRecipe
from allmende.catalogue.models import Dataset, LoadRecipe
from allmende.core import audit

_ENDINGS = (
    frozenset({"csv", "tsv", "tab", "txt", "dat", "asc", "xls", "xlsx", "xlsm", "xlsb", "ods", "parquet", "pb"})
    | {"json", "geojson", "ndjson", "jsonl", "geojsonl", "js", "xml", "gml", "gpx", "kml", "kmz", "gpkg", "fgb", "shp"}
    | {"gz", "zip", "set-aside"}
)


def family(path: Path) -> str:
    """What the names of such files have in common: `parking_2020_2026.csv.gz` and `parking-2026-09.csv` → `parking`."""
    stem = path.name
    while (ending := stem.rpartition(".")[2].lower()) in _ENDINGS and ending != stem.lower():
        stem = stem[: -len(ending) - 1]
    words = [word for word in re.split(r"[^0-9A-Za-zÀ-ž]+", stem) if word and not word.isdigit()]
    return slugify(" ".join(words))[:80] or slugify(stem)[:80] or "file"


def known_recipe(dataset: Dataset, name: str) -> Recipe | None:
    """The recipe for files of this family; None where there is none that this program can read."""
    kept = LoadRecipe.objects.filter(dataset=dataset, name=name).first()
    try:
        return Recipe.from_json(kept.recipe) if kept else None
    except (ValueError, TypeError, KeyError):
        return None


def known_tables(dataset: Dataset, name: str) -> list[TableRecipe]:
    """The recipes for the tables in files of this family; none where this program cannot read them."""
    kept = LoadRecipe.objects.filter(dataset=dataset, name=name).first()
    try:
        return [TableRecipe.from_json(each) for each in kept.recipe.get("tables", ())] if kept else []
    except (ValueError, TypeError, KeyError):
        return []


def keep_tables(actor: Actor, dataset: Dataset, name: str, recipes: Sequence[TableRecipe]) -> None:
    """Keeps the recipes for the tables in files of this family, in the place of earlier ones. Raises Denied."""
    _keep(actor, dataset, name, {"version": TABLES, "tables": [each.to_json() for each in recipes]})


def keep_recipe(actor: Actor, dataset: Dataset, name: str, recipe: Recipe) -> None:
    """Keeps a recipe for files of this family, in the place of an earlier one. Raises Denied."""
    _keep(actor, dataset, name, recipe.to_json())


def _keep(actor: Actor, dataset: Dataset, name: str, plain: dict[str, Any]) -> None:
    require(actor, "catalogue:manage", dataset)
    plain = json.loads(json.dumps(plain))  # as the database gives it back
    kept, made = LoadRecipe.objects.get_or_create(dataset=dataset, name=name, defaults={"recipe": plain})
    if not made:
        if kept.recipe == plain:
            return
        kept.recipe = plain
        kept.save()
    audit.record(actor.kind, actor.code, "dataset.recipe_kept", "dataset", dataset.code, {"family": name})
