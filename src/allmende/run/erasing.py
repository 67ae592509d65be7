"""`allmende erase`: takes observations of a datastream out of the store, or all that is due, physically."""

import argparse

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.retention import due_versions
from allmende.core.clock import parse_instant
from allmende.observations import retention, services
from allmende.observations.queries import UnknownDatastream
from allmende.run.retaining import retain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DATASTREAM --from --to --yes, or --due."""
    parser.add_argument("datastream", nargs="?", default="", help="the code, dst-…")
    parser.add_argument("--due", action="store_true", help="erase all whose retention time is over, in every dataset")
    parser.add_argument("--from", dest="begin", default="", help="from this instant on, such as 2026-01-01T00:00:00Z")
    parser.add_argument("--to", dest="end", default="", help="up to, not including, this instant")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Asks, erases, says how many."""
    if options.due == bool(options.datastream):
        print("Name a datastream, or say --due. Nothing was erased.")
        return 2
    if options.due:
        return _due(options.yes)
    try:
        begin = parse_instant(options.begin) if options.begin else None
        end = parse_instant(options.end) if options.end else None
    except ValueError as error:
        print(f"{error} Nothing was erased.")
        return 1
    if not options.yes and input(f"Erase observations of {options.datastream} for ever? Type yes: ") != "yes":
        print("Nothing was erased.")
        return 1
    try:
        gone = services.erase(SYSTEM, options.datastream, begin, end)
    except UnknownDatastream as error:
        print(error)
        return 1
    print(f"{gone:,} observations are erased from the store, its log and their journals. Backups are not touched.")
    return 0


def _due(yes: bool) -> int:
    """Says what is due, asks, erases."""
    versions, spans = due_versions(), retention.due_spans()
    for version in versions:
        print(f"{version.dataset.slug}, version {version.number}, loaded on {version.created:%Y-%m-%d}")
    for dataset, number in retention.by_dataset(spans).items():
        print(f"{dataset}: old values of {number} datastreams")
    if not versions and not spans:
        print("No version and no value is due.")
    elif not yes and input("Erase these for ever? Type yes: ") != "yes":
        print("Nothing was erased.")
        return 1
    gone = retain()
    print(
        f"{gone.versions} versions with {gone.files} files ({gone.bytes:,} bytes) and {gone.observations:,} "
        f"observations are erased, and {gone.leftovers} files that belonged to nothing. Backups are not touched."
    )
    return 0
