"""kill -9 while observations are published to the server's own MQTT door: every acknowledged one is there, once.

The clients speak MQTT 3.1.1 themselves, over plain sockets, so that an acknowledgement is what came over the wire and
nothing that a library remembers. ALLMENDE_KILL_ROUNDS: how often (3; long run 60).
"""

import json
import random
import socket
import threading
import time

import pytest

from tests.faults.test_kill import ROUNDS, START, _iso, stored
from tests.serving import Server, free_port, seeded

_AT_ONCE = 20  # messages that are under way without an acknowledgement


class Publisher(threading.Thread):
    """Publishes rows at QoS 1 until told to stop. What was not acknowledged before a connection went is published once
    more over the next one, marked as such, as the standard asks of clients (MQTT 3.1.1, 4.4)."""

    def __init__(self, server: Server, stream: str) -> None:
        super().__init__(daemon=True)
        self.server, self.stream = server, stream
        self.acknowledged: dict[int, float] = {}
        self.sent = self.again = 0
        self._under_way: dict[int, int] = {}  # packet identifier → row
        self._topic = _text(f"v1.1/Datastreams('{stream}')/Observations")
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set() or self._under_way:
            try:
                self._session()
            except OSError:
                time.sleep(0.02)

    def _session(self) -> None:
        """One connection, until it breaks or all is done."""
        port = int(self.server.environment["ALLMENDE_MQTT_PORT"])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line, line.makefile("rb") as answers:
            signs = _text("MQTT") + bytes([4, 0xC2]) + b"\0\0"
            line.sendall(_frame(0x10, signs + _text(self.stream) + _text("token") + _text(self.server.seeds["write"])))
            if _read(answers, 4) != b"\x20\x02\x00\x00":
                raise ConnectionError("not let in")
            if self._under_way:
                self.again += len(self._under_way)
                line.sendall(b"".join(self._packet(0x3A, number) for number in self._under_way.values()))
                self._wait(answers)
            while not self.stopping.is_set():
                for _ in range(_AT_ONCE):
                    self.sent += 1
                    self._under_way[_identifier(self.sent)] = self.sent
                line.sendall(b"".join(self._packet(0x32, number) for number in self._under_way.values()))
                self._wait(answers)

    def _packet(self, first: int, number: int) -> bytes:
        observation = {"phenomenonTime": _iso(START + number), "result": value_of(number)}
        return _frame(first, self._topic + _identifier(number).to_bytes(2, "big") + json.dumps(observation).encode())

    def _wait(self, answers) -> None:
        """Until all that is under way was acknowledged."""
        while self._under_way:
            answer = _read(answers, 4)
            assert answer[:2] == b"\x40\x02", answer
            number = self._under_way.pop(int.from_bytes(answer[2:], "big"))
            self.acknowledged[START + number] = value_of(number)


def _identifier(number: int) -> int:
    return number % 60_000 + 1


def value_of(number: int) -> float:
    return (number % 200) / 4


def _text(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()


def _frame(first: int, body: bytes) -> bytes:
    assert len(body) < 16_384
    length = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 0x7F | 0x80, len(body) >> 7])
    return bytes([first]) + length + body


def _read(answers, count: int) -> bytes:
    data = answers.read(count)
    if len(data) < count:
        raise ConnectionError("closed")
    return data


@pytest.mark.kill
def test_kill_while_observations_are_published_to_the_server_itself(tmp_path):
    data = tmp_path / "data"
    environment = {"ALLMENDE_DRAIN_SECONDS": "0.2", "ALLMENDE_MQTT_PORT": str(free_port())}
    server = Server(data, free_port(), seeded(data, 2), environment=environment).start()
    publishers = [Publisher(server, stream) for stream in server.seeds["datastreams"]]
    try:
        for publisher in publishers:
            publisher.start()
        for _ in range(ROUNDS):
            before = [len(each.acknowledged) for each in publishers]
            deadline = time.monotonic() + 20
            while any(len(each.acknowledged) == n for each, n in zip(publishers, before, strict=True)):
                assert time.monotonic() < deadline, "Nothing was acknowledged after the start."
                time.sleep(0.01)
            time.sleep(random.uniform(0.05, 0.8))
            server.kill()
            server.start()
        for publisher in publishers:
            publisher.stopping.set()
            publisher.join(timeout=30)
        for publisher in publishers:
            found = stored(server, publisher.stream)  # fails where one is there twice
            lost = {t: v for t, v in publisher.acknowledged.items() if found.get(t) != v}
            assert not lost and len(publisher.acknowledged) == len(found) == publisher.sent
            print(f"{publisher.sent} published and acknowledged, {publisher.again} of them twice; {len(found)} stored")
    finally:
        server.kill()
