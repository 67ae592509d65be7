"""Machine tokens: making and revoking them. The secret is shown once and kept only as a hash."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from allmende.accounts import memory
from allmende.accounts.actors import Actor
from allmende.accounts.models import Organisation, Person, Token
from allmende.accounts.permissions import Denied, actions, can, require
from allmende.accounts.queries import hash_of
from allmende.core import audit, outbox
from allmende.core.clock import now
from allmende.core.codes import is_code

PREFIX = "alm_"  # lets secret scanners recognise one that leaked
USUAL_DAYS, MOST_DAYS = 365, 3650


def create_token(
    actor: Actor,
    name: str,
    scopes: Iterable[str],
    expires_days: int | None = None,
    datasets: Iterable[str] = (),
    organisation: Organisation | None = None,
) -> tuple[Token, str]:
    """A new token and its secret (`alm_…`, shown once). expires_days: None means a year.

    Nobody hands on more than they may do: each scope must be allowed to the actor by their town-wide roles, or by
    their role in the organisation that answers for the token. Raises Denied, or ValidationError naming the field.
    """
    require(actor, "accounts:self")
    wanted = _checked(name, scopes, expires_days, datasets)
    acting = _acting_in(actor, organisation)
    for scope in wanted:
        if not can(acting, scope):
            raise Denied(scope, actor)
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = Token.objects.create(
            name=name.strip(),
            secret_hash=hash_of(secret),
            scopes=wanted,
            datasets=sorted(set(datasets)),
            organisation=organisation,
            created_by=Person.objects.filter(code=actor.code).first(),
            expires=now() + timedelta(days=USUAL_DAYS if expires_days is None else expires_days),
        )
        said = {"scopes": wanted, "datasets": token.datasets, "expires": token.expires, "name": token.name}
        audit.record(actor.kind, actor.code, "token.created", "token", token.code, said)
        outbox.publish("token.created", {"token": token.code})
    return token, secret


def revoke_token(actor: Actor, token: Token | str) -> bool:
    """Ends a token (or its code) now; False when it had been revoked already. Raises Denied, or Token.DoesNotExist."""
    code = token if isinstance(token, str) else token.code
    with transaction.atomic():
        held = Token.objects.select_for_update(of=("self",)).select_related("created_by").get(code=code)
        if not can(actor, "accounts:manage"):
            require(actor, "accounts:self", held.created_by.code if held.created_by else "nobody")
        if held.revoked:
            return False
        held.revoked = now()
        held.save(update_fields=["revoked", "changed"])
        audit.record(actor.kind, actor.code, "token.revoked", "token", held.code, {"name": held.name})
        outbox.publish("token.revoked", {"token": held.code})
        transaction.on_commit(memory.forget)
    return True


def _acting_in(actor: Actor, organisation: Organisation | None) -> Actor:
    """The actor with only those roles that count for a token of this organisation (None: of the whole town)."""
    own = organisation.pk if organisation else None
    return replace(actor, organisation_roles=frozenset(pair for pair in actor.organisation_roles if pair[1] == own))


def _checked(name: str, scopes: Iterable[str], days: int | None, datasets: Iterable[str]) -> list[str]:
    wanted, problems = sorted(set(scopes)), {}
    if not name.strip() or len(name.strip()) > 120:
        problems["name"] = _("A token needs a name of at most 120 characters, so that one knows later what it is for.")
    unknown = [scope for scope in wanted if scope not in actions()]
    if unknown:
        problems["scopes"] = _("There is no such action: %(actions)s.") % {"actions": ", ".join(unknown)}
    elif not wanted:
        problems["scopes"] = _("A token needs at least one scope, such as observations:write.")
    if days is not None and not 1 <= days <= MOST_DAYS:
        problems["expires_days"] = _("A token lasts between 1 and %(most)s days.") % {"most": MOST_DAYS}
    if any(not is_code(code) for code in datasets):
        problems["datasets"] = _("Datasets are given by their codes, such as set-7k3m9q2x4b.")
    if problems:
        raise ValidationError(problems)
    return wanted
