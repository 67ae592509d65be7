"""`allmende token …`: keys of machines."""

import argparse

from django.core.exceptions import ValidationError

from allmende.accounts import queries, tokens
from allmende.accounts.actors import SYSTEM


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """create, list, revoke."""
    commands = parser.add_subparsers(dest="do", required=True)
    create = commands.add_parser("create", help="make a key; it is shown once")
    create.add_argument("--name", required=True, help="what it is for, such as «weather station roof»")
    create.add_argument("--scopes", required=True, help="what it may do, such as observations:write,observations:read")
    create.add_argument("--days", type=int, default=None, help="how long it lives (default: a year)")
    create.add_argument("--datasets", default="", help="codes of the only datasets it may touch, separated by commas")
    commands.add_parser("list", help="all keys that are in force")
    revoke = commands.add_parser("revoke", help="end a key at once")
    revoke.add_argument("token", help="the code of the key, tok-…")


def run(options: argparse.Namespace) -> int:
    """Makes, lists or revokes."""
    if options.do == "create":
        return _create(options)
    if options.do == "list":
        for token in queries.tokens_of(SYSTEM):
            print(f"{token.code}  {token.name}  {','.join(token.scopes)}  until {token.expires:%Y-%m-%d}")
        return 0
    done = tokens.revoke_token(SYSTEM, options.token)
    print("Revoked; it works nowhere any more within ten seconds." if done else f"There is no key {options.token}.")
    return 0 if done else 1


def _create(options: argparse.Namespace) -> int:
    scopes = [scope for scope in options.scopes.split(",") if scope]
    datasets = [code for code in options.datasets.split(",") if code]
    try:
        token, secret = tokens.create_token(SYSTEM, options.name, scopes, options.days, datasets)
    except ValidationError as error:
        print("\n".join(error.messages))
        return 1
    print(f"{token.code}  {token.name}  until {token.expires:%Y-%m-%d}")
    print("The key, shown only now:")
    print(secret)
    return 0
