"""Who may read, write and arrange observations. Reading follows the class of the Dataset, inside the query."""

from typing import Protocol

from django.conf import settings

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import anyone, rule, signed_in

STAFF = ("administrator", "steward", "integrator")
FOLLOWERS = frozenset({*STAFF, "clerk"})


class Owned(Protocol):
    """What a right is about: a Dataset, or what the way in knows of a Datastream."""

    @property
    def owner_id(self) -> int | None: ...

    @property
    def code(self) -> str: ...


def _dataset_code(thing: Owned) -> str:
    return str(getattr(thing, "dataset_code", thing.code))


def _protected(thing: Owned) -> bool:
    return str(getattr(thing, "access_class", "")) == "protected"


def _staff(actor: Actor, thing: Owned | None) -> bool:
    """Administrators; staff of the organisation that owns the dataset; staff of the whole town for what is not
    protected, as in the catalogue."""
    if actor.holds("administrator"):
        return True
    if actor.holds(*STAFF) and (thing is None or not _protected(thing)):
        return True
    offices = {organisation for role, organisation in actor.organisation_roles if role in STAFF}
    return bool(offices) if thing is None else thing.owner_id in offices


def _token(actor: Actor, scope: str, thing: Owned | None) -> bool:
    """A token with the scope; one made for certain datasets, or for an organisation, stays within those; what is
    protected has to be named or owned."""
    if scope not in actor.scopes:
        return False
    if thing is None:
        return True
    if actor.datasets and _dataset_code(thing) not in actor.datasets:
        return False
    organisations = actor.organisations()
    if organisations:
        return thing.owner_id in organisations
    return bool(actor.datasets) or not _protected(thing)


def _may(scope: str, actor: Actor, thing: Owned | None) -> bool:
    if actor.kind == "anonymous":
        return bool(settings.OPEN_WRITES)  # conformance runs on a loopback address only; run.serve sees to it
    if actor.kind == "token":
        return _token(actor, scope, thing)
    return _staff(actor, thing)


def may_write(actor: Actor, thing: Owned | None) -> bool:
    """Who may send observations. thing: a Dataset or streams.StreamInfo."""
    return _may("observations:write", actor, thing)


def may_manage(actor: Actor, thing: Owned | None) -> bool:
    """Who may register and change Things and Datastreams. thing: the Dataset."""
    return _may("observations:manage", actor, thing)


def may_follow(actor: Actor, thing: Owned | None) -> bool:
    """Who may have mail about sensors: people who work for the town, in any of its offices."""
    return actor.kind == "person" and not FOLLOWERS.isdisjoint(
        {*actor.roles, *(role for role, _organisation in actor.organisation_roles)}
    )


def may_admit(actor: Actor, thing: Owned | None) -> bool:
    """Who decides about sensors of residents: those who look after observations for the whole town."""
    return actor.kind in ("person", "system") and actor.holds(*STAFF)


def register() -> None:
    """Called once when the app is ready."""
    rule("observations:read", anyone)  # rows are filtered by visible_datasets inside every query
    rule("observations:write", may_write)
    rule("observations:manage", may_manage)
    rule("observations:follow", may_follow)
    rule("observations:offer", signed_in)  # a sensor of one's own; the town decides about it
    rule("observations:admit", may_admit)
