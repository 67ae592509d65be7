"""`allmende erase`: takes observations of a datastream out of the store, physically."""

import argparse

from allmende.accounts.actors import SYSTEM
from allmende.core.clock import parse_instant
from allmende.observations import services
from allmende.observations.queries import UnknownDatastream


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DATASTREAM --from --to --yes."""
    parser.add_argument("datastream", help="the code, dst-…")
    parser.add_argument("--from", dest="begin", default="", help="from this instant on, such as 2026-01-01T00:00:00Z")
    parser.add_argument("--to", dest="end", default="", help="up to, not including, this instant")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Asks, erases, says how many."""
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
