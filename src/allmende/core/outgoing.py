"""The one client for requests that leave the house: it asks nobody behind the town's own walls, and takes no more than
it was told to.

Names are resolved here, every address is checked, and the connection goes to the checked address; so neither a name
that changes its address between two look-ups nor a redirect leads inside. Hosts of the town's own network are named in
ALLMENDE_OUTGOING_HOSTS. httpcore rather than a larger client: redirects, unpacking and limits have to be our own
anyway, and it lets us choose the address that a connection goes to.
"""

import asyncio
import socket
import ssl
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore
from django.conf import settings
from django.utils.translation import gettext_noop as _

from allmende import __version__
from allmende.core.addresses import is_public
from allmende.core.said import SaidError

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_KEPT_ELSEWHERE = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since"})
_UNPACKED = ("", "identity", "gzip", "x-gzip", "deflate")


class OutgoingError(SaidError):
    """The request had no answer that can be used; the text says why, for people."""


class Refused(OutgoingError):
    """The address may not be asked."""


class TooLarge(OutgoingError):
    """The answer is larger than it may be."""


@dataclass(frozen=True, slots=True)
class Limits:
    """seconds: for the whole exchange; size: bytes of the answer, also unpacked; redirects: how many are followed."""

    seconds: float = 30.0
    connect_seconds: float = 10.0
    size: int = 16 * 1024 * 1024
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """url: where it came from in the end; headers by lower-case name, of repeated ones the last; body: unpacked."""

    status: int
    url: str
    headers: dict[str, str]
    body: bytes


class Outgoing:
    """Keeps connections for some requests to the same host. Use it as `async with Outgoing() as client:`."""

    def __init__(self, limits: Limits | None = None, allowed: Iterable[str] | None = None) -> None:
        """allowed: hosts that may be asked although they are not public; by default those of the settings."""
        self._limits = limits or Limits()
        hosts = settings.OUTGOING_HOSTS if allowed is None else allowed
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=4,
            keepalive_expiry=20.0,
            network_backend=_Guarded(tuple(host.lower() for host in hosts)),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.aclose()

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Asks for a resource, following redirects. Raises OutgoingError."""
        return await self.request("GET", url, headers)

    async def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Any request; redirects are followed for GET only. Raises OutgoingError."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._follow(method, url, dict(headers or {}), body)
        except TimeoutError:
            raise OutgoingError(
                _("%(url)s did not answer within %(seconds)s seconds."),
                url=_host(url),
                seconds=format(self._limits.seconds, "g"),
            ) from None

    async def _follow(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        for _attempt in range(self._limits.redirects + 1):
            answer = await self._once(method, url, headers, body)
            target = answer.headers.get("location", "")
            if method != "GET" or answer.status not in _REDIRECTS or not target:
                return answer
            before, url = url, urljoin(url, target)
            old, new = checked(before), checked(url)
            if old.scheme == "https" and new.scheme == "http":
                raise Refused(_("%(hostname)s leads from https to http, which is not followed."), hostname=old.hostname)
            if (old.scheme, old.netloc) != (new.scheme, new.netloc):  # what is secret was meant for the first host
                headers = {name: value for name, value in headers.items() if name.lower() in _KEPT_ELSEWHERE}
        raise OutgoingError(
            _("%(url)s leads on and on; after %(redirects)s redirects it was given up."),
            url=_host(url),
            redirects=self._limits.redirects,
        )

    async def _once(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        parts = checked(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        address = httpcore.URL(
            scheme=parts.scheme.encode(),
            host=_ascii(parts.hostname or ""),
            port=parts.port or _PORTS[parts.scheme],
            target=_ascii_target(target),
        )
        given = {"User-Agent": f"Allmende/{__version__}", "Accept-Encoding": "gzip", "Host": _netloc(parts), **headers}
        wait = {"connect": self._limits.connect_seconds, "read": self._limits.seconds, "write": self._limits.seconds}
        try:
            request = httpcore.Request(
                method,
                address,
                headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in given.items()],
                content=body,
                extensions={"timeout": {**wait, "pool": self._limits.seconds}},
            )
            response = await self._pool.handle_async_request(request)
            try:
                return await self._answer(url, response)
            finally:
                await response.aclose()
        except httpcore.TimeoutException:
            raise OutgoingError(_("%(host)s did not answer in time."), host=parts.hostname) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise OutgoingError(
                _("%(host)s cannot be reached: %(problem)s."),
                host=parts.hostname,
                problem=str(error).strip() or type(error).__name__,
            ) from None
        except (UnicodeEncodeError, RuntimeError, TypeError) as error:  # a header that no header can be
            raise OutgoingError(
                _("The request to %(host)s cannot be made: %(problem)s."), host=parts.hostname, problem=error
            ) from None

    async def _answer(self, url: str, response: httpcore.Response) -> Answer:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        coding = headers.get("content-encoding", "").strip().lower()
        if coding not in _UNPACKED:
            raise OutgoingError(
                _("%(url)s packs its answer as %(coding)s, which is not read here."), url=_host(url), coding=coding[:40]
            )
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._limits.size:
            raise self._too_large(url)
        parts, size = [], 0
        unpacker = zlib.decompressobj(47) if coding not in ("", "identity") else None
        async for part in response.stream:  # type: ignore[union-attr]
            try:
                plain = unpacker.decompress(part, self._limits.size - size + 1) if unpacker else part
            except zlib.error:
                raise OutgoingError(_("%(url)s sent packed data that are broken."), url=_host(url)) from None
            size += len(plain)
            if size > self._limits.size:
                raise self._too_large(url)
            parts.append(plain)
        if unpacker and parts and not unpacker.eof:
            raise OutgoingError(_("%(url)s sent packed data that end too early."), url=_host(url))
        return Answer(response.status, url, headers, b"".join(parts))

    def _too_large(self, url: str) -> TooLarge:
        return TooLarge(
            _("The answer of %(url)s is larger than %(size)s bytes."),
            url=_host(url),
            size=format(self._limits.size, ","),
        )


def fetch(url: str, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> Answer:
    """One GET from a thread without an event loop, such as that of a page. Raises OutgoingError. Blocks."""

    async def run() -> Answer:
        async with Outgoing(limits) as client:
            return await client.get(url, headers)

    return asyncio.run(run())


def checked(url: str) -> SplitResult:
    """The parts of an address that may be asked, as far as its text tells. Raises Refused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(_("«%(url)s» is no address: %(error)s."), url=url[:100], error=error) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Refused(_("«%(url)s» is no address that begins with http:// or https://."), url=url[:100])
    if any(sign.isspace() or not sign.isprintable() for sign in url):
        raise Refused(_("The address has blanks or signs in it that no address has."))
    if parts.username is not None or parts.password is not None:
        raise Refused(_("The address holds a name or password; give those as a header instead."))
    if port == 0:
        raise Refused(_("The address has the port 0."))
    _ascii(parts.hostname)
    return parts


class _Guarded(httpcore.AsyncNetworkBackend):
    """Opens connections to checked addresses only."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self._allowed = allowed
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._addresses(host, port, timeout)
        for last, address in enumerate(addresses, start=1):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last == len(addresses):
                    raise
        raise httpcore.ConnectError(f"{host} has no address.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await asyncio.wait_for(loop.getaddrinfo(host, port, type=socket.SOCK_STREAM), timeout)
        except TimeoutError:
            raise httpcore.ConnectTimeout("the name was not found in time") from None
        except (OSError, UnicodeError):
            raise OutgoingError(_("The name %(host)s has no address."), host=host[:100]) from None
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        inside = [address for address in addresses if not is_public(address)]
        if inside and not self._named(host, port):
            raise Refused(
                _(
                    "%(host)s is at %(inside)s, which is not an address of the public internet. If it belongs to the "
                    "town's own network, the administrator can name it in ALLMENDE_OUTGOING_HOSTS."
                ),
                host=host,
                inside=inside[0],
            )
        return addresses[:4]

    def _named(self, host: str, port: int) -> bool:
        """Whether the administrator has named the host: `host`, `host:port` or `*.domain`."""
        name = host.lower().rstrip(".")
        return any(
            each in (name, f"{name}:{port}", f"[{name}]:{port}") or (each.startswith("*.") and name.endswith(each[1:]))
            for each in self._allowed
        )


def _host(url: str) -> str:
    return urlsplit(url).hostname or url[:100]


def _netloc(parts: SplitResult) -> str:
    name = _ascii(parts.hostname or "").decode()
    name = f"[{name}]" if ":" in name else name
    return name if parts.port in (None, _PORTS[parts.scheme]) else f"{name}:{parts.port}"


def _ascii(host: str) -> bytes:
    """A host name as the wire has it, umlauts in Punycode. Raises Refused."""
    if ":" in host:
        return host.encode("ascii", "ignore")
    try:
        return host.encode("idna")
    except UnicodeError:
        raise Refused(_("«%(host)s» is no name of a host."), host=host[:100]) from None


def _ascii_target(target: str) -> bytes:
    """Path and query with letters beyond ASCII percent-encoded, and all else as it was given."""
    return b"".join(
        sign.encode() if sign.isascii() else "".join(f"%{byte:02X}" for byte in sign.encode()).encode()
        for sign in target
    )
