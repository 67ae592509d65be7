"""Who of the staff wants mail about which sensors."""

from typing import NamedTuple

from django.core import signing
from django.db import transaction

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import Denied, require
from allmende.accounts.queries import get_organisation
from allmende.catalogue.queries import get_dataset
from allmende.core import audit
from allmende.observations.care.tables import FollowedKind, Subscription
from allmende.observations.queries.things import get_thing

_SALT = "allmende.care.unsubscribe"


class Followed(NamedTuple):
    """A subscription as its person sees it. target: the code of what is followed."""

    code: str
    kind: FollowedKind
    target: str
    name: dict[str, str]
    at_once: bool
    daily: bool


def follow(actor: Actor, kind: str, target: str = "", *, at_once: bool = True, daily: bool = True) -> Subscription:
    """The actor wants mail about everything, or about an organisation, a dataset or a thing (its code).

    Said again, it changes when mail comes; neither at once nor daily ends it. Raises Denied; LookupError where there is
    no such thing, or the actor may not see it; ValueError for an unknown kind.
    """
    require(actor, "observations:follow")
    if actor.kind != "person":
        raise Denied("observations:follow", actor)
    chosen = FollowedKind(kind)
    target = _target(actor, chosen, target)
    with transaction.atomic():
        found, _fresh = Subscription.objects.update_or_create(
            person=actor.code, kind=chosen, target=target, defaults={"at_once": at_once, "daily": daily}
        )
        if not (at_once or daily):
            found.delete()
        said = {"kind": chosen.value, "target": target, "at_once": at_once, "daily": daily}
        audit.record(actor.kind, actor.code, "care.followed", "person", actor.code, said)
    return found


def _target(actor: Actor, kind: FollowedKind, target: str) -> str:
    if kind is FollowedKind.ORGANISATION:
        return get_organisation(target).code
    if kind is FollowedKind.DATASET:
        return get_dataset(actor, target).code
    if kind is FollowedKind.THING:
        return get_thing(actor, target).code
    return ""


def followed(actor: Actor) -> list[Followed]:
    """What the actor follows; what they may not see any more is left out."""
    found = []
    for row in Subscription.objects.filter(person=actor.code):
        name = _name(actor, FollowedKind(row.kind), row.target)
        if name is not None:
            found.append(Followed(row.code, FollowedKind(row.kind), row.target, name, row.at_once, row.daily))
    return found


def _name(actor: Actor, kind: FollowedKind, target: str) -> dict[str, str] | None:
    try:
        if kind is FollowedKind.ORGANISATION:
            return dict(get_organisation(target).name)
        if kind is FollowedKind.DATASET:
            return dict(get_dataset(actor, target).title)
        if kind is FollowedKind.THING:
            return dict(get_thing(actor, target).name)
    except LookupError:
        return None
    return {}


def unfollow(actor: Actor, code: str) -> bool:
    """Ends one of the actor's own subscriptions; returns whether there was one."""
    return Subscription.objects.filter(person=actor.code, code=code).delete()[0] > 0


def farewell(person: str) -> str:
    """The key of an address under which a person ends all of their subscriptions without signing in."""
    return signing.dumps(person, salt=_SALT, compress=False)


def person_of(key: str) -> str | None:
    """The code of the person for whom `farewell` made the key; None where nobody did."""
    try:
        return str(signing.loads(key, salt=_SALT))
    except signing.BadSignature:
        return None


def unfollow_all(person: str) -> int:
    """Ends all subscriptions of a person (their code); returns how many there were."""
    return Subscription.objects.filter(person=person).delete()[0]
