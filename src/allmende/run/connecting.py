"""`allmende connector …`: the ways in."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.conf import settings

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.queries import UnknownDataset
from allmende.connectors import queries, services
from allmende.connectors.table import KINDS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """add, list, show, change, replay, secret, on, off, remove."""
    commands = parser.add_subparsers(dest="do", required=True)
    add = commands.add_parser("add", help="set a way in up")
    add.add_argument("kind", choices=sorted(KINDS))
    add.add_argument("--name", required=True)
    add.add_argument("--dataset", required=True, help="slug or code of the dataset that it writes into")
    add.add_argument("--config", required=True, help="a JSON file; see docs/connectors.md")
    commands.add_parser("list", help="all of them, and how they do")
    show = commands.add_parser(
        "show", help="one of them: its mapping, its counts, its last faults and what caused them"
    )
    show.add_argument("code", help="con-…")
    change = commands.add_parser("change", help="give one another configuration")
    change.add_argument("code", help="con-…")
    change.add_argument("--config", required=True, help="a JSON file; see docs/connectors.md")
    replay = commands.add_parser("replay", help="take messages that could not be used once more")
    replay.add_argument("code", help="con-…")
    secret = commands.add_parser("secret", help="a new secret for those who send webhooks; the old one ends")
    secret.add_argument("code", help="con-…")
    for do, line in (("on", "switch on"), ("off", "switch off"), ("remove", "forget; what it brought stays")):
        commands.add_parser(do, help=line).add_argument("code", help="con-…")


def run(options: argparse.Namespace) -> int:
    """Does it; a running server follows within seconds."""
    try:
        return _do(options)
    except (ValueError, LookupError, UnknownDataset, OSError) as error:
        print(error)
        return 1


def _do(options: argparse.Namespace) -> int:
    if options.do == "add":
        config = json.loads(Path(options.config).read_text(encoding="utf-8"))
        added = services.add(SYSTEM, options.kind, options.name, options.dataset, config)
        print(f"{added.connector.code}  {added.connector.name} is set up and on.")
        if added.secret:
            _show_door(added.connector.code, added.secret)
    elif options.do == "list":
        for connector in queries.listed(SYSTEM):
            state = connector.state
            now = "off" if not connector.enabled else "connected" if queries.connected(connector) else "not connected"
            counts = f"{state.get('messages', 0)} messages, {state.get('faults_total', 0)} faults"
            print(f"{connector.code}  {connector.kind}  {connector.name}  {now}  {counts}")
    elif options.do == "show":
        print(json.dumps(_facts(options.code), indent=2, ensure_ascii=False))
    elif options.do == "change":
        config = json.loads(Path(options.config).read_text(encoding="utf-8"))
        print(f"{services.change(SYSTEM, options.code, config=config).name} is changed.")
    elif options.do == "replay":
        done = services.replay(SYSTEM, options.code)
        print(f"{done.messages} messages used, {done.observations} observations kept, {done.failed} still not usable.")
    elif options.do == "secret":
        _show_door(options.code, services.new_secret(SYSTEM, options.code))
    elif options.do == "remove":
        services.remove(SYSTEM, options.code)
    else:
        services.switch(SYSTEM, options.code, options.do == "on")
    return 0


def _show_door(code: str, secret: str) -> None:
    print(f"Address for senders: {settings.PUBLIC_URL}/api/hooks/{code}")
    print(f"Secret, shown only now, for the header X-Allmende-Secret: {secret}")


def _facts(code: str) -> dict[str, Any]:
    found = queries.get_connector(SYSTEM, code)
    about = {"code": code, "kind": found.kind, "name": found.name, "dataset": found.dataset.slug, "on": found.enabled}
    faulty = [{"at": each.created.isoformat(), "why": each.why} for each in queries.faulty_of(found)[:20]]
    return {**about, "config": queries.hidden(found.config), "state": found.state, "faulty": faulty}
