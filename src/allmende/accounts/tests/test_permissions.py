"""`can` decides by rules alone; an action without a rule is an error; predicates are what their names say."""

import pytest
from django.core.exceptions import PermissionDenied

from allmende.accounts import permissions
from allmende.accounts.actors import ANONYMOUS, SYSTEM, Actor
from allmende.accounts.permissions import Denied, administrator, any_of, anyone, can, has_role, has_scope, signed_in

STEWARD = Actor(kind="person", code="per-1", roles=frozenset({"steward"}))
CLERK = Actor(kind="person", code="per-2", organisation_roles=frozenset({("clerk", 7), ("steward", 8)}))
SENSOR = Actor(kind="token", code="tok-1", scopes=frozenset({"bench:move"}))


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(permissions, "_rules", {})


def test_a_rule_decides(rules: None):
    permissions.rule("bench:move", lambda actor, thing: thing == "mine")
    assert can(ANONYMOUS, "bench:move", "mine")
    assert not can(SYSTEM, "bench:move", "yours")
    assert permissions.actions() == {"bench:move"}


def test_an_action_without_rule_is_an_error_never_a_yes(rules: None):
    with pytest.raises(KeyError):
        can(SYSTEM, "bench:burn")


def test_an_action_has_one_rule(rules: None):
    permissions.rule("bench:move", anyone)
    with pytest.raises(ValueError, match="has a rule already"):
        permissions.rule("bench:move", anyone)


def test_denied_says_who_and_what_and_is_a_403_to_django(rules: None):
    permissions.rule("bench:move", administrator)
    permissions.require(SYSTEM, "bench:move")
    with pytest.raises(Denied, match="person may not bench:move") as caught:
        permissions.require(STEWARD, "bench:move")
    assert (caught.value.actor, caught.value.action) == (STEWARD, "bench:move")
    assert isinstance(caught.value, PermissionDenied)


@pytest.mark.parametrize(
    ("predicate", "who"),
    [
        (anyone, {"anonymous", "steward", "clerk", "sensor", "system"}),
        (signed_in, {"steward", "clerk"}),
        (administrator, {"system"}),
        (has_role("steward"), {"steward"}),
        (has_scope("bench:move"), {"sensor"}),
        (has_scope("bench:burn"), set()),
        (any_of(administrator, has_scope("bench:move")), {"system", "sensor"}),
        (any_of(), set()),
    ],
)
def test_predicates_are_what_their_names_say(predicate: permissions.Predicate, who: set[str]):
    people = {"anonymous": ANONYMOUS, "steward": STEWARD, "clerk": CLERK, "sensor": SENSOR, "system": SYSTEM}
    assert {name for name, actor in people.items() if predicate(actor, None)} == who


def test_a_person_does_not_gain_a_scope_by_carrying_it():
    person = Actor(kind="person", scopes=frozenset({"bench:move"}))
    assert not has_scope("bench:move")(person, None)


def test_roles_within_an_organisation_are_no_town_wide_roles():
    assert not CLERK.holds("steward")
    assert CLERK.organisations() == {7, 8}


def test_actors_cannot_be_changed():
    with pytest.raises(AttributeError):
        STEWARD.roles = frozenset({"administrator"})  # type: ignore[misc]
