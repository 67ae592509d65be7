"""Setting up, changing, switching: who may, what is checked, what stays secret, what stands on the audit trail."""

from datetime import timedelta

import pytest

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.permissions import Denied
from allmende.catalogue.queries import UnknownDataset
from allmende.connectors import hooks, noting, queries, services
from allmende.connectors.models import Connector, Draft
from allmende.core import kinds
from allmende.core.audit import history
from allmende.core.clock import now

MAPPING = {"values": [{"key": "k", "path": "v"}]}
CONFIG = {"mapping": MAPPING}


@pytest.fixture
def connector(town):
    return services.add(SYSTEM, "webhook", "Sensors", "open-weather", CONFIG).connector


def test_only_who_manages_the_dataset_sees_and_changes_its_connectors(town, cast, connector):
    hidden = services.add(SYSTEM, "webhook", "Hidden", "protected-weather", CONFIG).connector
    steward = cast.steward.actor
    assert [each.code for each in queries.listed(steward)] == [connector.code]
    assert {each.code for each in queries.listed(cast.administrator.actor)} == {connector.code, hidden.code}
    for do in (queries.get_connector, services.replay, services.remove, services.new_secret, services.discard):
        with pytest.raises(queries.UnknownConnector):
            do(steward, hidden.code)
        for stranger in (cast.resident.actor, cast.sensor.actor, ANONYMOUS):
            with pytest.raises(Denied):
                do(stranger, connector.code)
    with pytest.raises(UnknownDataset):
        services.add(steward, "webhook", "x", "protected-weather", CONFIG)
    with pytest.raises(Denied):
        services.add(cast.resident.actor, "webhook", "x", "open-weather", CONFIG)
    kind = kinds.get("connector")
    assert kind.title(connector.code, steward) == "Sensors"
    assert kind.title(hidden.code, steward) is None
    assert [hit.code for hit in kind.search("sens", steward, 5)] == [connector.code]
    assert kind.search("sens", cast.resident.actor, 5) == []


@pytest.mark.parametrize(
    ("kind", "name", "config", "why"),
    [
        ("pigeon", "x", CONFIG, "no connector of the kind"),
        ("webhook", " ", CONFIG, "needs a name"),
        ("webhook", "x" * 121, CONFIG, "at most 120"),
        ("webhook", "x", {}, "exactly one"),
        ("webhook", "x", {"mapping": MAPPING, "senml": {}}, "exactly one"),
        ("webhook", "x", {"mapping": {"values": []}}, "length >= 1"),
        ("webhook", "x", {"mapping": MAPPING, "colour": "red"}, "unknown field"),
        ("webhook", "x", {"mapping": {"values": [{"key": "{x}"}]}}, "nothing names"),
        ("mqtt", "x", {"mapping": MAPPING}, "host"),
        ("mqtt", "x", {"mapping": MAPPING, "host": "h"}, "topic"),
        ("webhook", "x", {"mapping": MAPPING, "per_second": 0}, "> 0"),
    ],
)
def test_what_cannot_work_is_refused(town, kind, name, config, why):
    with pytest.raises(ValueError, match=why):
        services.add(SYSTEM, kind, name, "open-weather", config)
    assert not Connector.objects.exists()


def test_the_secret_is_shown_once_and_kept_as_a_hash(town):
    added = services.add(SYSTEM, "webhook", "x", "open-weather", CONFIG)
    assert len(added.secret) >= 32
    kept = Connector.objects.get()
    assert kept.secret_hash == hooks.hashed(added.secret) != added.secret
    again = services.new_secret(SYSTEM, kept.code)
    assert again != added.secret and Connector.objects.get().secret_hash == hooks.hashed(again)
    with pytest.raises(ValueError, match="no webhooks"):
        mapping = {**MAPPING, "topic": "t"}
        services.new_secret(
            SYSTEM, services.add(SYSTEM, "mqtt", "y", "open-weather", {"host": "h", "mapping": mapping})[0].code
        )


def test_changes_stand_on_the_audit_trail_without_secrets(connector):
    config = {**CONFIG, "per_second": 3.0}
    services.change(SYSTEM, connector.code, name="New", config=config)
    services.change(SYSTEM, connector.code, name="New", config=config)
    services.switch(SYSTEM, connector.code, False)
    services.switch(SYSTEM, connector.code, False)
    with pytest.raises(ValueError, match="exactly one"):
        services.change(SYSTEM, connector.code, config={})
    actions = [entry.action for entry in history("connector", connector.code)]
    assert actions == ["connector.off", "connector.changed", "connector.added"]
    assert noting.enabled() == []
    services.switch(SYSTEM, connector.code, True)
    assert noting.enabled()[0].config == config


def test_what_is_secret_in_a_configuration_is_not_shown():
    config = {"host": "h", "password": "p", "headers": {"Authorization": "x"}, "list": [{"token": "t"}], "secret": ""}
    shown = queries.hidden(config)
    assert shown == {
        "host": "h", "password": "…", "headers": {"Authorization": "…"}, "list": [{"token": "…"}], "secret": "",
    }  # fmt: skip


def test_the_state_in_one_word(connector):
    def state(enabled=True, ago=0, **facts):
        Connector.objects.filter(pk=connector.pk).update(
            enabled=enabled, state=facts, state_at=now() - timedelta(seconds=ago)
        )
        return queries.state_of(queries.get_connector(SYSTEM, connector.code))

    assert queries.state_of(connector) == "unattended"
    assert state(enabled=False) == "paused"
    assert state(ago=60, connected=True) == "unattended"
    assert state(ago=-3600, connected=True) == "unattended"  # the clock was set back
    assert state() == "trouble"
    assert state(connected=True) == "waiting"
    assert state(connected=True, messages=1) == "receiving"
    assert state(connected=True, messages=1, flooding=[{"device": "d"}]) == "flooded"


def test_states_are_written_when_they_change_and_as_a_heartbeat(connector, django_assert_num_queries):
    sample = {"topic": "", "arrival": 1, "payload": "x", "size": 1}
    noting.note({connector.code: ({"messages": 1}, [sample])})
    first = Connector.objects.get()
    assert (first.state, first.samples) == ({"messages": 1}, [sample])
    with django_assert_num_queries(1):
        noting.note({connector.code: ({"messages": 1}, [sample])})
    Connector.objects.update(state_at=now() + timedelta(days=1))  # the clock was set back
    noting.note({connector.code: ({"messages": 1}, [sample])})
    assert Connector.objects.get().state_at <= now()


def test_a_draft_is_its_makers_own_until_it_becomes_a_connector(town, cast):
    mine, other = cast.steward.actor, cast.administrator.actor
    draft = services.begin_draft(mine, "webhook")
    services.change_draft(mine, draft.code, config=CONFIG, sample=("", b"{}"))
    assert [each.code for each in queries.drafts_of(mine)] == [draft.code]
    for do in (queries.get_draft, services.drop_draft, services.draft_secret):
        with pytest.raises(queries.UnknownDraft):
            do(other, draft.code)
    with pytest.raises(ValueError, match="larger than"):
        services.change_draft(mine, draft.code, sample=("", b"x" * 300_000))
    added = services.finish_draft(mine, draft.code, "Done", "open-weather")
    assert added.connector.config == CONFIG and added.secret and added.connector.code == draft.code
    assert not Draft.objects.exists()
    with pytest.raises(Denied):
        services.begin_draft(cast.resident.actor, "webhook")
    with pytest.raises(ValueError):
        services.begin_draft(mine, "pigeon")


def test_the_secret_that_senders_were_given_goes_on_to_hold(town, cast):
    draft = services.begin_draft(cast.steward.actor, "webhook")
    services.change_draft(cast.steward.actor, draft.code, config=CONFIG)
    secret = services.draft_secret(cast.steward.actor, draft.code)
    added = services.finish_draft(cast.steward.actor, draft.code, "Done", "open-weather")
    assert added.secret == "" and added.connector.secret_hash == hooks.hashed(secret)


def test_drafts_are_bounded_and_old_ones_go(town, cast, monkeypatch):
    monkeypatch.setattr("allmende.connectors.services.drafting._MOST", 3)
    for _ in range(5):
        services.begin_draft(cast.steward.actor, "webhook")
    assert Draft.objects.count() == 3
    Draft.objects.update(changed=now() - timedelta(days=40))
    services.begin_draft(cast.steward.actor, "webhook")
    assert Draft.objects.count() == 1


def test_a_draft_listens_for_a_day(town, cast):
    draft = services.begin_draft(cast.steward.actor, "webhook")
    assert noting.waiting() == []
    secret = services.draft_secret(cast.steward.actor, draft.code)
    assert [(each.secret_hash, each.listens) for each in noting.waiting()] == [(hooks.hashed(secret), False)]
    services.listen(cast.steward.actor, draft.code)
    assert noting.waiting()[0].listens
    Draft.objects.update(changed=now() - timedelta(hours=25))
    assert noting.waiting() == []


def test_a_door_opens_to_its_own_secret_only():
    hook = hooks.Hook(hooks.hashed("s3cret"), lambda message: None)
    hooks.open_door("con-a", hook)
    assert hooks.find("con-a", "s3cret") is hook
    for code, secret in (("con-a", "wrong"), ("con-a", ""), ("con-b", "s3cret"), ("con-a", "\ud800")):
        assert hooks.find(code, secret) is None
    hooks.close_door("con-a")
    assert hooks.find("con-a", "s3cret") is None
