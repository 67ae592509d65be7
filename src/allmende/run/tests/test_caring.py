"""The round of sensor care that the server runs every half minute."""

import asyncio
from datetime import timedelta

import pytest
from django.apps import apps
from django.core import mail

from allmende.core.clock import now
from allmende.observations.care.following import follow
from allmende.observations.care.live import live
from allmende.observations.care.watching import Watch
from allmende.run import caring

CareMail = apps.get_model("observations", "CareMail")
QualityRule = apps.get_model("observations", "QualityRule")
StateChange = apps.get_model("observations", "StateChange")
StreamCare = apps.get_model("observations", "StreamCare")


def test_a_round_looks_and_tells(town, steward):
    live.forget()
    follow(steward.actor, "all")
    QualityRule.objects.create(
        datastream=town.open_stream, kind="step", parameters={"change": 5, "seconds": 60}, by="per-x"
    )
    ago = now() - timedelta(minutes=20)
    town.open_stream.__class__.objects.update(created=now() - timedelta(days=3))
    StreamCare.objects.create(datastream=town.open_stream, state="silent", since=ago)
    StateChange.objects.create(datastream=town.open_stream, was="fresh", became="silent", time=ago)
    caring.look(Watch())
    assert len(live) == 1
    assert StreamCare.objects.count() == 3
    assert [sent.to for sent in mail.outbox if "verstummt" in sent.subject] == [["steward@example.org"]]
    caring.look(Watch())
    assert sum("verstummt" in sent.subject for sent in mail.outbox) == 1
    live.forget()


def test_tidying_forgets_what_is_old(town):
    old = now() - timedelta(days=500)
    StateChange.objects.create(datastream=town.open_stream, was="fresh", became="late", time=old)
    CareMail.objects.create(person="per-x", kind="daily", key="x", created=old, due=old)
    caring.tidy()
    assert not StateChange.objects.exists()
    assert not CareMail.objects.exists()


def test_it_ends_when_the_server_does(monkeypatch):
    looked = []
    monkeypatch.setattr(caring, "look", lambda watch: looked.append(watch))
    monkeypatch.setattr(caring, "tidy", lambda: looked.append("tidied"))

    async def run():
        stop = asyncio.Event()
        work = asyncio.create_task(caring.care(stop))
        while len(looked) < 2:
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(work, 2)

    asyncio.run(run())
    assert looked[1] == "tidied"


@pytest.fixture(autouse=True)
def outbox_is_empty():
    mail.outbox = []
