"""The forwarder of split mode between real sockets, with a page process that says what reached it (`mirror`)."""

import contextlib
import hashlib
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from allmende.run.pages import Forwarder
from tests.planes.mirror import LARGEST_BODY
from tests.serving import ROOT, free_port


class Front:
    """A server of this process whose every request goes through a Forwarder."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "pages.sock")
        command = [sys.executable, "-m", "tests.planes.mirror", self.socket]
        self.forwarder = Forwarder(
            self.socket, lambda: subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE), LARGEST_BODY
        )
        self.port = free_port()
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app, port=self.port, log_level="error", lifespan="off", interface="asgi3", proxy_headers=False
            )
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)

    async def _app(self, scope, receive, send) -> None:
        await self.forwarder(scope, receive, send)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self.forwarder.close()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    front = Front(tmp_path_factory.mktemp("front"))
    yield front
    front.close()


@pytest.fixture
def client(front: Front) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{front.port}", timeout=30) as client:
        yield client


def pieces(size: int) -> Iterator[bytes]:
    """So many bytes without their number said first, so that they travel in chunks."""
    for start in range(0, size, 70_000):
        yield b"x" * min(70_000, size - start)


def raw(front: Front, *parts: bytes, pause: float = 0.0) -> bytes:
    """What the server answers to these bytes, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", front.port), timeout=30) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        found = b""
        while piece := connection.recv(65_536):
            found += piece
        return found


def test_the_request_arrives_as_it_was_sent(client):
    said = client.get(
        "/de/stra%C3%9Fe/", params={"q": "ä&b"}, headers={"Accept-Language": "de", "Cookie": "a=1"}
    ).json()
    assert said["PATH_INFO"].encode("latin-1").decode() == "/de/straße/"
    assert said["QUERY_STRING"] == "q=%C3%A4%26b"
    assert (said["HTTP_ACCEPT_LANGUAGE"], said["HTTP_COOKIE"]) == ("de", "a=1")
    assert said["HTTP_HOST"].startswith("127.0.0.1:")


def test_repeated_headers_of_the_answer_come_back(client):
    assert client.get("/").headers.get_list("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]


@pytest.mark.parametrize("size", [0, 1, 65_536, 5_000_000])
@pytest.mark.parametrize("said", ["with its length", "in chunks"])
def test_uploads_arrive_whole(client, size, said):
    body = b"x" * size if said == "with its length" else pieces(size)
    answer = client.post("/upload", content=body).json()
    assert (answer["size"], answer["CONTENT_LENGTH"], answer["rest"]) == (size, str(size), 0)
    assert answer["sha256"] == hashlib.sha256(b"x" * size).hexdigest()


def test_a_client_that_waits_for_permission_gets_it_and_one_answer(front):
    """curl asks with «Expect: 100-continue» before every body of more than a megabyte."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    answer = raw(front, head, b"12345", pause=0.2)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"), answer[:200]
    assert b'"size": 5' in answer


@pytest.mark.parametrize("said", ["with its length", "in chunks"])
def test_an_upload_that_is_too_large_is_refused(client, said):
    size = LARGEST_BODY + 5_000_000
    body = b"x" * size if said == "with its length" else pieces(size)
    with contextlib.suppress(httpx.WriteError):  # the server had answered and closed before everything was sent
        assert client.post("/upload", content=body).status_code == 413
    assert client.get("/").status_code == 200


def test_an_upload_that_breaks_off_is_not_taken_for_a_whole_one(front, client):
    head = b"POST /die HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"
    before = client.get("/").json()["process"]
    with socket.create_connection(("127.0.0.1", front.port)) as connection:
        connection.sendall(head)
        time.sleep(0.2)
    time.sleep(0.5)
    assert client.get("/").json()["process"] == before  # the application, which would have died of it, was not asked


def test_head_has_the_length_and_no_body(client):
    answer = client.head("/large/1000")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "1000", b"")
    assert client.get("/").status_code == 200  # the connection is in order


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body(client, status):
    for _ in range(2):  # twice on one connection: nothing of the first stays behind
        answer = client.get(f"/status/{status}")
        assert (answer.status_code, answer.content) == (status, b"")
        assert answer.headers["etag"] == '"1"'


def test_a_large_page_comes_whole(client):
    answer = client.get("/large/30000000")
    assert len(answer.content) == 30_000_000 and answer.content[-10:] == b"0123456789"


def test_what_a_client_says_of_forwarding_is_not_believed(client):
    headers = {
        "X-Forwarded-For": "203.0.113.9",
        "X_Forwarded_For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=203.0.113.9;proto=https",
    }
    said = client.get("/", headers=headers).json()
    assert (said["REMOTE_ADDR"], said["scheme"]) == ("127.0.0.1", "http")
    assert said["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert "203.0.113.9" not in str(said)


def test_only_this_user_may_open_the_socket(front, client):
    client.get("/")
    assert stat.S_IMODE(os.stat(front.socket).st_mode) == 0o600


def test_a_page_process_that_dies_under_a_request_says_so_and_comes_back(client):
    answer = client.get("/die")
    assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
    assert client.get("/").status_code == 200


def test_a_page_process_that_was_killed_comes_back(client):
    before = client.get("/").json()["process"]
    os.kill(before, signal.SIGKILL)
    after = client.get("/").json()["process"]
    assert after != before


def test_many_at_once_through_a_restart(client, front):
    """Every request gets an answer, whatever happens to the page process meanwhile."""
    found: list[int] = []

    def ask() -> None:
        with httpx.Client(base_url=str(client.base_url), timeout=30) as own:
            for _ in range(20):
                found.append(own.get("/").status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    front.forwarder.process.kill()
    for thread in threads:
        thread.join()
    assert len(found) == 160 and set(found) <= {200, 503} and found.count(200) > 100
