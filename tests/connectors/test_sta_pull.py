"""Pulling another SensorThings server: history backwards, news, restarts, failures; the same thing once."""

import pytest

from tests.connectors.running import add, command, datastreams, observations, show, wait_for
from tests.connectors.sta_server import FakeSta
from tests.serving import Server, free_port, seeded


@pytest.fixture
def puller(tmp_path):
    server = Server(tmp_path / "data", free_port(), seeded(tmp_path / "data", 0))
    server.environment = {"ALLMENDE_OUTGOING_HOSTS": "127.0.0.1"}
    yield server.start()
    server.stop()


@pytest.fixture
def other(remote):
    fake = FakeSta()
    remote.answer = fake.answer
    fake.url = remote.url + "/sta/v1.1"
    fake.remote = remote
    return fake


def named(server, name):
    return next((each for each in datastreams(server) if each["name"]["en"] == name), None)


def values(server, name):
    stream = named(server, name)
    return [row["value"] for row in observations(server, stream["id"])] if stream else []


def complete(server, code):
    state = show(server, code)["state"]
    return state.get("progress", {}).get("history_complete") == 2 and state


@pytest.mark.parametrize("nested", [True, False])
def test_structure_history_and_news_arrive_and_a_restart_reads_on(puller, other, nested):
    other.nested = nested
    code, _ = add(puller, "sta_pull", {"url": other.url, "every": 5, "page": 2, "token": "s3cret"})
    wait_for(lambda: values(puller, "t") == list(range(1, 11)), 40)
    state = wait_for(lambda: complete(puller, code))
    assert state["connected"] and state["progress"]["datastreams"] == 3
    temperature, rain = named(puller, "t"), named(puller, "rain")
    assert temperature["unit"]["symbol"] == "°C" and named(puller, "empty")["count"] == 0
    assert observations(puller, rain["id"])[0]["time"] == "2026-05-01T01:00:00Z"  # the end of its interval
    with puller.client("read") as client:
        thing = client.get(f"/api/v1/things/{temperature['thing']}").json()
    assert thing["name"]["en"] == "Crossing 7" and thing["location"]["coordinates"] == [11.5, 50.9]
    assert named(puller, "colour") is None
    other.observations["K 1~A/1~t"] += [("2026-05-11T10:00:00.000Z", 11), ("2026-05-10T09:30:00.000Z", 99)]
    wait_for(lambda: values(puller, "t")[-3:] == [99, 10, 11])  # also what came late, within the overlap
    puller.kill()
    asked = len(other.questions)
    other.observations["K 1~A/1~t"].append(("2026-05-12T10:00:00.000Z", 12))
    puller.start()
    wait_for(lambda: values(puller, "t")[-1] == 12)
    wait_for(lambda: show(puller, code)["state"]["connected"])
    assert not any("phenomenonTime%20lt" in path for path in other.questions[asked:])  # the history is not read again
    assert {headers["authorization"] for _, headers in other.remote.asked} == {"Bearer s3cret"}


def test_a_new_datastream_is_found_and_the_history_may_begin_later(puller, other):
    code, _ = add(puller, "sta_pull", {"url": other.url, "every": 5, "history": "2026-05-08T00:00:00Z"})
    wait_for(lambda: values(puller, "t") == [8, 9, 10])
    other.observations["K 1~B/2~t2"] = [("2026-05-09T10:00:00Z", 1)]
    wait_for(lambda: values(puller, "t2") == [1], 30)
    command(puller, "remove", code)


def test_without_history_only_what_is_new_comes(puller, other):
    add(puller, "sta_pull", {"url": other.url, "every": 5, "history": "none", "overlap": 0})
    wait_for(lambda: values(puller, "t") == [10])
    other.observations["K 1~A/1~t"].append(("2026-05-11T10:00:00.000Z", 11))
    wait_for(lambda: values(puller, "t") == [10, 11])


def test_while_the_other_server_is_away_the_attempts_grow_rarer_and_nothing_is_lost(puller, other):
    code, _ = add(puller, "sta_pull", {"url": other.url, "every": 5})
    wait_for(lambda: complete(puller, code), 40)
    other.broken = True
    state = wait_for(lambda: (now := show(puller, code)["state"]) and now["attempts_failed"] >= 2 and now, 40)
    assert not state["connected"] and state["next_attempt"] and "503" in state["faults"][-1]["why"]
    other.observations["K 1~A/1~t"] += [(f"2026-05-12T10:{at:02d}:00.000Z", at) for at in range(10)]
    other.broken = False
    wait_for(lambda: values(puller, "t")[-10:] == list(range(10)), 60)


@pytest.mark.parametrize(
    "config", [{"url": "x"}, {"url": "http://a/v1.1?x=1"}, {"url": "http://a/v1.1", "history": "yesterday"}, {}]
)
def test_what_cannot_work_is_refused(config):
    from allmende.connectors.table import KINDS

    with pytest.raises(ValueError):
        KINDS["sta_pull"].read(config)
