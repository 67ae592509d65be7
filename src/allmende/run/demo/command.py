"""`allmende demo`: makes the demo town where there is none, says who may sign in, and serves it while it goes on."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict

from django.conf import settings

from allmende.accounts.actors import SYSTEM
from allmende.observations import services
from allmende.observations.rows import BatchRefused
from allmende.observations.store import runtime
from allmende.observations.stores import StoreError
from allmende.run import serve
from allmende.run.demo.filling import HISTORY_DAYS, DemoSummary, Live, load_demo, remembered
from allmende.run.demo.town import NAME

PAUSE = 2.0  # seconds between two looks at the town
STRIDE = 6 * 3600  # seconds of the town's time that are made up for at once after a pause


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of `serve`, and how much history there is to be."""
    serve.add_arguments(parser)
    parser.add_argument("--days", type=int, default=HISTORY_DAYS, help="days of history at the first start")
    parser.add_argument("--no-serve", action="store_true", help="only load the town")
    parser.add_argument("--fill-only", action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Loads in a process of its own, then serves in this one: so the server stays small."""
    if options.fill_only:
        return _fill(options.days)
    os.environ["ALLMENDE_TOWN"] = settings.TOWN_NAME = settings.TOWN_NAME or NAME
    command = [sys.executable, "-m", "allmende.run", "demo", "--fill-only", "--days", str(options.days)]
    filled = subprocess.run(  # noqa: S603 - ourselves
        [*command, "--data", str(settings.DATA_DIR)], stdout=subprocess.PIPE, text=True, check=False
    )
    if filled.returncode:
        return filled.returncode
    _say(DemoSummary(**json.loads(filled.stdout.splitlines()[-1])))
    if options.no_serve:
        return 0
    serve.refuse_open_writes(options.host)
    return serve.serve(options.host, options.port, split=options.split, works=[live])


def _fill(days: int) -> int:
    """Loads, shows on stderr how far it is, and hands the summary to the parent."""
    print(f"Loading the demo town of {NAME}: everything in it is made up.", file=sys.stderr)
    shown = sys.stderr.isatty()
    try:
        summary = load_demo(days, lambda line: print(f"\r\x1b[2K  {line}", end="", file=sys.stderr) if shown else None)
    except StoreError as problem:
        print(f"The demo town could not be loaded: {problem}", file=sys.stderr)
        return 1
    finally:
        runtime.release()
        print("\r\x1b[2K" if shown else "", end="", file=sys.stderr, flush=True)
    print(json.dumps(asdict(summary)))
    return 0


def _say(summary: DemoSummary) -> None:
    things = f"{summary.things} things, {summary.datastreams} datastreams in {summary.datasets} datasets"
    print(f"{NAME}: {things}, {summary.rows:,} new values in {summary.seconds:.0f} s. All of it is simulated.")
    print("Sign in with one of these addresses; the password is the same for all of them:")
    for address, name, role in summary.people:
        print(f"  {address:<28} {role:<14} {name}")
    print(f"  password: {summary.password}")
    print(f"A key for sending values to these datasets: {summary.token}")


async def live(stop: asyncio.Event) -> None:
    """Writes what the town reports, every few seconds until it is told to stop; fills what was missed meanwhile."""
    demo = remembered()
    if demo is None:
        return
    town = await asyncio.to_thread(Live, demo)
    since = demo.since
    while not stop.is_set():
        until = min(int(time.time()), since + STRIDE)
        rows = await asyncio.to_thread(town.rows, since * 1_000_000, until * 1_000_000)
        try:
            if rows:
                await asyncio.to_thread(services.append, SYSTEM, rows)
        except BatchRefused:  # somebody has withdrawn a sensor meanwhile; without it the rows are good
            town = await asyncio.to_thread(Live, demo)
            await asyncio.sleep(PAUSE)
            continue
        since = max(since, until)
        try:
            await asyncio.wait_for(stop.wait(), PAUSE)
        except TimeoutError:
            continue
    demo.since = since
    demo.save()
