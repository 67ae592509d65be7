"""`can(actor, action, thing)`: the one place that decides. Domains bring their rules; nobody asks around them.

An action is named `domain:verb`, such as `observations:write`; token scopes are action names. A rule is a small named
predicate on (actor, thing); thing is None when the question is about the action as such (may it be tried at all?).
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied

from allmende.accounts.actors import Actor

Predicate = Callable[[Actor, Any], bool]
_rules: dict[str, Predicate] = {}


class Denied(PermissionDenied):
    """The actor may not do this. Carries the action; faces turn it into 401 or 403 (Django by itself into 403)."""

    def __init__(self, action: str, actor: Actor) -> None:
        super().__init__(f"{actor.kind} may not {action}")
        self.action, self.actor = action, actor


def rule(action: str, predicate: Predicate) -> None:
    """Registers who may do an action. Raises ValueError when the action already has a rule."""
    if action in _rules:
        raise ValueError(f"The action {action} has a rule already.")
    _rules[action] = predicate


def can(actor: Actor, action: str, thing: Any = None) -> bool:
    """Whether the actor may do the action (to the thing). An action without a rule is an error, never a yes."""
    return _rules[action](actor, thing)


def require(actor: Actor, action: str, thing: Any = None) -> None:
    """Raises Denied unless `can`."""
    if not can(actor, action, thing):
        raise Denied(action, actor)


def actions() -> frozenset[str]:
    """All actions that have a rule; tests compare endpoints with them."""
    return frozenset(_rules)


def anyone(actor: Actor, thing: Any) -> bool:
    """Everybody, signed in or not."""
    return True


def signed_in(actor: Actor, thing: Any) -> bool:
    """A person with an account."""
    return actor.kind == "person"


def administrator(actor: Actor, thing: Any) -> bool:
    """An administrator of the town, or the system itself."""
    return actor.holds("administrator")


def any_of(*predicates: Predicate) -> Predicate:
    """Whoever satisfies one of the predicates."""
    return lambda actor, thing: any(predicate(actor, thing) for predicate in predicates)


def has_role(*roles: str) -> Predicate:
    """Whoever holds one of the roles for the whole town."""
    return lambda actor, thing: actor.holds(*roles)


def has_scope(scope: str) -> Predicate:
    """A machine whose token carries the scope."""
    return lambda actor, thing: actor.kind == "token" and scope in actor.scopes
