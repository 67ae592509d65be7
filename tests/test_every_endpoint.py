"""Every endpoint of both planes declares an action, every action has a rule, and who may do what stands here in tables.

A right that changes shows as a changed table in the diff. If a test here fails after you added an endpoint: let its
view wear `@declares("room:verb")`, give the data plane's operation an action, or, for a view that is not ours, add a
line to accounts/declared.py. If it fails after you added an action: add its line to ACTIONS below.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from starlette.routing import Mount, Route

from allmende.accounts.actors import SYSTEM
from allmende.accounts.declared import DECLARED, declared_action
from allmende.accounts.permissions import actions, can
from allmende.api.routes import HOT, routes
from allmende.catalogue.queries import visible_datasets
from allmende.catalogue.services import register_dataset
from tests.cast import Cast

Endpoint = tuple[str, str | None]  # where it is, and the action it declares

# Who may try an action at all (thing: none). r resident, m moderator, c clerk of the office, s data steward of the
# town, p provider in the school, a administrator, t the sensor's token, - anonymous, y the system itself.
ACTIONS = {
    "accounts:manage": "     a  y",
    "accounts:self": "rmcspa  y",
    "admin:enter": "     a   ",
    "catalogue:ask": "rmcspat-y",
    "catalogue:manage": "   s a  y",
    "catalogue:read": "rmcspat-y",
    "catalogue:support": "rmcspa   ",
    "observations:admit": "   s a  y",
    "observations:follow": "  cs a   ",
    "observations:manage": "   s a  y",
    "observations:offer": "rmcspa   ",
    "observations:read": "rmcspat-y",
    "observations:write": "   s at y",
    "pages:edit": "     a  y",
    "pages:read": "rmcspat-y",
}

# Who may do it to the office's datasets: open, shared with the school, protected.
DATASETS = {
    ("catalogue:read", "open"): "rmcspat-y",
    ("catalogue:read", "shared"): "  cspa  y",
    ("catalogue:read", "protected"): "  c  a  y",
    ("catalogue:manage", "open"): "   s a  y",
    ("catalogue:manage", "shared"): "   s a  y",
    ("catalogue:manage", "protected"): "     a  y",
    ("observations:write", "open"): "   s at y",
    ("observations:write", "shared"): "   s at y",
    ("observations:write", "protected"): "     a  y",
    ("observations:manage", "open"): "   s a  y",
    ("observations:manage", "shared"): "   s a  y",
    ("observations:manage", "protected"): "     a  y",
}


def pages(patterns: Iterable[Any], where: str = "", names: tuple[str, ...] = ()) -> Iterator[Endpoint]:
    """Every view of the people plane."""
    for pattern in patterns:
        place = f"{where}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = (*names, pattern.namespace) if pattern.namespace else names
            yield from pages(pattern.url_patterns, place, inner)
        elif isinstance(pattern, URLPattern):
            name = ":".join((*names, pattern.name or pattern.lookup_str))
            yield f"/{place}", getattr(pattern.callback, "allmende_action", None) or declared_action(name)


def operations(found: Iterable[Any], where: str = "") -> Iterator[Endpoint]:
    """Every endpoint of the data plane."""
    for each in found:
        if isinstance(each, Mount):
            yield from operations(each.routes, where + each.path)
        else:
            assert isinstance(each, Route), f"{each!r} is neither a route nor a mount"
            yield where + each.path, getattr(each.endpoint, "allmende_action", None)


def every_endpoint() -> list[Endpoint]:
    hot = [(path, getattr(endpoint, "allmende_action", None)) for (_, path), endpoint in HOT.items()]
    return [*pages(get_resolver().url_patterns), *operations(routes), *hot]


def members(cast: Cast) -> dict[str, Any]:
    """The letters of the tables and who they stand for."""
    return {
        "r": cast.resident.actor,
        "m": cast.moderator.actor,
        "c": cast.clerk.actor,
        "s": cast.steward.actor,
        "p": cast.provider.actor,
        "a": cast.administrator.actor,
        "t": cast.sensor.actor,
        "-": cast.anonymous.actor,
        "y": SYSTEM,
    }


def test_the_walk_finds_both_planes():
    places = [place for place, _ in every_endpoint()]
    assert len(places) > 40
    for known in ("account/login/", "admin/accounts/person/", "/api/v1/observations", "/api/v1/openapi.json"):
        assert any(known in place for place in places), known


def test_every_endpoint_declares_an_action():
    assert [place for place, action in every_endpoint() if action is None] == []


def test_every_declared_action_has_a_rule():
    wanted = {action for _, action in every_endpoint() if action} | set(DECLARED.values())
    assert wanted - actions() == set()


def test_every_action_stands_in_the_table():
    assert set(ACTIONS) == set(actions())


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_who_may_try_what(cast: Cast, action: str):
    allowed = "".join(letter if can(actor, action) else " " for letter, actor in members(cast).items())
    assert f"{action}: {allowed}" == f"{action}: {ACTIONS[action]}"


@pytest.fixture
def datasets(cast: Cast) -> dict[str, Any]:
    """One dataset of the office in each class; the shared one is shared with the school."""
    return {
        access: register_dataset(
            SYSTEM,
            f"{access}-set",
            access.title(),
            access_class=access,
            owner=cast.office.pk,
            purpose="Test",
            legal_ground="Test",
            shared_with=[cast.school.pk] if access == "shared" else [],
        )
        for access in ("open", "shared", "protected")
    }


@pytest.mark.parametrize(("action", "access"), sorted(DATASETS))
def test_who_may_do_what_to_which_class(cast: Cast, datasets: dict[str, Any], action: str, access: str):
    allowed = "".join(
        letter if can(actor, action, datasets[access]) else " " for letter, actor in members(cast).items()
    )
    assert f"{action} {access}: {allowed}" == f"{action} {access}: {DATASETS[action, access]}"


def test_the_filter_of_rows_and_the_rule_for_one_agree(cast: Cast, datasets: dict[str, Any]):
    for letter, actor in members(cast).items():
        seen = set(visible_datasets(actor))
        allowed = {dataset for dataset in datasets.values() if can(actor, "catalogue:read", dataset)}
        assert seen == allowed, letter


def test_the_tables_name_everybody_in_order():
    for allowed in (*ACTIONS.values(), *DATASETS.values()):
        assert len(allowed) == 9
        assert all(letter in (" ", expected) for letter, expected in zip(allowed, "rmcspat-y", strict=True))
