"""`allmende token …`: keys of machines."""

import argparse
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist, ValidationError

from allmende.accounts import queries, tokens
from allmende.accounts.actors import SYSTEM
from allmende.catalogue.queries import UnknownDataset, get_dataset
from allmende.core.clock import now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """create, list, revoke."""
    commands = parser.add_subparsers(dest="do", required=True)
    create = commands.add_parser("create", help="make a key; it is shown once")
    create.add_argument("--name", required=True, help="what it is for, such as «weather station roof»")
    create.add_argument("--scopes", required=True, help="what it may do, such as observations:write,observations:read")
    create.add_argument("--days", type=int, default=None, help="how long it lives (default: a year)")
    create.add_argument("--datasets", default="", help="slugs or codes of the only datasets it may touch, with commas")
    create.add_argument("--organisation", default="", help="key or code of the organisation that answers for it")
    commands.add_parser("list", help="all keys that are in force")
    revoke = commands.add_parser("revoke", help="end a key at once")
    revoke.add_argument("token", help="the code of the key, tok-…")


def run(options: argparse.Namespace) -> int:
    """Makes, lists or revokes."""
    if options.do == "create":
        return _create(options)
    if options.do == "list":
        for token in queries.tokens_of(SYSTEM):
            if not token.revoked and (token.expires is None or token.expires > now()):
                print(f"{token.code}  {token.name}  {','.join(token.scopes)}  until {_end(token.expires)}")
        return 0
    return _revoke(options.token)


def _revoke(code: str) -> int:
    try:
        done = tokens.revoke_token(SYSTEM, code)
    except ObjectDoesNotExist:
        print(f"There is no key {code}.")
        return 1
    print("Revoked; it works nowhere any more within ten seconds." if done else f"{code} had been revoked already.")
    return 0


def _create(options: argparse.Namespace) -> int:
    scopes = [scope.strip() for scope in options.scopes.split(",") if scope.strip()]
    try:
        datasets = [get_dataset(SYSTEM, name.strip()).code for name in options.datasets.split(",") if name.strip()]
        office = queries.get_organisation(options.organisation) if options.organisation else None
        token, secret = tokens.create_token(SYSTEM, options.name, scopes, options.days, datasets, office)
    except ValidationError as error:
        print("\n".join(error.messages))
        return 1
    except (UnknownDataset, ObjectDoesNotExist, LookupError) as error:
        print(error)
        return 1
    print(f"{token.code}  {token.name}  until {_end(token.expires)}")
    print("The key, shown only now:")
    print(secret)
    return 0


def _end(expires: datetime | None) -> str:
    return f"{expires:%Y-%m-%d}" if expires else "it is revoked"
