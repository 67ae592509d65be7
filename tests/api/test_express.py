"""The express lane answers as the ordinary road does, and lets pass whatever is not simply good."""

import json
import re
import socket

import pytest

T = "2026-05-01T00:00:{:02d}Z"


@pytest.fixture
def wire(server):
    """A bare socket to the server, and what a sensor would send."""

    class Wire:
        def __init__(self):
            self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            self.token = server.seeds["write"]
            self.stream = server.seeds["datastreams"][2]
            self.rest = b""

        def request(self, body, *, length=None, headers=(), path="/api/v1/observations"):
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            lines = [
                f"POST {path} HTTP/1.1",
                "Host: x",
                f"Authorization: Bearer {self.token}",
                "Content-Type: application/json",
            ]
            lines += [f"Content-Length: {len(body) if length is None else length}", *headers]
            return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

        def row(self, second, value=1.5):
            return {"datastream": self.stream, "time": T.format(second), "value": value}

        def send(self, data):
            self.socket.sendall(data)

        def answer(self):
            while b"\r\n\r\n" not in self.rest:
                self._more()
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", head)[1])
            while len(self.rest) < length:
                self._more()
            body, self.rest = self.rest[:length], self.rest[length:]
            return int(head.split(b" ")[1]), json.loads(body)

        def _more(self):
            piece = self.socket.recv(65536)
            assert piece, "the server closed the connection"
            self.rest += piece

    wire = Wire()
    wire.send(wire.request(wire.row(0)))  # the first goes the ordinary road: nothing is remembered yet
    assert wire.answer()[0] == 201
    yield wire
    wire.socket.close()


def test_both_roads_give_the_same_receipt(wire):
    wire.send(wire.request(wire.row(1)))
    express = wire.answer()
    wire.send(wire.request(wire.row(1), headers=["X-Other: makes it take the ordinary road"]))
    assert (
        express
        == wire.answer()
        == (201, {"accepted": 1, "unchanged": 0, "flagged": 0, "refused_total": 0, "refused": []})
    )


@pytest.mark.parametrize("cut", [1, 20, 60, 130, -1])
def test_a_request_that_arrives_in_pieces(wire, cut):
    data = wire.request(wire.row(2))
    wire.send(data[:cut])
    wire.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        wire.socket.recv(1)
    wire.socket.settimeout(10)
    wire.send(data[cut:])
    assert wire.answer()[0] == 201


def test_requests_sent_ahead_are_answered_in_order(wire):
    many = [wire.request(wire.row(k, k)) for k in range(50)]
    wire.send(b"".join(many))
    assert [wire.answer()[0] for _ in many] == [201] * 50
    for data in many:
        wire.send(data)
    assert [wire.answer()[0] for _ in many] == [201] * 50


def test_a_request_inside_the_body_of_another_is_only_a_body(wire):
    inner = wire.request(wire.row(9, 99.0))
    outer = wire.request(inner, headers=["X-Other: 1"])
    place = outer.index(b"\r\n\r\n") + 4
    wire.send(outer[:place])
    wire.send(outer[place:])  # begins as a request would, but belongs to the one before
    assert wire.answer()[0] == 400
    wire.send(wire.request(wire.row(10)))
    assert wire.answer()[0] == 201


@pytest.mark.parametrize(
    ("build", "status"),
    [
        (lambda w: w.request({**w.row(3), "value": "warm"}), 422),
        (lambda w: w.request(b"{"), 400),
        (lambda w: w.request({**w.row(3), "datastream": "dst-0000000000"}), 422),
        (lambda w: w.request(w.row(3), headers=["Content-Encoding: gzip"]), 400),
        (lambda w: w.request([]), 201),
        (lambda w: w.request(w.row(3), path="/api/v1/observations?partial=true"), 201),
        (lambda w: w.request(w.row(3), path="/api/v1/observations?x=1"), 400),
    ],
)
def test_what_is_not_simply_good_is_answered_by_the_ordinary_road(wire, build, status):
    wire.send(build(wire))
    assert wire.answer()[0] == status
    wire.send(wire.request(wire.row(4)))
    assert wire.answer()[0] == 201


def test_two_lengths_are_not_guessed_at(wire):
    wire.send(wire.request(wire.row(5), headers=["Content-Length: 5"]))
    assert b" 400 " in wire.socket.recv(65536).split(b"\r\n")[0]


def test_a_client_that_hangs_up_does_no_harm(wire, server):
    wire.send(wire.request(wire.row(6)))
    wire.socket.close()
    with server.client("") as client:
        assert client.get("/api/v1/status").status_code == 200


STA = "/api/sta/v1.1/Observations"
ORDINARY = "X-Other: makes it take the ordinary road"


class TestSensorThings:
    """The same lane for single observations of SensorThings."""

    def row(self, wire, second, result=1.5):
        return {"phenomenonTime": T.format(second), "result": result, "Datastream": {"@iot.id": wire.stream}}

    def raw(self, wire):
        """(status line, headers, body) of an answer, byte by byte."""
        while b"\r\n\r\n" not in wire.rest:
            wire._more()
        head, _, wire.rest = wire.rest.partition(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in lines)
        while len(wire.rest) < int(headers[b"content-length"]):
            wire._more()
        size = int(headers[b"content-length"])
        body, wire.rest = wire.rest[:size], wire.rest[size:]
        headers.pop(b"date", None)
        return status, headers, body

    @pytest.mark.parametrize("prefer", [(), ("Prefer: return=minimal",)])
    @pytest.mark.parametrize("result", [1.5, 8, None, "warm", [1, {"a": 2}]], ids=str)
    def test_both_roads_answer_alike(self, wire, result, prefer):
        body = self.row(wire, 30, result)
        wire.send(wire.request(body, path=STA, headers=prefer))
        express = self.raw(wire)
        wire.send(wire.request(body, path=STA, headers=[*prefer, ORDINARY]))
        assert express == self.raw(wire)
        status, headers, content = express
        assert status == b"HTTP/1.1 201 Created"
        assert headers[b"access-control-allow-origin"] == b"*"
        assert b"/Observations('obs-" in headers[b"location"]
        assert (content == b"") == bool(prefer)
        assert headers.get(b"preference-applied") == (b"return=minimal" if prefer else None)

    def test_the_same_connection_again_and_again_and_ahead(self, wire):
        rows = [{**self.row(wire, 0, k), "phenomenonTime": f"2027-01-01T00:00:{k:02d}Z"} for k in range(40)]
        for row in rows[:20]:
            wire.send(wire.request(row, path=STA))
            assert wire.answer()[1]["result"] == row["result"]
        ahead = [
            wire.request(row, path=STA, headers=[ORDINARY] if n % 3 == 0 else ()) for n, row in enumerate(rows[20:])
        ]
        wire.send(b"".join(ahead))
        assert [wire.answer()[1]["result"] for _ in ahead] == list(range(20, 40))

    def test_both_interfaces_over_one_connection(self, wire):
        wire.send(wire.request(wire.row(40)) + wire.request(self.row(wire, 41), path=STA) + wire.request(wire.row(42)))
        assert [wire.answer()[0] for _ in range(3)] == [201] * 3

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"result": ...}, 400),
            ({"phenomenonTime": "yesterday"}, 400),
            ({"Datastream": {"@iot.id": "dst-0000000000"}}, 400),
            ({"Datastream": ...}, 400),
            ({"colour": "red"}, 400),
        ],
    )
    def test_a_wrong_body_gets_the_ordinary_answer(self, wire, change, status):
        body = {name: value for name, value in {**self.row(wire, 50), **change}.items() if value is not ...}
        wire.send(wire.request(body, path=STA))
        first = self.raw(wire)
        wire.send(wire.request(body, path=STA, headers=[ORDINARY]))
        assert first == self.raw(wire)
        assert first[0].split()[1] == b"%d" % status
        wire.send(wire.request(self.row(wire, 51), path=STA))
        assert wire.answer()[0] == 201

    def test_a_client_that_asks_before_it_sends(self, wire):
        data = wire.request(self.row(wire, 52), path=STA, headers=["Expect: 100-continue"])
        head, mark, body = data.partition(b"\r\n\r\n")
        wire.send(head + mark)
        assert wire.socket.recv(65536).startswith(b"HTTP/1.1 100 ")
        wire.send(body)
        assert wire.answer()[0] == 201

    def test_without_a_token_nothing_is_kept(self, wire):
        wire.token = "alm_nobody"
        wire.send(wire.request(self.row(wire, 53), path=STA))
        assert wire.answer()[0] == 401
