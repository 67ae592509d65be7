"""`allmende admin create`: makes an administrator."""

import argparse
import getpass
import os
import secrets
import sys

from django.core.exceptions import ValidationError

from allmende.accounts.services import create_administrator


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """create --email."""
    commands = parser.add_subparsers(dest="do", required=True)
    create = commands.add_parser("create", help="make an administrator, or make a known person one")
    create.add_argument("--email", required=True)


def run(options: argparse.Namespace) -> int:
    """Asks for a password on a terminal; elsewhere takes ALLMENDE_ADMIN_PASSWORD or makes one up and shows it."""
    given = os.environ.get("ALLMENDE_ADMIN_PASSWORD", "")
    made_up = not given and not sys.stdin.isatty()
    password = given or (secrets.token_urlsafe(12) if made_up else getpass.getpass("Password: "))
    try:
        create_administrator(options.email, password)
    except ValidationError as error:
        print("\n".join(error.messages))
        return 1
    print(f"{options.email} is an administrator now." + (f" Password: {password}" if made_up else ""))
    return 0
