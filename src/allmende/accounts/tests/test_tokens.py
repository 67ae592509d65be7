"""Machine tokens: shown once, kept as a hash, never more than their maker may do, ended by time or by hand."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from allmende.accounts import memory, queries, services, tokens
from allmende.accounts.actors import SYSTEM
from allmende.accounts.models import Token
from allmende.accounts.permissions import Denied
from allmende.core import audit
from allmende.core.clock import now
from allmende.core.models import AuditDetail, Event
from tests.cast import Cast

DATASET = "set-0123456789"


def test_the_secret_is_long_random_and_nowhere_in_the_database(db: None):
    token, secret = services.create_token(SYSTEM, "gate", ["observations:write"])
    assert re.fullmatch(r"alm_[A-Za-z0-9_-]{32,}", secret)
    assert services.create_token(SYSTEM, "gate", ["observations:write"])[1] != secret
    row = Token.objects.filter(pk=token.pk).values().get()
    assert secret not in str(row)
    assert secret[4:] not in "".join(AuditDetail.objects.values_list("details", flat=True))
    assert row["secret_hash"] == queries.hash_of(secret)


def test_a_token_acts_with_its_scopes_datasets_and_organisation(cast: Cast):
    _, secret = services.create_token(
        SYSTEM, "gate", ["observations:write"], datasets=[DATASET], organisation=cast.office
    )
    actor = queries.actor_of_token(secret)
    assert actor is not None
    assert (actor.kind, actor.scopes, actor.datasets) == ("token", {"observations:write"}, {DATASET})
    assert actor.organisations() == {cast.office.id}
    assert not actor.holds("administrator", "steward", "clerk", "integrator")


def test_making_and_revoking_stand_in_the_trail(db: None):
    token, secret = services.create_token(SYSTEM, "gate", ["observations:write"])
    assert services.revoke_token(SYSTEM, token) is True
    assert services.revoke_token(SYSTEM, token.code) is False
    entries = audit.history("token", token.code)
    assert [entry.action for entry in entries] == ["token.revoked", "token.created"]
    assert entries[1].details["scopes"] == ["observations:write"]
    assert list(Event.objects.values_list("name", flat=True)) == ["token.created", "token.revoked"]
    assert queries.actor_of_token(secret) is None


def test_a_token_lasts_a_year_unless_said_otherwise(db: None):
    usual, _ = services.create_token(SYSTEM, "gate", ["observations:write"])
    short, secret = services.create_token(SYSTEM, "gate", ["observations:write"], expires_days=1)
    assert timedelta(days=364) < usual.expires - now() <= timedelta(days=365)
    assert timedelta(hours=23) < short.expires - now() <= timedelta(days=1)
    Token.objects.filter(pk=short.pk).update(expires=now() - timedelta(seconds=1))
    assert queries.actor_of_token(secret) is None


@pytest.mark.parametrize("secret", ["", "alm_", "alm_" + "x" * 43, "nonsense", "ä\ud800"])
def test_other_secrets_are_nobodys(db: None, secret: str):
    assert queries.actor_of_token(secret) is None
    assert queries.remembered_actor(secret) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "n" * 121}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["observations:write", "bench:burn"]}, "scopes"),
        ({"expires_days": 0}, "expires_days"),
        ({"expires_days": -1}, "expires_days"),
        ({"expires_days": 3651}, "expires_days"),
        ({"datasets": ["my dataset"]}, "datasets"),
    ],
)
def test_tokens_that_will_not_do_are_refused_by_field(db: None, changes: dict, field: str):
    with pytest.raises(ValidationError) as caught:
        services.create_token(SYSTEM, **({"name": "gate", "scopes": ["observations:write"]} | changes))
    assert list(caught.value.message_dict) == [field]
    assert not Token.objects.exists()


def test_nobody_hands_on_more_than_they_may_do(cast: Cast):
    for member in (cast.resident, cast.provider, cast.moderator):
        with pytest.raises(Denied, match="observations:write"):
            services.create_token(member.actor, "gate", ["observations:write"])
    token, _ = services.create_token(cast.resident.actor, "reader", ["observations:read"])
    assert token.created_by == cast.resident.person
    with pytest.raises(Denied):
        services.create_token(cast.resident.actor, "boss", ["accounts:manage"])


def test_a_role_in_one_organisation_makes_tokens_of_that_organisation_only(cast: Cast):
    actor = services.grant_role(SYSTEM, cast.resident.person.code, "steward", cast.office)
    services.create_token(actor, "gate", ["observations:write"], organisation=cast.office)
    for elsewhere in (None, cast.school):
        with pytest.raises(Denied):
            services.create_token(actor, "gate", ["observations:write"], organisation=elsewhere)


def test_a_town_wide_role_makes_tokens_of_any_organisation(cast: Cast):
    for organisation in (None, cast.office):
        services.create_token(cast.steward.actor, "gate", ["observations:write"], organisation=organisation)


def test_machines_and_strangers_make_no_tokens(cast: Cast):
    for member in (cast.sensor, cast.anonymous):
        with pytest.raises(Denied):
            services.create_token(member.actor, "gate", ["observations:read"])


def test_people_revoke_their_own_tokens_administrators_all(cast: Cast):
    own, _ = services.create_token(cast.resident.actor, "reader", ["observations:read"])
    other, _ = services.create_token(cast.resident.actor, "reader 2", ["observations:read"])
    for member in (cast.steward, cast.sensor, cast.anonymous):
        with pytest.raises(Denied):
            services.revoke_token(member.actor, own)
    assert services.revoke_token(cast.resident.actor, own) is True
    assert services.revoke_token(cast.administrator.actor, other.code) is True
    systems, _ = services.create_token(SYSTEM, "gate", ["observations:write"])
    with pytest.raises(Denied):
        services.revoke_token(cast.resident.actor, systems)


def test_people_see_their_own_tokens_administrators_all(cast: Cast, django_assert_num_queries):
    own, _ = services.create_token(cast.resident.actor, "reader", ["observations:read"])
    with django_assert_num_queries(1):
        assert [token.code for token in queries.tokens_of(cast.resident.actor)] == [own.code]
    assert {token.name for token in queries.tokens_of(cast.administrator.actor)} == {"reader", "sensor"}
    assert queries.tokens_of(cast.moderator.actor) == []


def test_its_last_use_is_written_at_most_once_a_minute(db: None, monkeypatch: pytest.MonkeyPatch):
    token, secret = services.create_token(SYSTEM, "gate", ["observations:write"])
    start = now()
    monkeypatch.setattr(queries, "now", lambda: start)
    queries.actor_of_token(secret)
    for seconds, expected in ((0, 0), (59, 0), (61, 61), (100, 61), (130, 130)):
        monkeypatch.setattr(queries, "now", lambda later=start + timedelta(seconds=seconds): later)
        queries.actor_of_token(secret)
        token.refresh_from_db()
        assert token.last_used == start + timedelta(seconds=expected)


def test_a_token_is_good_even_if_its_use_cannot_be_noted(db: None, monkeypatch: pytest.MonkeyPatch):
    _, secret = services.create_token(SYSTEM, "gate", ["observations:write"])

    def full(*args: object, **kwargs: object) -> int:
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr("django.db.models.query.QuerySet.update", full)
    assert queries.actor_of_token(secret) is not None


def test_checking_a_token_is_one_query(sensor, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert queries.actor_of_token(sensor.secret) == sensor.actor


@pytest.mark.django_db(transaction=True)
def test_a_revoked_token_is_forgotten_at_once():
    token, secret = services.create_token(SYSTEM, "gate", ["observations:write"])
    assert queries.actor_of_token(secret) is not None
    assert queries.remembered_actor(secret) is not None
    services.revoke_token(SYSTEM, token)
    assert queries.remembered_actor(secret) is None
    assert queries.actor_of_token(secret) is None


def test_the_prefix_tells_scanners_what_leaked():
    assert tokens.PREFIX == "alm_"
    assert memory.LIFE == 10
