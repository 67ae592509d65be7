"""The bridge from ASGI to WSGI by itself: the environment of PEP 3333, bodies, limits, and what is closed at last."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from allmende.run.bridge import WsgiBridge


def scope(**more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "raw_path": b"/de/",
        "path": "/de/",
        "query_string": b"",
        "headers": [],
        "server": ("town.example", 8000),
        "client": ("192.0.2.7", 4711),
        **more,
    }


class Exchange:
    """One request: the pieces of its body in, the messages of the answer out. gone: the client hangs up after them."""

    def __init__(self, *pieces: bytes, gone: bool = False) -> None:
        self.messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces or (b"",)]
        if gone:
            self.messages.append({"type": "http.disconnect"})
        else:
            self.messages[-1]["more_body"] = False
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return self.messages.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return self.sent[0]["headers"]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


def answer(app: Callable, *pieces: bytes, gone: bool = False, bridge: dict | None = None, **more: Any) -> Exchange:
    """Sends one request through a bridge around a WSGI application."""
    exchange = Exchange(*pieces, gone=gone)
    through = WsgiBridge(app, **(bridge or {}))
    asyncio.run(through(scope(**more), exchange.receive, exchange.send))
    through.close()
    return exchange


class Seen:
    """A WSGI application that remembers what it was given."""

    environ: dict[str, Any] | None = None
    body = b""

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        self.environ = dict(environ)
        self.body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [b"one, ", b"two"]


@pytest.fixture
def seen() -> Seen:
    return Seen()


def test_the_environment_is_that_of_pep_3333(seen):
    answer(seen, method="POST", raw_path=b"/de/stra%C3%9Fe/a%2Fb", query_string=b"q=%C3%A4&r=1", scheme="https")
    environ = seen.environ
    assert environ["REQUEST_METHOD"] == "POST"
    assert environ["SCRIPT_NAME"] == ""
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/de/straße/a/b"
    assert environ["QUERY_STRING"] == "q=%C3%A4&r=1"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("town.example", "8000")
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert environ["REMOTE_ADDR"] == "192.0.2.7"
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["wsgi.version"] == (1, 0)
    assert environ["wsgi.multithread"] is True and environ["wsgi.run_once"] is False
    strings = [value for name, value in environ.items() if not name.startswith("wsgi.")]
    assert all(type(value) is str for value in strings)


def test_a_request_over_a_unix_socket_has_no_client_and_no_port(seen):
    answer(seen, client=None, server=("/run/pages.sock", None))
    assert seen.environ["REMOTE_ADDR"] == ""
    assert seen.environ["SERVER_PORT"].isdigit()


def test_repeated_headers_are_joined_and_cookies_by_semicolons(seen):
    headers = [(b"accept", b"text/html"), (b"accept", b"text/plain"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    answer(seen, headers=headers)
    assert seen.environ["HTTP_ACCEPT"] == "text/html,text/plain"
    assert seen.environ["HTTP_COOKIE"] == "a=1; b=2"  # RFC 9113, section 8.2.3: commas belong to the values


def test_headers_with_underscores_cannot_pose_as_others(seen):
    answer(seen, headers=[(b"x_forwarded_for", b"203.0.113.1"), (b"content_length", b"999"), (b"x-real", b"yes")])
    assert "HTTP_X_FORWARDED_FOR" not in seen.environ
    assert seen.environ.get("CONTENT_LENGTH") in (None, "", "0")
    assert seen.environ["HTTP_X_REAL"] == "yes"


@pytest.mark.parametrize("size", [0, 10, 3_000_000])
def test_the_body_arrives_whole_with_its_length(seen, size):
    half = size // 2
    answer(seen, b"a" * half, b"b" * (size - half), method="POST", headers=[(b"content-type", b"text/plain")])
    assert seen.body == b"a" * half + b"b" * (size - half)
    assert seen.environ["CONTENT_TYPE"] == "text/plain"
    # Sent in chunks, so nobody said how long it is; Django reads no further than CONTENT_LENGTH.
    assert seen.environ["CONTENT_LENGTH"] == str(size)


def test_the_answer_keeps_repeated_headers_and_gets_its_length(seen):
    exchange = answer(seen)
    assert exchange.status == 200 and exchange.body == b"one, two"
    assert [value for name, value in exchange.headers if name == b"set-cookie"] == [b"a=1", b"b=2"]
    assert dict(exchange.headers)[b"content-length"] == b"8"


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_answers_without_a_body_get_no_length(status):
    def empty(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        start_response(status, [("ETag", '"1"')])
        return []

    exchange = answer(empty)
    assert exchange.status == int(status[:3])
    assert b"content-length" not in dict(exchange.headers)


def test_a_body_that_is_too_large_is_refused_before_the_application_sees_it(seen):
    exchange = answer(seen, b"x" * 600, b"x" * 600, method="POST", bridge={"largest_body": 1_000})
    assert exchange.status == 413 and seen.environ is None


def test_a_body_that_is_announced_too_large_is_not_even_read(seen):
    exchange = answer(seen, b"x", method="POST", headers=[(b"content-length", b"5000")], bridge={"largest_body": 1_000})
    assert exchange.status == 413 and seen.environ is None
    assert len(exchange.messages) == 1  # nothing was taken


def test_a_client_that_hangs_up_while_sending_is_forgotten(seen):
    exchange = answer(seen, b"half of", method="POST", gone=True)
    assert exchange.sent == [] and seen.environ is None


def test_too_many_at_once_are_told_to_come_again():
    release = threading.Event()

    def slow(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        release.wait(10)
        start_response("200 OK", [])
        return [b"done"]

    async def crowd() -> list[Exchange]:
        bridge = WsgiBridge(slow, threads=1, waiting=1)
        patient = [Exchange(), Exchange()]
        tasks = [asyncio.create_task(bridge(scope(), each.receive, each.send)) for each in patient]
        await asyncio.sleep(0.05)
        late = Exchange()
        await asyncio.wait_for(bridge(scope(), late.receive, late.send), 1)
        release.set()
        await asyncio.gather(*tasks)
        after = Exchange()
        await bridge(scope(), after.receive, after.send)
        return [*patient, late, after]

    first, second, late, after = asyncio.run(crowd())
    assert (first.status, second.status, late.status, after.status) == (200, 200, 503, 200)
    assert int(dict(late.headers)[b"retry-after"]) > 0


class _Answer:
    """An iterable with the close() of PEP 3333."""

    def __init__(self, fails: bool) -> None:
        self.fails, self.closed = fails, False

    def __iter__(self):
        yield b"some"
        if self.fails:
            raise RuntimeError("half-way")

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("fails", [False, True])
def test_the_iterable_is_closed_also_when_it_breaks(fails):
    returned = _Answer(fails)

    def app(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        start_response("200 OK", [])
        return returned

    if fails:
        with pytest.raises(RuntimeError):
            answer(app)
    else:
        assert answer(app).body == b"some"
    assert returned.closed


def test_a_place_is_given_back_after_every_end():
    def broken(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        raise RuntimeError("no page")

    async def again_and_again() -> Exchange:
        bridge = WsgiBridge(broken, threads=1, waiting=0)
        for _ in range(3):
            failing = Exchange()
            with pytest.raises(RuntimeError):
                await bridge(scope(), failing.receive, failing.send)
        leaving = Exchange(b"x", gone=True)
        await bridge(scope(), leaving.receive, leaving.send)
        last = Exchange()
        with pytest.raises(RuntimeError):
            await bridge(scope(), last.receive, last.send)
        return last

    assert asyncio.run(again_and_again()).sent == []
