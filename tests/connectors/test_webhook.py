"""The door for webhooks of a running server: secrets, limits, rubbish, and that 2xx means on disk."""

import gzip
import json
import socket
import time

import pytest

from tests.connectors.running import add, command, datastreams, observations, show, wait_for

MAPPING = {
    "time": "at",
    "names": {"station": "id"},
    "values": [{"key": "{station}/t", "path": "temp"}],
}


def hand_in(client, code, body, secret="", **headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    if secret:
        headers["X-Allmende-Secret"] = secret
    return client.post(f"/api/hooks/{code}", content=data, headers=headers)


def good(value=1.5, at="2026-06-01T10:00:00Z"):
    return {"id": "s0", "at": at, "temp": value}


@pytest.fixture(scope="module")
def door(server):
    code, secret = add(server, "webhook", {"mapping": MAPPING, "per_second": 50, "burst": 500})
    with server.client("") as client:
        wait_for(lambda: hand_in(client, code, good(), secret).status_code == 200)
    return server, code, secret


def test_the_secret_may_come_three_ways_and_must_be_right(door):
    server, code, secret = door
    with server.client("") as client:
        answer = hand_in(client, code, good(), secret)
        assert (answer.status_code, answer.json()) == (200, {"accepted": 1})
        assert hand_in(client, code, good(), Authorization=f"Bearer {secret}").status_code == 200
        assert client.post(f"/api/hooks/{code}/{secret}", json=good()).status_code == 200
        for path in (f"/api/hooks/{code}", f"/api/hooks/{code}/wrong", f"/api/hooks/con-nobody/{secret}"):
            answer = client.post(path, json=good())
            assert (answer.status_code, answer.json()["code"]) == (401, "bad_secret"), path
        assert hand_in(client, code, good(), "wrong").json()["code"] == "bad_secret"
        assert client.get(f"/api/hooks/{code}").status_code == 405


def test_what_was_answered_is_there_after_a_kill(running_server):
    code, secret = add(running_server, "webhook", {"mapping": MAPPING})
    stream = running_server.seeds["datastreams"][0]
    with running_server.client("") as client:
        wait_for(lambda: hand_in(client, code, good(), secret).status_code == 200)
        for minute in range(30):
            assert hand_in(client, code, good(minute, f"2026-06-01T11:{minute:02d}:00Z"), secret).status_code == 200
        assert hand_in(client, code, {"rubbish": 1}, secret).status_code == 422
    running_server.kill()
    running_server.start()
    assert len(observations(running_server, stream)) == 31
    assert "could be a name" in show(running_server, code)["faulty"][0]["why"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 100,
        b"{",
        b"[[[[" * 50_000,
        b'{"id": "s0"}',
        b"<xml/>",
        b"\xff\xfe\x00",
        b'{"id": "nobody", "temp": 1}',
    ],
)
def test_rubbish_is_named_and_noted(door, body):
    server, code, secret = door
    with server.client("") as client:
        answer = hand_in(client, code, body, secret)
        assert (answer.status_code, answer.json()["code"]) == (422, "message_unusable")
        assert hand_in(client, code, good(), secret).status_code == 200


def test_large_bodies_and_bombs_are_refused(door):
    server, code, secret = door
    bomb = gzip.compress(b" " * 50_000_000)
    large_packed = gzip.compress(bytes(range(256)) * 8_000)
    with server.client("") as client:
        assert hand_in(client, code, b" " * 10_000_000, secret).status_code == 413
        assert hand_in(client, code, bomb, secret, **{"Content-Encoding": "gzip"}).status_code == 413
        assert hand_in(client, code, large_packed, secret, **{"Content-Encoding": "gzip"}).status_code == 413
        assert hand_in(client, code, b"no gzip", secret, **{"Content-Encoding": "gzip"}).status_code == 400
        assert hand_in(client, code, b"x", secret, **{"Content-Encoding": "br"}).status_code == 415
        packed = gzip.compress(json.dumps(good()).encode())
        assert hand_in(client, code, packed, secret, **{"Content-Encoding": "gzip"}).status_code == 200

        def drip():
            for _ in range(40):
                yield b" " * 50_000

        assert client.post(f"/api/hooks/{code}/{secret}", content=drip()).status_code == 413


def test_strangers_cannot_make_the_server_read(door):
    server, code, _ = door
    with socket.create_connection(("127.0.0.1", server.port)) as stranger:
        head = f"POST /api/hooks/{code} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n"
        stranger.sendall(head.encode())
        stranger.settimeout(10)
        assert b" 401 " in stranger.recv(1000).partition(b"\r\n")[0] + b" "  # answered before the body came


def test_a_flood_of_one_device_is_limited_and_others_are_not(door):
    server, code, secret = door
    with server.client("") as client:
        codes = {
            hand_in(client, code, good(at=f"2026-06-01T12:00:{n % 60:02d}Z"), secret).status_code for n in range(900)
        }
        assert codes == {200, 429}
        refused = next(
            answer for _ in range(500) if (answer := hand_in(client, code, good(), secret)).status_code == 429
        )
        assert int(refused.headers["Retry-After"]) >= 1 and refused.json()["code"] == "flooding"
        assert hand_in(client, code, {**good(), "id": "s1"}, secret).status_code == 200
    wait_for(lambda: show(server, code)["state"]["flooding"])


def test_a_corrected_mapping_replays_what_failed(running_server):
    code, secret = add(running_server, "webhook", {"mapping": MAPPING})
    with running_server.client("") as client:
        wait_for(lambda: hand_in(client, code, good(), secret).status_code == 200)
        assert hand_in(client, code, {"id": "s9", "at": "2026-06-01T13:00:00Z", "temp": 9}, secret).status_code == 422
    assert "0 messages used, 0 observations kept, 1 still not usable" in command(running_server, "replay", code)
    rule = {"thing": "{station}", "name": {"de": "Temperatur"}, "property": "urn:x", "unit": "Cel"}
    corrected = {"mapping": {**MAPPING, "values": [{"key": "{station}/t", "path": "temp", "register": rule}]}}
    path = running_server.data / "corrected.json"
    path.write_text(json.dumps(corrected))
    command(running_server, "change", code, "--config", str(path))
    assert "1 messages used, 1 observations kept, 0 still" in command(running_server, "replay", code)
    assert show(running_server, code)["faulty"] == []
    made = next(each for each in datastreams(running_server) if each["name"].get("de") == "Temperatur")
    assert [row["value"] for row in observations(running_server, made["id"])] == [9]


def test_a_new_secret_ends_the_old_one(running_server):
    code, secret = add(running_server, "webhook", {"mapping": MAPPING})
    with running_server.client("") as client:
        wait_for(lambda: hand_in(client, code, good(), secret).status_code == 200)
        fresh = command(running_server, "secret", code).rpartition(":")[2].strip()
        wait_for(lambda: hand_in(client, code, good(), fresh).status_code == 200)
        assert hand_in(client, code, good(), secret).status_code == 401
        command(running_server, "off", code)
        wait_for(lambda: hand_in(client, code, good(), fresh).status_code == 401)
        begun = time.monotonic()
        command(running_server, "on", code)
        wait_for(lambda: hand_in(client, code, good(), fresh).status_code == 200)
        assert time.monotonic() - begun < 10
