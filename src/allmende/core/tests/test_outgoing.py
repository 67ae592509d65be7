"""The client for requests that leave the house, against a small server that misbehaves on demand."""

import asyncio
import gzip
import socket
import threading
from collections.abc import Iterator

import pytest

from allmende.core import outgoing
from allmende.core.addresses import is_public
from allmende.core.outgoing import Answer, Limits, Outgoing, OutgoingError, Refused, TooLarge, checked, fetch

SMALL = Limits(seconds=3, connect_seconds=1, size=1000)


class Misbehaving:
    """Answers by path; remembers the heads of requests."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.port = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.heads.append(head)
            path = head.split(" ")[1]
            for part in self.answer(path):
                if part is None:
                    await asyncio.sleep(5)
                else:
                    writer.write(part)
                    await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def answer(self, path: str):
        def plain(body, status="200 OK", *headers):
            lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
            return ["\r\n".join([*lines, "", ""]).encode() + body]

        packed = "Content-Encoding: gzip"
        where, _, target = path.partition("?to=")
        return {
            "/": lambda: plain(b"hello", "200 OK", "ETag: x"),
            "/r%C3%A4ume": lambda: plain(b"umlaut"),
            "/to": lambda: plain(b"", "302 Found", f"Location: {target}"),
            "/round": lambda: plain(b"", "302 Found", "Location: /round"),
            "/large": lambda: plain(b"x" * 1001),
            "/endless": lambda: [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 500] * 100],
            "/gzip": lambda: plain(gzip.compress(b"packed"), "200 OK", packed),
            "/bomb": lambda: plain(gzip.compress(b" " * 5_000_000), "200 OK", packed),
            "/cut": lambda: plain(gzip.compress(b"packed")[:-5], "200 OK", packed),
            "/broken": lambda: plain(b"no gzip", "200 OK", packed),
            "/brotli": lambda: plain(b"x", "200 OK", "Content-Encoding: br"),
            "/slow": lambda: [None],
            "/drip": lambda: [b"HTTP/1.1 200 OK\r\n\r\n", b"x", None, b"x"],
            "/garbage": lambda: [b"\x00\xff not http\r\n\r\n"],
            "/long-head": lambda: [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n"],
            "/hangs-up": list,
            "/short": lambda: [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"],
        }[where]()


@pytest.fixture(scope="module")
def server() -> Iterator[Misbehaving]:
    misbehaving, ready, ends = Misbehaving(), threading.Event(), []

    async def serve() -> None:
        listening = await asyncio.start_server(misbehaving.handle, "127.0.0.1", 0)
        misbehaving.port = listening.sockets[0].getsockname()[1]
        end = asyncio.Event()
        ends.append((asyncio.get_running_loop(), end))
        ready.set()
        await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    ready.wait()
    yield misbehaving
    loop, end = ends[0]
    loop.call_soon_threadsafe(end.set)
    thread.join()


def get(server: Misbehaving, path: str, allowed=None, headers=None, limits=SMALL) -> Answer:
    url = path if path.startswith("http") else f"http://127.0.0.1:{server.port}{path}"

    async def run() -> Answer:
        async with Outgoing(limits, ["127.0.0.1"] if allowed is None else allowed) as client:
            return await client.get(url, headers)

    return asyncio.run(run())


def test_an_answer(server):
    answer = get(server, "/", headers={"If-None-Match": "y"})
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"hello", "x")
    head = server.heads[-1].lower()
    assert "user-agent: allmende/" in head and "if-none-match: y" in head and f"host: 127.0.0.1:{server.port}" in head
    assert get(server, "/räume").body == b"umlaut"
    assert get(server, "/gzip").body == b"packed"


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.8.9.1", "169.254.169.254", "172.16.0.1", "172.31.255.1",
        "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd12::1",
        "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "nonsense", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "172.32.0.1", "193.99.144.80", "2a02:2e0::1", "2606:4700::1111", "64:ff9b::808:808"],
)
def test_addresses_that_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_whatever_leads_inside_is_refused(server, host):
    with pytest.raises(OutgoingError) as refused:
        get(server, f"http://{host}:{server.port}/", allowed=[])
    assert isinstance(refused.value, Refused) or "no address" in str(refused.value)


@pytest.mark.parametrize(
    ("allowed", "fits"),
    [
        (["127.0.0.1"], True),
        (["127.0.0.1:{port}"], True),
        (["127.0.0.1:1"], False),
        (["*.0.0.1"], True),
        (["localhost"], False),
        (["*.7.0.0.1"], False),
    ],
)
def test_hosts_that_the_administrator_named(server, allowed, fits):
    named = [each.format(port=server.port) for each in allowed]
    if fits:
        assert get(server, "/", named).status == 200
    else:
        with pytest.raises(Refused, match="ALLMENDE_OUTGOING_HOSTS"):
            get(server, "/", named)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "gopher://x", "//example.org", "example.org", "http://", "",
        "http://name:secret@example.org/", "http://example.org/a b", "http://example.org/\r\nX: y", "http://[::1",
        "http://example.org:99999/", "http://example.org:0/", "http://" + "x" * 300 + ".org/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_addresses_that_are_none(url):
    with pytest.raises(Refused):
        checked(url)


def test_redirects_are_checked_again(server):
    here = f"http://127.0.0.1:{server.port}/"
    assert get(server, f"/to?to={here}").url == here
    with pytest.raises(Refused):
        get(server, f"/to?to=http://localhost:{server.port}/", allowed=["127.0.0.1"])
    with pytest.raises(Refused):
        get(server, "/to?to=file:///etc/passwd")
    with pytest.raises(OutgoingError, match="leads on and on"):
        get(server, "/round")


def test_what_is_secret_is_not_sent_to_another_host(server):
    port = server.port
    secret = {"Authorization": "Bearer x", "X-Api-Key": "y", "Accept": "a/b"}
    get(server, f"/to?to=http://localhost:{port}/", allowed=["127.0.0.1", "localhost"], headers=secret)
    first, second = (head.lower() for head in server.heads[-2:])
    assert "bearer x" in first and "x-api-key" in first
    assert "bearer x" not in second and "x-api-key" not in second and "accept: a/b" in second


def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked(monkeypatch):
    """A name that is public when it is checked and leads inside when it is used (DNS rebinding)."""
    looked, asked = [], []

    async def addresses(self, host, port, **options):
        looked.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14" if len(looked) == 1 else "127.0.0.1", port))
        ]

    async def connect(self, host, port, *arguments):
        asked.append(host)
        raise outgoing.httpcore.ConnectError("nobody there")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", addresses)
    monkeypatch.setattr(outgoing.httpcore.AnyIOBackend, "connect_tcp", connect)
    with pytest.raises(OutgoingError, match=r"cannot be reached|no address"):
        fetch("http://rebinding.example/")
    assert (looked, asked) == (["rebinding.example"], ["93.184.215.14"])
    with pytest.raises(Refused):
        fetch("http://rebinding.example/")
    assert len(asked) == 1


def test_a_name_with_one_address_inside_is_refused_whole(monkeypatch):
    async def addresses(self, host, port, **options):
        return [(2, 1, 6, "", ("93.184.215.14", port)), (2, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", addresses)
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        fetch("http://both.example/")


@pytest.mark.parametrize("path", ["/large", "/endless", "/bomb"])
def test_answers_are_no_larger_than_they_may_be(server, path):
    with pytest.raises(TooLarge):
        get(server, path)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/cut", "too early"),
        ("/broken", "broken"),
        ("/brotli", "br"),
        ("/garbage", "cannot be reached"),
        ("/long-head", "cannot be reached"),
        ("/hangs-up", "cannot be reached"),
        ("/short", "cannot be reached"),
        ("http://127.0.0.1:1/", "cannot be reached"),
        ("http://nobody.invalid/", "no address"),
    ],
)
def test_answers_that_are_none_say_why(server, path, why):
    with pytest.raises(OutgoingError, match=why):
        get(server, path)


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_nobody_waits_for_ever(server, path):
    with pytest.raises(OutgoingError, match=r"in time|within"):
        get(server, path, limits=Limits(seconds=0.5))


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"Ä": "x"}, {"X": "\u20ac"}])
def test_headers_that_are_none_are_refused(server, headers):
    with pytest.raises(OutgoingError):
        get(server, "/", headers=headers)
