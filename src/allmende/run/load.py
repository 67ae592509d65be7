"""`allmende load FILE…`: loads observations, tables and features from files; says what it assumed, kept and set aside.

What becomes a table is done by `load_tables`.
"""

import argparse
import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.loaders.proposal import Proposal
from allmende.catalogue.loaders.reading import Loaded, Reading
from allmende.catalogue.loaders.recipe import Hints, Recipe
from allmende.catalogue.loaders.recipes import family, keep_recipe, known_recipe, known_tables
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.words import TOPICS, words
from allmende.catalogue.queries import Dataset, UnknownDataset, get_dataset
from allmende.catalogue.services import register_dataset
from allmende.connectors.loading import Interrupted, Taken, take
from allmende.observations.store import runtime
from allmende.run import load_tables
from allmende.run.load_words import FAILED, LOADED, SOME_SET_ASIDE, WRONG_USE, agreed, line_of, title_of
from allmende.run.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `allmende load`; those that begin with a column's role say what would else be guessed."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="tables, geodata or observations")
    parser.add_argument("--dataset", default="", help="slug or code of the dataset; made if there is none")
    parser.add_argument("--yes", action="store_true", help="load without asking whether the assumptions are right")
    parser.add_argument("--partial", action="store_true", help="of a packed file that breaks off keep what there is")
    parser.add_argument("--anew", action="store_true", help="guess anew although the dataset has a recipe")
    parser.add_argument("--encoding", default="", help="such as utf-8 or cp1252")
    parser.add_argument("--delimiter", default="", help="what separates cells; «tab» for tabs")
    parser.add_argument("--decimal", default="", choices=["", ".", ","], help="decimal mark")
    parser.add_argument("--zone", default="", help="whose clock: Europe/Berlin, UTC, +01:00")
    parser.add_argument("--time", action="append", default=[], metavar="COLUMN", help="twice for date and clock time")
    parser.add_argument("--place", action="append", default=[], metavar="COLUMN", help="tells series apart")
    parser.add_argument("--value", action="append", default=[], metavar="COLUMN", help="has values")
    parser.add_argument("--ignore", action="append", default=[], metavar="COLUMN", help="is left out")
    parser.add_argument("--holding", default="", choices=["", "instant", "interval", "until_next"])
    parser.add_argument(
        "--as", dest="outcome", default="", choices=["", "observations", "table"], help="what becomes of it"
    )
    load_tables.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Loads the files one after another. Exit code 0: all loaded; 3: loaded, but some rows were set aside; 1: at least
    one file was not loaded; 2: nobody could be asked and --yes was not given."""
    language = "de" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("de") else "en"
    with translation.override(language):
        codes = [_load(path, options) for path in options.files]
        runtime.release()
    return next((code for code in (WRONG_USE, FAILED, SOME_SET_ASIDE) if code in codes), LOADED)


def _load(path: Path, options: argparse.Namespace) -> int:
    """One file."""
    try:
        return _try(path, options)
    except Unreadable as problem:
        return _sorry(path, words(problem.said))
    except OSError as problem:
        return _sorry(path, problem.strerror or str(problem))
    except ValidationError as problem:
        return _sorry(path, " ".join(problem.messages))
    except (ValueError, LookupError) as problem:
        return _sorry(path, str(problem))
    except Interrupted as problem:
        print(f"{path.name}: {problem.__cause__}", file=sys.stderr)
        print(_("%(rows)s values are on disk. Load the file again: none is doubled.") % {"rows": problem.taken.rows})
        return FAILED


def _is_table(path: Path, hints: Hints, dataset: Dataset | None, name: str) -> bool:
    """Whether a file becomes a table: its kind was loaded as one before, or its rows are no values over time."""
    if dataset and known_tables(dataset, name):
        return True
    if dataset and known_recipe(dataset, name):
        return False
    if hints.time or hints.values or hints.holding:
        return False  # only observations have these
    with Reading(path, settings.DATA_DIR / "loading") as reading:
        try:
            return not reading.propose(hints).observing
        except Unreadable:
            return True


def _sorry(path: Path, why: str) -> int:
    print(f"{path.name}: {why}", file=sys.stderr)
    print(_("Nothing of this file was kept."), file=sys.stderr)
    return FAILED


def _try(path: Path, options: argparse.Namespace) -> int:
    hints = _hints(options)
    name = family(path)
    dataset, slug = _dataset(options.dataset, name)
    if options.outcome == "table" or (options.outcome != "observations" and _is_table(path, hints, dataset, name)):
        return load_tables.load(path, options, dataset, slug)
    recipe = known_recipe(dataset, name) if dataset and not options.anew and hints == Hints() else None
    with Reading(path, settings.DATA_DIR / "loading") as reading:
        if recipe is None:
            proposal = reading.propose(hints)
            _show(path, proposal, dataset, slug)
            if not options.yes and not agreed():
                return WRONG_USE if not sys.stdin.isatty() else FAILED
            recipe = proposal.recipe
        else:
            print(
                _("%(file)s: read by the recipe kept with the dataset %(dataset)s.")
                % {"file": path.name, "dataset": slug}
            )
        with Progress(path.name, reading.size) as progress:
            loaded = reading.read(recipe, partial=options.partial, progress=progress.read)
            try:
                dataset = dataset or register_dataset(SYSTEM, slug, title_of(slug))
                total = loaded.spool.rows
                taken = take(
                    SYSTEM, dataset, recipe, loaded, title_of(name), lambda rows: progress.written(rows, total)
                )
            finally:
                loaded.close()
        if not reading.network_isolated:
            print(_("This machine does not let the reading of files be cut off from the network."), file=sys.stderr)
    keep_recipe(SYSTEM, dataset, name, recipe)
    _report(path, dataset, recipe, loaded, taken)
    return SOME_SET_ASIDE if loaded.aside.count or loaded.broken else LOADED


def _hints(options: argparse.Namespace) -> Hints:
    return Hints(
        encoding=options.encoding,
        delimiter="\t" if options.delimiter in ("tab", "\\t") else options.delimiter,
        decimal=options.decimal,
        zone=options.zone,
        time=tuple(options.time),
        places=tuple(options.place),
        values=tuple(options.value),
        ignore=tuple(options.ignore),
        holding=options.holding,
    )


def _dataset(asked: str, name: str) -> tuple[Dataset | None, str]:
    """(the dataset if there is one, its slug)."""
    try:
        dataset = get_dataset(SYSTEM, asked or name)
    except UnknownDataset:
        return None, asked or name
    return dataset, dataset.slug


def _show(path: Path, proposal: Proposal, dataset: Dataset | None, slug: str) -> None:
    """Everything that is assumed, each with its evidence and what it could be instead."""
    print(_("%(file)s: this is assumed") % {"file": path.name})
    there = _("there already") if dataset else _("will be made")
    for said in proposal.said:
        print(line_of(said))
    print(f"  {TOPICS['dataset']!s:<27}{slug}  ({there})")
    for row in proposal.preview[:2]:
        print("  | " + " | ".join(" ".join(cell.split())[:24] for cell in row.values()))


def _report(path: Path, dataset: Dataset, recipe: Recipe, loaded: Loaded, taken: Taken) -> None:
    """What was kept, what was there, what was left out and why."""
    there = taken.rows - taken.new
    lines = [
        _("Rows read: %(rows)s. Values: %(values)s, places: %(things)s, datastreams: %(streams)s, in %(dataset)s.")
        % {
            "rows": loaded.rows,
            "values": taken.rows,
            "things": taken.things,
            "streams": taken.datastreams,
            "dataset": dataset.slug,
        },
        _("New: %(new)s. There already, or named twice: %(there)s.") % {"new": taken.new, "there": there},
    ]
    counts = (
        (taken.flagged, _("Kept and marked, as implausible or as «no value»: %(n)s.")),
        (loaded.no_value, _("Cells that are empty or say that there is no value: %(n)s.")),
        (loaded.blank, _("Blank rows: %(n)s.")),
        (loaded.twice, _("Times in the hour that the clock shows twice, told apart by the order of rows: %(n)s.")),
        (loaded.aside.count, _("Rows that do not fit: %(n)s. They were set aside with their reasons, in")),
    )
    lines += [text % {"n": count} for count, text in counts if count]
    if loaded.aside.count:
        lines[-1] += f" {loaded.aside.path}. " + _("Mend them there and load that file.")
    for column, found in zip(recipe.values, loaded.sentinels, strict=True):
        for number in sorted(set(found) - set(column.sentinels)):
            what = {"column": column.column, "number": f"{number:g}", "n": found[number]}
            lines.append(_("%(column)s: %(number)s came further on (%(n)s) and is taken as «no value».") % what)
    if loaded.encoding != (recipe.encoding or loaded.encoding) or loaded.encoding == "cp1252":
        lines.append(_("The file was read as %(encoding)s.") % {"encoding": loaded.encoding})
    if loaded.broken:
        lines.append(_("But the file is not whole: ") + words(Said(loaded.broken.code, loaded.broken.params)))
    for line in lines:
        print(line)
