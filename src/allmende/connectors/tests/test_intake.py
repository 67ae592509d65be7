"""The way of a message through a connector: what is acknowledged is on disk, as values or among what was not usable."""

import asyncio
import json

import msgspec
import pytest

from allmende.accounts.actors import SYSTEM
from allmende.connectors import keeping, services
from allmende.connectors.faulty import FaultBook
from allmende.connectors.flood import Flood, Flooding
from allmende.connectors.health import Health
from allmende.connectors.intake import Intake
from allmende.connectors.keeping import Keeper
from allmende.connectors.mapping import Mapper, Mapping
from allmende.connectors.models import FaultyMessage
from allmende.connectors.readings import Message
from allmende.core.audit import history
from allmende.core.clock import parse_instant
from allmende.observations import queries
from allmende.observations import services as observations
from allmende.observations.stores import WritesRefused

pytestmark = pytest.mark.django_db(transaction=True)
ARRIVAL = parse_instant("2026-06-01T12:00:00Z")
REGISTER = {"thing": "Box {box}", "name": {"de": "Feuchte", "en": "Moisture"}, "property": "urn:x", "unit": "%"}
MAPPING = {
    "topic": "{box}/#",
    "time": "at",
    "values": [
        {"key": "{box}/temperature", "path": "t", "optional": True},
        {"key": "{box}/moisture", "path": "m", "optional": True, "register": REGISTER},
    ],
}


def message(topic="s1/x", **content):
    return Message(json.dumps({"at": "2026-06-01T11:00:00Z", **content}).encode(), topic, ARRIVAL)


@pytest.fixture
def connector(town):
    return services.add(SYSTEM, "mqtt", "test", "open-weather", {"host": "x", "mapping": MAPPING}).connector


def intake(connector, mapping=MAPPING, **flood):
    health = Health()
    limiter = Flood(flood.get("per_second", 100), flood.get("burst", 1000))
    health.watch(limiter)
    decoder = Mapper(msgspec.convert(mapping, Mapping))
    return Intake(decoder, Keeper(connector.code, connector.dataset.code), health, limiter, FaultBook(connector.code))


def run(work):
    """Everything of one test on one loop."""
    return asyncio.run(work())


def rows(stream):
    return list(zip(*(queries.series(stream.pk, None, None).select(["value"]).to_pydict().values()), strict=True))


def test_values_are_kept_and_a_second_delivery_changes_nothing(town, connector):
    way = intake(connector)

    async def work():
        for _ in range(2):
            await asyncio.gather(*(way.take_with_others(message(t=21)) for _ in range(5)))
        return await way.take(message(t=21))

    assert run(work).accepted == 1
    assert rows(town.open_stream) == [(21,)]
    assert way.health.facts()["messages"] == 11 and way.health.facts()["faults_total"] == 0


def test_what_is_not_there_is_made_once_by_the_connector(town, connector):
    way = intake(connector)

    async def work():
        await asyncio.gather(*(way.take_with_others(message(m=40)) for _ in range(3)), way.take(message(m=40)))

    run(work)
    made = queries.visible_datastreams(SYSTEM).get(external_key="s1/moisture")
    assert (made.unit, made.thing.name["de"], rows(made)) == ("%", "Box s1", [(40,)])
    assert history("datastream", made.code)[0].actor_code == connector.code


def test_known_values_of_a_message_are_kept_though_another_is_not_known(town, connector):
    mapping = {**MAPPING, "values": [*MAPPING["values"], {"key": "{box}/nobody", "path": "n"}]}
    way = intake(connector, mapping)

    async def work():
        return await way.take(message(t=1, n=2))

    outcome = run(work)
    assert outcome.accepted == 1 and "s1/nobody" in str(outcome.problems[0])
    assert rows(town.open_stream) == [(1,)]
    fault = FaultyMessage.objects.get()
    assert (fault.topic, fault.arrival, json.loads(bytes(fault.payload))["n"]) == ("s1/x", ARRIVAL, 2)


def test_a_group_keeps_the_good_and_notes_the_bad(town, connector):
    way = intake(connector)
    bad = [message(t="warm", at="2026-06-01"), Message(b"no json", "s1/y", ARRIVAL), message(topic="/")]
    mapping = {**MAPPING, "values": [{"key": "{box}/temperature", "path": "t"}]}
    way = intake(connector, mapping)

    async def work():
        good = [message(t=at, at=f"2026-06-01T10:00:{at:02d}Z") for at in range(20)]
        await asyncio.gather(*(way.take_with_others(each) for each in [*good[:10], *bad, *good[10:]]))

    run(work)
    assert [value for (value,) in rows(town.open_stream)] == list(range(20))
    assert FaultyMessage.objects.count() == 3


def test_messages_beyond_the_limit_of_a_device_are_counted_and_others_go_on(town, connector):
    way = intake(connector, per_second=0.001, burst=5)

    async def work():
        loud = [message("loud/x", m=at) for at in range(50)]
        await asyncio.gather(*(way.take_with_others(each) for each in loud), way.take_with_others(message(t=7)))
        with pytest.raises(Flooding):
            await way.take(message("loud/x", m=1))

    run(work)
    assert rows(town.open_stream) == [(7,)]
    facts = way.health.facts()
    assert facts["dropped"] == 46 and facts["flooding"][0]["device"] == "loud/x"
    assert FaultyMessage.objects.count() == 0


def test_while_nothing_can_be_written_a_message_waits(town, connector, monkeypatch):
    way = intake(connector)
    failures = iter([WritesRefused("disk full")] * 3)
    real = observations.append_batch

    async def refusing(*arguments, **options):
        for failure in failures:
            raise failure
        return await real(*arguments, **options)

    monkeypatch.setattr(keeping.services, "append_batch", refusing)
    monkeypatch.setattr("allmende.connectors.intake._PAUSE", 0.01)

    async def work():
        await way.take_with_others(message(t=3))

    run(work)
    assert rows(town.open_stream) == [(3,)]
    assert "trying again" in way.health.facts()["faults"][0]["why"]


def test_where_one_may_send_again_it_is_said_so(town, connector, monkeypatch):
    way = intake(connector)

    async def refusing(*arguments, **options):
        raise WritesRefused("disk full")

    monkeypatch.setattr(keeping.services, "append_batch", refusing)

    async def work():
        with pytest.raises(WritesRefused):
            await way.take(message(t=3))

    run(work)
    assert FaultyMessage.objects.count() == 0


def test_a_datastream_that_was_deleted_is_made_anew(town, connector):
    way = intake(connector)

    async def first():
        await way.take(message(m=1))
        await asyncio.to_thread(queries.visible_datastreams(SYSTEM).filter(external_key="s1/moisture").delete)
        from allmende.observations.streams import book

        book.forget()
        return await way.take(message(m=2))

    assert run(first).accepted == 1
    assert rows(queries.visible_datastreams(SYSTEM).get(external_key="s1/moisture")) == [(2,)]


def test_a_unit_that_cannot_be_is_a_fault_of_its_own(town, connector):
    mapping = {**MAPPING, "values": [{"key": "k", "path": "m", "register": {**REGISTER, "unit": "furlong"}}]}
    way = intake(connector, mapping)

    async def work():
        return await way.take(message(m=1))

    assert "furlong" in str(run(work).problems[0])


def test_the_number_of_datastreams_of_a_connector_is_bounded(town, connector, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_KEYS", 3)
    way = intake(connector)

    async def work():
        for number in range(6):
            await way.take(message(f"b{number}/x", m=1))

    run(work)
    assert queries.visible_datastreams(SYSTEM).filter(external_key__startswith="b").count() == 3
    assert FaultyMessage.objects.count() == 3


def test_long_keys_that_begin_alike_stay_apart():
    keys = {keeping.external_key("x" * 300 + end) for end in "ab"}
    assert len(keys) == 2 and all(len(key) == 200 for key in keys)


def test_replay_uses_what_fits_now_and_twice_is_once(town, connector):
    way = intake(connector)
    early = message(t="warm")

    async def work():
        await way.take(Message(b'{"at": "2026-06-01T11:00:00Z", "temp": 5}', "s1/x", ARRIVAL))
        await way.take(Message(b"no json", "s1/x", ARRIVAL))
        await way.take(early)

    mapping = {**MAPPING, "values": [{"key": "{box}/temperature", "path": "t"}]}
    way = intake(connector, mapping)
    run(work)
    assert FaultyMessage.objects.count() == 3
    changed = {**MAPPING, "values": [{"key": "{box}/temperature", "path": "temp"}]}
    services.change(SYSTEM, connector.code, config={"host": "x", "mapping": changed})
    first, second = (services.replay(SYSTEM, connector.code) for _ in range(2))
    assert (first, second) == ((1, 1, 2), (0, 0, 2))
    assert rows(town.open_stream) == [(5,)]
    assert {row.attempts for row in FaultyMessage.objects.all()} == {3}
    assert services.discard(SYSTEM, connector.code, [FaultyMessage.objects.first().code]) == 1
    assert services.discard(SYSTEM, connector.code) == 1


def test_the_time_of_a_message_without_one_is_that_of_its_first_arrival(town, connector):
    mapping = {"topic": "{box}/#", "values": [{"key": "{box}/temperature", "path": "t"}]}
    way = intake(connector, mapping)

    async def work():
        await way.take(Message(b'{"temp": 5}', "s1/x", ARRIVAL))

    run(work)
    mapping["values"][0]["path"] = "temp"
    services.change(SYSTEM, connector.code, config={"host": "x", "mapping": mapping})
    services.replay(SYSTEM, connector.code)
    assert queries.latest([town.open_stream.pk])[town.open_stream.pk].time == ARRIVAL
