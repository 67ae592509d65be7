"""Set-ups that wait for a first message: with the real transport, and without leaving anything behind."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from allmende.connectors import hooks, noting, services
from allmende.connectors.models import Connector, Draft
from allmende.connectors.readings import Message
from allmende.connectors.rehearsing import Rehearsals
from allmende.observations.stores import StoreError
from tests.serving import free_port
from tests.test_mqtt import publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def steward(town, cast):
    return cast.steward.actor


def rehearse(until, work=None, seconds=20):
    """Looks again and again, as the runner does, until the condition holds."""

    async def run():
        rehearsals, deadline = Rehearsals(), time.monotonic() + seconds
        begun = None
        while not await asyncio.to_thread(until):
            assert time.monotonic() < deadline, "It did not come about in time."
            await rehearsals.look()
            if begun is None and work is not None:
                begun = asyncio.create_task(asyncio.to_thread(work))
            await asyncio.sleep(0.2)
        if begun is not None:
            await begun
        await rehearsals.end()

    asyncio.run(run())


@pytest.mark.broker
def test_a_message_from_a_broker(steward, broker):
    draft = services.begin_draft(steward, "mqtt")
    config = {"host": "127.0.0.1", "port": broker.port, "mapping": {"topic": "town/+/weather"}}
    services.change_draft(steward, draft.code, config=config)
    services.listen(steward, draft.code)

    came = []

    def send():
        while not came:  # who is not connected yet hears nothing
            publish(broker, [("town/a/other", "1"), ("town/a/weather", '{"temp": 1}')])
            time.sleep(0.3)

    def arrived():
        if Draft.objects.get().sample:
            came.append(True)
        return bool(came)

    rehearse(arrived, send, seconds=60)
    found = Draft.objects.get()
    assert (bytes(found.sample), found.sample_topic, found.listens_until) == (b'{"temp": 1}', "town/a/weather", None)
    assert not Connector.objects.exists()


@pytest.mark.parametrize(
    ("kind", "config", "why"),
    [
        ("mqtt", {"host": "127.0.0.1", "port": free_port(), "mapping": {"topic": "t"}}, "No connection to the broker"),
        ("http_poll", {"url": "http://127.0.0.1:1/x"}, "not an address of the public internet"),
        ("http_poll", {"url": "nonsense"}, "no address"),
    ],
)
def test_why_none_can_be_had_is_told(steward, kind, config, why):
    draft = services.begin_draft(steward, kind)
    services.change_draft(steward, draft.code, config=config)
    services.listen(steward, draft.code)
    rehearse(lambda: bool(Draft.objects.get().trouble))
    found = Draft.objects.get()
    assert why in str(noting.Said.from_json(found.trouble)) and found.listens_until is None


def test_the_door_of_a_draft_takes_one_message_for_looking_at(steward):
    draft = services.begin_draft(steward, "webhook")
    secret = services.draft_secret(steward, draft.code)
    outcome = SimpleNamespace(found=None)

    async def run():
        rehearsals = Rehearsals()
        await rehearsals.look()
        door = hooks.find(draft.code, secret)
        outcome.found = await door.take(Message(b'{"v": 1}', "", 0))
        await asyncio.to_thread(Draft.objects.all().delete)
        with pytest.raises(StoreError, match="send it again"):  # it has just become a connector
            await door.take(Message(b'{"v": 2}', "", 0))
        await rehearsals.look()
        assert hooks.find(draft.code, secret) is None
        await rehearsals.end()

    asyncio.run(run())
    assert outcome.found.accepted == 0
