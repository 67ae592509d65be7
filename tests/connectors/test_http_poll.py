"""Asking an address again and again, against a server that has news, has none, fails, or sends us away."""

import json

import pytest

from tests.connectors.running import add, command, observations, show, wait_for

MAPPING = {"records": "*", "time": "at", "names": {"id": "id"}, "values": [{"key": "{id}/t", "path": "t"}]}


def rows(*values, station="s0", hour=10):
    return json.dumps(
        [{"id": station, "at": f"2026-06-01T{hour}:{at:02d}:00Z", "t": value} for at, value in enumerate(values)]
    ).encode()


def stream(server, number=0):
    return server.seeds["datastreams"][number]


def config(remote, **more):
    return {"url": remote.url + "/data", "every": 5, "mapping": MAPPING, **more}


def test_news_are_asked_for_by_what_was_had(asking_server, remote):
    body, tag = rows(1, 2), '"v1"'

    def answer(path, headers):
        if headers.get("if-none-match") == tag:
            return 304, {}, b""
        return 200, {"ETag": tag, "Last-Modified": "Mon, 01 Jun 2026 10:00:00 GMT"}, body

    remote.answer = answer
    code, _ = add(asking_server, "http_poll", config(remote, token="s3cret", headers={"X-Town": "a"}))
    wait_for(lambda: len(observations(asking_server, stream(asking_server))) == 2)
    wait_for(lambda: len(remote.asked) >= 2)
    first, second = (headers for _, headers in remote.asked[:2])
    assert (first["authorization"], first["x-town"]) == ("Bearer s3cret", "a")
    assert "if-none-match" not in first and second["if-none-match"] == tag
    assert second["if-modified-since"] == "Mon, 01 Jun 2026 10:00:00 GMT"
    state = wait_for(lambda: (now := show(asking_server, code)) and now["state"].get("next_attempt") and now)
    assert state["config"]["token"] == "…" and state["config"]["headers"] == {"X-Town": "…"}
    assert state["state"]["connected"] and state["state"]["messages"] == 1
    tag, body = '"v2"', rows(1, 2, 3)
    wait_for(lambda: len(observations(asking_server, stream(asking_server))) == 3)
    command(asking_server, "remove", code)


def test_an_address_that_fails_is_asked_ever_more_seldom_and_recovers(asking_server, remote):
    remote.answer = lambda path, headers: (500, {}, b"oh")
    code, _ = add(asking_server, "http_poll", config(remote))
    state = wait_for(lambda: (now := show(asking_server, code)["state"]) and now.get("attempts_failed", 0) >= 2 and now)
    assert not state["connected"] and "answers 500" in state["faults"][-1]["why"] and state["next_attempt"]
    remote.answer = lambda path, headers: (200, {}, rows(7, station="s1"))
    wait_for(lambda: observations(asking_server, stream(asking_server, 1)), 40)
    state = wait_for(lambda: (now := show(asking_server, code)["state"]) and now["connected"] and now)
    assert state["attempts_failed"] == 0
    command(asking_server, "remove", code)


def test_who_is_sent_away_stays_away(asking_server, remote):
    remote.answer = lambda path, headers: (429, {"Retry-After": "900"}, b"")
    code, _ = add(asking_server, "http_poll", config(remote))
    state = wait_for(lambda: (now := show(asking_server, code)["state"]) and now.get("attempts_failed") and now)
    assert "come again later" in state["faults"][-1]["why"]
    wait_for(lambda: show(asking_server, code)["state"]["next_attempt"] > state["faults"][-1]["at"])
    assert len(remote.asked) == 1
    command(asking_server, "remove", code)


def test_a_document_that_does_not_fit_is_noted_once(asking_server, remote):
    remote.answer = lambda path, headers: (200, {}, b"<html>")
    code, _ = add(asking_server, "http_poll", config(remote))
    wait_for(lambda: len(remote.asked) >= 3, 40)
    told = wait_for(lambda: show(asking_server, code)["faulty"])
    assert len(told) == 1 and "neither JSON nor" in told[0]["why"]
    command(asking_server, "remove", code)


def test_csv_from_an_address(asking_server, remote):
    remote.answer = lambda path, headers: (200, {}, "Ort;Zeit;Wert\ns2;2026-06-01 12:00;21,5\n".encode("cp1252"))
    mapping = {
        "format": "csv",
        "time": "Zeit",
        "time_unit": "local",
        "names": {"id": "Ort"},
        "values": [{"key": "{id}/t", "path": "Wert", "decimal": ","}],
    }
    code, _ = add(asking_server, "http_poll", config(remote, mapping=mapping))
    found = wait_for(lambda: observations(asking_server, stream(asking_server, 2)))
    assert (found[0]["time"], found[0]["value"]) == ("2026-06-01T10:00:00Z", 21.5)
    command(asking_server, "remove", code)


def test_without_leave_nobody_inside_is_asked(server, remote):
    code, _ = add(server, "http_poll", config(remote))
    state = wait_for(lambda: (now := show(server, code)["state"]) and now.get("faults") and now)
    assert "ALLMENDE_OUTGOING_HOSTS" in state["faults"][0]["why"]
    assert remote.asked == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://name:word@example.org/", "x"])
def test_addresses_that_are_none_are_refused_at_once(server, url):
    with pytest.raises(AssertionError):
        add(server, "http_poll", {"url": url, "mapping": MAPPING})
