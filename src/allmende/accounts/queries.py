"""Reads of accounts: who asks. Others get Actors, never rows of people."""

from hashlib import sha256

from django.db.models import Q
from django.utils import timezone

from allmende.accounts.actors import ANONYMOUS, Actor
from allmende.accounts.models import Person, Token


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


def actor_of_token(secret: str) -> Actor | None:
    """The Actor for a token's secret; None when it is unknown, expired or revoked."""
    now = timezone.now()
    token = (
        Token.objects.filter(secret_hash=sha256(secret.encode()).hexdigest(), revoked=None)
        .filter(Q(expires=None) | Q(expires__gt=now))
        .first()
    )
    if token is None:
        return None
    return Actor(kind="token", code=token.code, scopes=frozenset(token.scopes), datasets=frozenset(token.datasets))
