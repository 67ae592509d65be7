"""Malformed queries against a running server, byte by byte over a socket: each is refused with its place, quickly.

ALLMENDE_LONG=1 sends a hundred thousand of them, else a few thousand.
"""

import json
import os
import socket
import time

from allmende.api.sensorthings.language.tests.corpus import malformed

LONG = os.environ.get("ALLMENDE_LONG", "") in ("1", "true", "yes")
HOW_MANY = 100_000 if LONG else 2_000
SECONDS = 2.0


class Caller:
    """HTTP/1.1 by hand: libraries would mend what is sent before it leaves."""

    def __init__(self, port):
        self.port = port
        self._connect()

    def _connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.stream = self.socket.makefile("rb")

    def get(self, target):
        """(status, body)."""
        self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
        status = int(self.stream.readline().split()[1])
        length, close = 0, False
        while (line := self.stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            length = int(value) if name.lower() == "content-length" else length
            close = close or (name.lower() == "connection" and "close" in value)
        body = self.stream.read(length)
        if close:
            self.socket.close()
            self._connect()
        return status, body


def printable(target):
    """What a request line can carry at all: servers refuse the rest before it reaches us."""
    return target.isascii() and all(32 < ord(letter) < 127 for letter in target)


def test_every_malformed_query_is_refused_with_its_place(server):
    caller, wrong, slowest, sent = Caller(server.port), [], 0.0, 0
    for case in malformed(seed=11):
        target = f"/api/sta/v1.1/{case.path}" + (f"?{case.query}" if case.query else "")
        if not printable(target):
            continue
        begun = time.perf_counter()
        status, body = caller.get(target)
        slowest = max(slowest, time.perf_counter() - begun)
        said = json.loads(body) if body[:1] == b"{" else {}
        nowhere = status == 404 and "entity set" in said.get("detail", "")  # the path leads to nothing at all
        if (status != 400 and not nowhere) or not isinstance(said.get("position"), int) or not said.get("option"):
            wrong.append((case, status, body[:200]))
        sent += 1
        if sent == HOW_MANY:
            break
    print(f"{sent} malformed queries, the slowest took {slowest * 1000:.0f} ms")
    assert wrong[:5] == [] and slowest < SECONDS
    assert caller.get("/api/sta/v1.1/Things")[0] == 200
