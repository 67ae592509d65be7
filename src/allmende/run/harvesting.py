"""`allmende harvest`: catalogues and services elsewhere whose datasets are listed here; and the work of the server that
reads them when their time has come."""

import argparse
import asyncio

from django.core.exceptions import ValidationError

from allmende.accounts.actors import SYSTEM
from allmende.accounts.queries import UnknownOrganisation, get_organisation
from allmende.catalogue.harvest.report import Report
from allmende.catalogue.harvest.running import harvest, harvest_due
from allmende.catalogue.harvest.sources import UnknownSource, add_source, get_source, last_run, remove_source, sources
from allmende.core.connections import cleanly

EVERY_SECONDS = 60.0
_KINDS = ("ckan", "dcat", "features", "wfs", "sensorthings")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """add, list, run, remove."""
    commands = parser.add_subparsers(dest="do", required=True)
    add = commands.add_parser("add", help="list what this source publishes")
    add.add_argument("kind", choices=_KINDS)
    add.add_argument("url", help="of the portal, the DCAT file, or the service")
    add.add_argument("--name", default="", help="what people call it; default: its address")
    add.add_argument("--owner", default="", help="organisation (code or key) that its datasets belong to")
    add.add_argument("--every", type=int, default=24, metavar="HOURS", help="0: only when asked for")
    add.add_argument("--with-data", dest="take_data", action="store_true", help="load the data as well")
    add.add_argument("--publish", action="store_true", help="publish what was loaded, if nothing speaks against it")
    commands.add_parser("list", help="all sources, and what the last run brought")
    commands.add_parser("run", help="read a source now").add_argument("code", help="hrv-…")
    commands.add_parser("remove", help="forget a source; what it brought stays").add_argument("code", help="hrv-…")


def run(options: argparse.Namespace) -> int:
    """Does it."""
    try:
        return _do(options)
    except ValidationError as error:
        print(" ".join(error.messages))
    except (UnknownSource, UnknownOrganisation) as error:
        print(f"There is none: {error}")
    return 1


def _do(options: argparse.Namespace) -> int:
    if options.do == "add":
        owner = get_organisation(options.owner) if options.owner else None
        made = add_source(
            SYSTEM,
            kind=options.kind,
            url=options.url,
            name=options.name or options.url[:120],
            owner=owner,
            every_hours=options.every,
            take_data=options.take_data,
            publish=options.publish,
        )
        print(f"{made.code}  {made.name} is set up; the server reads it within a minute.")
    elif options.do == "list":
        for each in sources(SYSTEM):
            last = last_run(each)
            print(f"{each.code}  {each.kind}  {each.name}  {line(Report.from_json(last.report)) if last else 'new'}")
    elif options.do == "run":
        report = harvest(get_source(SYSTEM, options.code))
        print(line(report))
        for where, what in report.problems:
            print(f"  {where}: {what}")
        return 1 if report.broken else 0
    else:
        remove_source(SYSTEM, get_source(SYSTEM, options.code))
        print("Forgotten; what it brought stays.")
    return 0


def line(report: Report) -> str:
    """A report in a line."""
    counts = f"{report.added} new, {report.changed} changed, {report.unchanged} as before, {report.gone} gone"
    more = f", {report.versions} versions loaded" if report.versions else ""
    faults = f", {report.problems_total} with faults" if report.problems_total else ""
    return counts + more + faults + (f"; broken off: {report.broken}" if report.broken else "")


async def watch(stop: asyncio.Event) -> None:
    """Reads the sources whose time has come, again and again."""
    while not stop.is_set():
        await asyncio.to_thread(cleanly, harvest_due)
        try:
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
        except TimeoutError:
            continue
