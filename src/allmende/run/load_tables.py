"""`allmende load` for tables and layers of features: each file becomes a version of a dataset."""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.gate.words import finding_words
from allmende.catalogue.loaders.recipes import family, keep_tables, known_tables
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabling import LoadedTable, TableProposal, Tabling
from allmende.catalogue.loaders.tabular.recipe import TableHints, TableRecipe
from allmende.catalogue.loaders.words import TOPICS, words
from allmende.catalogue.queries import Dataset, Version, newest_version
from allmende.catalogue.services import (
    NotPublishable,
    add_version,
    built_from,
    examine_version,
    publish_version,
    register_dataset,
)
from allmende.run.load_words import FAILED, LOADED, SOME_SET_ASIDE, WRONG_USE, agreed, line_of, title_of
from allmende.run.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that only tables and layers have."""
    parser.add_argument("--layer", default="", help="the sheet or layer that is meant, of several")
    parser.add_argument("--path", default="", help="where the rows are in JSON or XML, such as result.items")
    parser.add_argument("--crs", default="", help="coordinate system of the file, such as EPSG:25832")
    parser.add_argument("--where", action="append", default=[], metavar="COLUMN", help="easting, then northing")
    parser.add_argument("--key", action="append", default=[], metavar="COLUMN", help="tells rows apart")
    parser.add_argument("--type", action="append", default=[], metavar="COLUMN=TYPE", help="such as PLZ=text")
    parser.add_argument("--publish", action="store_true", help="publish at once, if nothing speaks against it")


def load(path: Path, options: argparse.Namespace, dataset: Dataset | None, slug: str) -> int:
    """One file. Returns the exit code. Raises Unreadable, OSError, ValueError; then nothing of it was kept."""
    name = family(path)
    hints = _hints(options)
    recipes = known_tables(dataset, name) if dataset and not options.anew and hints == TableHints() else []
    with ExitStack() as stack:
        tabling = stack.enter_context(Tabling(path, settings.DATA_DIR / "loading"))
        if recipes:
            print(
                _("%(file)s: read by the recipe kept with the dataset %(dataset)s.")
                % {"file": path.name, "dataset": slug}
            )
        else:
            proposals = _meant(tabling.propose(hints), options.layer)
            _show(path, proposals, dataset, slug)
            if not options.yes and not agreed():
                return WRONG_USE if not sys.stdin.isatty() else FAILED
            recipes = [each.recipe for each in proposals]
        loaded = [_read(stack, tabling, recipe, options.partial) for recipe in recipes]
        if not tabling.network_isolated:
            print(_("This machine does not let the reading of files be cut off from the network."), file=sys.stderr)
        dataset = dataset or register_dataset(SYSTEM, slug, title_of(slug))
        source = _source(path)
        version = add_version(SYSTEM, dataset, [built_from(each, source) for each in loaded])
        keep_tables(SYSTEM, dataset, name, recipes)
    _report(dataset, version, loaded)
    if options.publish:
        _publish(version or newest_version(dataset))
    return SOME_SET_ASIDE if any(each.aside.count or each.broken for each in loaded) else LOADED


def _hints(options: argparse.Namespace) -> TableHints:
    types = dict(each.partition("=")[::2] for each in options.type)
    return TableHints(
        encoding=options.encoding,
        delimiter="\t" if options.delimiter in ("tab", "\\t") else options.delimiter,
        decimal=options.decimal,
        zone=options.zone,
        layer=options.layer,
        path=options.path,
        crs=options.crs,
        where=tuple(options.where),
        key=tuple(options.key),
        ignore=tuple(options.ignore),
        types=types,
    )


def _meant(proposals: Sequence[TableProposal], layer: str) -> list[TableProposal]:
    """The tables that are loaded."""
    if layer:
        chosen = [each for each in proposals if layer in (each.recipe.title, each.recipe.table)]
        if not chosen:
            raise Unreadable("layer_unknown", name=layer, layers=", ".join(each.recipe.title for each in proposals))
        return chosen
    return list(proposals)


def _read(stack: ExitStack, tabling: Tabling, recipe: TableRecipe, partial: bool) -> LoadedTable:
    with Progress(tabling.name, tabling.size) as progress:
        loaded = tabling.read(recipe, partial=partial, progress=progress.read)
    stack.callback(loaded.close)
    return loaded


def _source(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "size": path.stat().st_size, "sha256": digest}


def _show(path: Path, proposals: Sequence[TableProposal], dataset: Dataset | None, slug: str) -> None:
    """Everything that is assumed, each with its evidence and what it could be instead."""
    print(_("%(file)s: this is assumed") % {"file": path.name})
    for each in proposals:
        recipe = each.recipe
        print(f"  {TOPICS['table']!s:<27}{recipe.title or recipe.table}")
        for said in each.said:
            print(line_of(said))
        columns = ", ".join(f"{field.name} ({field.type})" for field in recipe.used())
        print(f"  {_('Columns'):<27}{columns}")
        for row in each.preview[:2]:
            print("  | " + " | ".join(" ".join(cell.split())[:24] for cell in row.values()))
    there = _("there already") if dataset else _("will be made")
    print(f"  {TOPICS['dataset']!s:<27}{slug}  ({there})")


def _report(dataset: Dataset, version: Version | None, loaded: Sequence[LoadedTable]) -> None:
    """What was kept, what changed, what was set aside and why."""
    for each in loaded:
        for line in _lines(each):
            print(line)
    if version is None:
        print(_("Nothing changed: version %(number)s stays the newest.") % {"number": _number(dataset)})
        return
    print(_("Version %(number)s of %(dataset)s.") % {"number": version.number, "dataset": dataset.slug})
    for part in version.parts.select_related("table"):
        if part.changes:
            print(f"  {part.table.name}: " + _changes(part.changes))


def _number(dataset: Dataset) -> int:
    newest = newest_version(dataset)
    return newest.number if newest else 0


def _changes(changes: dict[str, Any]) -> str:
    text = _("%(added)s rows added, %(removed)s removed, %(changed)s changed.")
    return text % {name: changes[name] for name in ("added", "removed", "changed")}


def _lines(loaded: LoadedTable) -> list[str]:
    title = loaded.recipe.title or loaded.recipe.table
    lines = [
        _("%(table)s: %(kept)s of %(rows)s rows.") % {"table": title, "kept": loaded.spool.rows, "rows": loaded.rows}
    ]
    counts = (
        (loaded.blank, _("Blank rows: %(n)s.")),
        (sum(loaded.nothing.values()), _("Cells that say that there is no value: %(n)s.")),
        (loaded.unplaced if loaded.recipe.where else 0, _("Rows without a place: %(n)s. They are kept.")),
        (loaded.invalid, _("Areas that cross themselves: %(n)s. They are kept as they are.")),
        (loaded.aside.count, _("Rows that do not fit: %(n)s. They were set aside with their reasons, in")),
    )
    lines += ["  " + text % {"n": count} for count, text in counts if count]
    if loaded.aside.count:
        lines[-1] += f" {loaded.aside.path}. " + _("Mend them there and load that file.")
    if loaded.more:
        lines.append("  " + _("Columns that are new and were left out: %(names)s.") % {"names": ", ".join(loaded.more)})
    if loaded.broken:
        lines.append("  " + _("But the file is not whole: ") + words(Said(loaded.broken.code, loaded.broken.params)))
    return lines


def _publish(version: Version | None) -> None:
    if version is None:
        return
    try:
        publish_version(SYSTEM, version)
    except NotPublishable as problem:
        print(problem, file=sys.stderr)
        for verdict in examine_version(SYSTEM, version).values():
            for finding in verdict.findings:
                print("  " + finding_words(finding), file=sys.stderr)
        return
    print(_("Published."))
