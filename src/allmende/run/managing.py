"""`allmende manage …`: Django's own management commands on this data folder."""

import argparse

from django.core.management import execute_from_command_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything after the command goes to Django."""
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="for example: shell, dbshell, showmigrations")


def run(options: argparse.Namespace) -> int:
    """Runs the management command."""
    execute_from_command_line(["allmende manage", *options.rest])
    return 0
