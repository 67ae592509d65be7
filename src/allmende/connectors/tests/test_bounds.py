"""What is kept of messages is bounded: rates, floods, states, faulty messages."""

import asyncio
import json

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.connectors import faulty, flood, rates, services
from allmende.connectors.faulty import Fault, FaultBook
from allmende.connectors.flood import Flood, Flooding
from allmende.connectors.health import Health
from allmende.connectors.models import Connector, FaultyMessage
from allmende.connectors.readings import Message
from allmende.core.said import Said

MAPPING = {"values": [{"key": "k", "path": "v"}]}


@pytest.fixture
def clock(monkeypatch):
    """A clock of the test's own: clock[0] = monotonic seconds."""
    now = [1000.0]
    for module in (rates, flood):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def said(text):
    return (Said(text),)


def message(topic="t", payload=b"{}", arrival=0):
    return Message(payload, topic, arrival)


def test_the_rate_is_that_of_the_last_minute_and_hour(clock):
    rate = rates.Rate()
    for _ in range(120):
        rate.add(2)
        clock[0] += 1
    assert rate.facts() == {"per_minute": 120 - 2, "per_hour": 240}
    clock[0] += 1800
    assert rate.facts() == {"per_minute": 0, "per_hour": 240}
    clock[0] += 3600
    assert rate.facts() == {"per_minute": 0, "per_hour": 0}
    clock[0] += 1e6
    rate.add()
    assert rate.facts() == {"per_minute": 1, "per_hour": 1}


def test_a_device_that_floods_is_limited_alone(clock):
    limiter = Flood(per_second=1, burst=5)
    for _ in range(5):
        limiter.let("loud")
    for _ in range(3):
        with pytest.raises(Flooding) as refused:
            limiter.let("loud")
    assert 0 < refused.value.retry_after <= 1
    limiter.let("quiet")
    assert limiter.dropped == 3
    assert [(each["device"], each["dropped"]) for each in limiter.facts()] == [("loud", 3)]
    clock[0] += 2
    limiter.let("loud")
    clock[0] += 3600  # after an hour without a connection all that it may keep up comes at once
    for _ in range(5):
        limiter.let("loud")


def test_made_up_devices_do_not_fill_the_memory(clock, monkeypatch):
    monkeypatch.setattr(flood, "_MOST_DEVICES", 100)
    limiter = Flood(per_second=1, burst=2)
    for number in range(1000):
        limiter.let(f"d{number}")
        clock[0] += 0.001
    assert len(limiter._buckets) <= 100
    limiter.let("d999")
    with pytest.raises(Flooding):  # the newest are remembered
        limiter.let("d999")


def test_a_flood_that_ended_is_no_longer_told(clock, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(flood, "time", lambda: now[0])
    limiter = Flood(per_second=1, burst=1)
    limiter.let("d")
    with pytest.raises(Flooding):
        limiter.let("d")
    assert limiter.facts()
    now[0] += 601
    assert not limiter.facts()


def test_health_shows_text_that_every_database_takes():
    health = Health()
    health.watch(Flood(1, 1))
    health.came(message(payload=b"\x00\xff"))
    health.fault(said("broken"), message(payload=b"\x00\xffabc"))
    facts = json.dumps([health.facts(), health.sample_facts()])
    assert "\\u0000" not in facts and "abc" in facts
    for number in range(100):
        health.came(message(payload=b"x" * 1_000_000))
        health.fault(said(f"fault {number}" + "x" * 10_000), message(payload=b"y" * 1_000_000))
    assert len(json.dumps(health.facts())) < 40_000
    assert len(json.dumps(health.sample_facts())) < 400_000


@pytest.fixture
def connector(town) -> Connector:
    return services.add(SYSTEM, "webhook", "test", "open-weather", {"mapping": MAPPING}).connector


def test_faulty_messages_are_bounded_in_number_and_bytes(connector, monkeypatch):
    monkeypatch.setattr(faulty, "MOST_KEPT", 10)
    monkeypatch.setattr(faulty, "MOST_OF_ONE", 4)
    monkeypatch.setattr(faulty, "MOST_BYTES", 5_000)
    faulty.keep(
        connector.code, [Fault(message(f"t{number % 2}", b"x" * 100), said(f"w{number}")) for number in range(30)]
    )
    rows = list(FaultyMessage.objects.all())
    assert [row.why for row in rows] == [f"w{number}" for number in range(29, 21, -1)]  # the newest; four of each topic
    faulty.keep(connector.code, [Fault(message("big", b"x" * 4_900), said("big"))])
    assert [row.why for row in FaultyMessage.objects.all()] == ["big", "w29"]
    monkeypatch.setattr(faulty, "MOST_BYTES", 100_000)
    faulty.keep(connector.code, [Fault(message("b", b"\0" * 100_000), said("too\0long" * 500))])
    newest = FaultyMessage.objects.first()
    assert (newest.size, len(newest.payload), len(newest.why)) == (100_000, faulty.LARGEST_KEPT, 500)


@pytest.mark.django_db(transaction=True)
def test_a_fault_that_was_awaited_is_in_the_table(connector):
    async def run():
        book = FaultBook(connector.code)
        await asyncio.gather(*(book.note(Fault(message(f"t{number}"), said("why"))) for number in range(50)))

    asyncio.run(run())
    assert FaultyMessage.objects.count() == 50


@pytest.mark.django_db(transaction=True)
def test_faults_wait_while_the_database_is_away(connector, monkeypatch):
    tries = []
    real = faulty.keep

    def away(*arguments):
        tries.append(1)
        if len(tries) < 3:
            raise OSError("away")
        real(*arguments)

    monkeypatch.setattr(faulty, "keep", away)
    monkeypatch.setattr(faulty, "_PAUSE", 0.01)
    asyncio.run(FaultBook(connector.code).note(Fault(message(), said("why"))))
    assert len(tries) == 3 and FaultyMessage.objects.count() == 1


def test_faults_of_a_connector_that_was_removed_are_let_go(connector):
    services.remove(SYSTEM, connector.code)
    faulty.keep(connector.code, [Fault(message(), said("why"))])
    assert FaultyMessage.objects.count() == 0
