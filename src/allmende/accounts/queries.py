"""Reads of accounts: who asks. Others get Actors, never rows of people.

For the event loop there are two functions each: `remembered_…` looks in memory only, the other asks the database and
must be called in a thread.
"""

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from importlib import import_module
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.http import HttpRequest

from allmende.accounts import memory
from allmende.accounts.actors import ANONYMOUS, Actor
from allmende.accounts.models import Organisation, Person, Role, Token
from allmende.core.clock import now

__all__ = [
    "Letterbox",
    "Organisation",
    "Role",
    "Token",
    "actor_of_person",
    "actor_of_session",
    "actor_of_token",
    "display_names",
    "get_organisation",
    "hash_of",
    "language_of",
    "letterboxes",
    "remembered_actor",
    "remembered_actor_of_session",
    "tokens_of",
]

# The role of a token within the organisation that answers for it: it grants nothing by itself, its scopes do.
MACHINE = "machine"
_USED_AGAIN = timedelta(minutes=1)  # `last_used` is not written more often


class UnknownOrganisation(LookupError):
    """There is no organisation of this code or key."""


def hash_of(secret: str) -> str:
    """What is kept of a token's secret. Secrets are long and random, so one round of SHA-256 is enough."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def actor_of_person(person: Person) -> Actor:
    """The Actor for an account; a closed account acts as nobody."""
    if not person.is_active:
        return ANONYMOUS
    grants = list(person.grants.values_list("role", "organisation_id"))
    return Actor(
        kind="person",
        code=person.code,
        roles=frozenset(role for role, organisation in grants if organisation is None),
        organisation_roles=frozenset((role, organisation) for role, organisation in grants if organisation is not None),
    )


def remembered_actor(secret: str) -> Actor | None:
    """The Actor for a token's secret if this process saw it in the last seconds. Memory only: for the event loop."""
    return memory.tokens.recall(secret)


def actor_of_token(secret: str) -> Actor | None:
    """The Actor for a token's secret; None when it is unknown, expired or revoked. Blocks: asks the database."""
    moment = now()
    valid = Q(revoked=None) & (Q(expires=None) | Q(expires__gt=moment))
    token = Token.objects.filter(valid, secret_hash=hash_of(secret)).first()
    if token is None:
        return None
    if token.last_used is None or moment - token.last_used > _USED_AGAIN:
        _note_use(token)
    organisation = token.organisation_id
    actor = Actor(
        kind="token",
        code=token.code,
        organisation_roles=frozenset({(MACHINE, organisation)} if organisation else ()),
        scopes=frozenset(token.scopes),
        datasets=frozenset(token.datasets),
    )
    memory.tokens.remember(secret, actor)
    return actor


def _note_use(token: Token) -> None:
    moment = now()
    stale = Q(last_used=None) | Q(last_used__lt=moment - _USED_AGAIN)
    try:
        with transaction.atomic():
            Token.objects.filter(stale, pk=token.pk).update(last_used=moment)
    except DatabaseError:
        pass  # a full disk or a busy writer must not turn a good token away


def remembered_actor_of_session(cookie: str) -> Actor | None:
    """The Actor of a browser's session if this process saw it in the last seconds. Memory only."""
    return memory.sessions.recall(cookie)


def actor_of_session(cookie: str) -> Actor:
    """The Actor behind a session cookie's value; ANONYMOUS for any cookie that signs nobody in. Blocks."""
    actor = ANONYMOUS
    if cookie.isascii() and cookie.isalnum():  # as Django makes them; PostgreSQL would choke on a NUL
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(cookie)
        user = get_user(request)
        actor = actor_of_person(user) if isinstance(user, Person) else ANONYMOUS
    memory.sessions.remember(cookie, actor)
    return actor


def language_of(actor: Actor) -> str | None:
    """The language that a person chose for their account; None for everybody else."""
    if actor.kind != "person":
        return None
    return Person.objects.filter(code=actor.code).values_list("language", flat=True).first()


def display_names(codes: list[str]) -> dict[str, str]:
    """The names that these people chose to show, by code; who chose none, or is gone, is left out."""
    named = Person.objects.filter(code__in=codes).exclude(display_name="")
    return dict(named.values_list("code", "display_name"))


class Letterbox(NamedTuple):
    """Where mail for a person goes, in which language, and who they are when it is asked what they may see."""

    actor: Actor
    email: str
    language: str


def letterboxes(codes: Iterable[str]) -> dict[str, Letterbox]:
    """By code: the letterboxes of these people; closed accounts and unknown codes are left out."""
    people = Person.objects.filter(code__in=list(codes), is_active=True)
    return {person.code: Letterbox(actor_of_person(person), person.email, person.language) for person in people}


def get_organisation(code_or_key: str) -> Organisation:
    """The organisation of this code or key. Raises UnknownOrganisation."""
    found = Organisation.objects.filter(Q(code=code_or_key) | Q(key=code_or_key)).exclude(key="", code="").first()
    if found is None or not code_or_key:
        raise UnknownOrganisation(f"There is no organisation '{code_or_key}'.")
    return found


def organisations() -> list[Organisation]:
    """All organisations; who they are is no secret."""
    return list(Organisation.objects.order_by("pk"))


def tokens_of(actor: Actor) -> list[Token]:
    """The tokens that a person made, newest first; an administrator sees all. They hold no secrets."""
    tokens = Token.objects.select_related("organisation").order_by("-id")
    return list(tokens if actor.holds("administrator") else tokens.filter(created_by__code=actor.code))
