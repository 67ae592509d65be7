"""The command line. Every command takes --data DIR and lives in a module of its own, loaded when it is called."""

import argparse
import importlib
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType

from allmende.observations.store.errors import StoreError

# command → (module in allmende.run with add_arguments and run, one line of help)
COMMANDS = {
    "serve": ("serve", "serve the town at --host and --port; the first start creates the data folder"),
    "demo": ("demo.command", "load the made-up demo town and serve it, with values that go on arriving"),
    "load": ("load", "load observations from files, saying what was assumed, kept and set aside"),
    "token": ("tokens", "make, list and revoke the keys of machines"),
    "admin": ("admins", "make an administrator"),
    "connector": ("connecting", "set up, list and switch the ways in"),
    "harvest": ("harvesting", "list what other catalogues and services publish"),
    "erase": ("erasing", "erase observations of a datastream physically"),
    "check": ("checking", "check the data folder: database, audit trail, store"),
    "manage": ("managing", "run a management command of Django"),
}


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `allmende`. Exit code 0: done; 1: not done, with the reason; 2: wrong use."""
    data, given = _data_folder(sys.argv[1:] if arguments is None else arguments)
    name = given[0] if given and given[0] in COMMANDS else ""
    parser = argparse.ArgumentParser(
        prog="allmende",
        description="A town's data and knowledge as a commons.",
        epilog="Every command takes --data DIR, the data folder (default: $ALLMENDE_DATA, else ./data).",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command, (module, line) in COMMANDS.items():
        sub = commands.add_parser(command, help=line, description=line, epilog=parser.epilog)
        if command == name:
            _set_up(data, make=not {"-h", "--help"} & set(given))
            importlib.import_module(f"allmende.run.{module}").add_arguments(sub)
    options = parser.parse_args(given)
    sys.exit(_run(importlib.import_module(f"allmende.run.{COMMANDS[name][0]}"), options))


def _data_folder(arguments: list[str]) -> tuple[Path, list[str]]:
    """(the data folder, the other arguments): --data may stand anywhere."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--data", default=os.environ.get("ALLMENDE_DATA") or "data")
    found, rest = early.parse_known_args(arguments)
    return Path(found.data).resolve(), rest


def _set_up(folder: Path, make: bool) -> None:
    """Points the settings to the data folder and sets Django up: modules of commands import tables."""
    os.environ["ALLMENDE_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
    if make:
        folder.mkdir(parents=True, exist_ok=True)
    import django  # noqa: PLC0415 - only after the settings know the data folder

    django.setup()


def _spoken(command: str) -> AbstractContextManager[object]:
    """Commands speak the language of the terminal; a server speaks that of each visitor."""
    if command in ("serve", "demo"):
        return nullcontext()
    from django.utils import translation  # noqa: PLC0415 - reads the settings

    german = os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("de")
    return translation.override("de" if german else "en")


def _run(module: ModuleType, options: argparse.Namespace) -> int:
    try:
        if options.command not in ("check", "manage"):
            importlib.import_module("allmende.run.databases").prepare()
        with _spoken(options.command):
            return int(module.run(options))
    except KeyboardInterrupt:
        return 130
    except StoreError as error:  # another server has this data folder, or its disk is full
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
