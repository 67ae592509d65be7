"""Reading request bodies with a limit, and unpacking gzip without being fooled by a bomb."""

import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from allmende.api.problems import Problem

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
# JSON of sensors packs about 20 to 1; zeros pack 1,000 to 1.
LARGEST_RATIO = 200
_SMALL = 1_000_000


class ClientGone(Exception):
    """The client hung up before its body was complete; there is nobody to answer."""


Headers = dict[bytes, bytes]


def headers_of(scope: MutableMapping[str, Any]) -> Headers:
    """The request's headers by lower-case name; of repeated ones the last."""
    return dict(scope["headers"])


def text(headers: Headers, name: bytes) -> str:
    """A header's value, or an empty text."""
    return headers.get(name, b"").decode("latin-1")


async def read(headers: Headers, receive: Receive, limit: int = 0) -> bytes:
    """The whole body, unpacked. limit: bytes, 0 for the usual one.

    Raises Problem 413 for too large, 415 for an encoding that is not known, ClientGone.
    """
    limit = limit or settings.MAX_BODY
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > limit:
        raise too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body = await _rest(body, receive, limit)
    if message["type"] == "http.disconnect":
        raise ClientGone
    if len(body) > limit:
        raise too_large(limit)
    return unpacked(body, text(headers, b"content-encoding").lower(), limit) if b"content-encoding" in headers else body


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its Content-Encoding. Raises Problem."""
    if encoding in ("", "identity"):
        return body
    if encoding == "gzip":
        return gunzip(body, limit)
    raise Problem(415, "unknown_encoding", "Content-Encoding is not known", f"'{encoding}' is not read here; use gzip.")


async def _rest(first: bytes, receive: Receive, limit: int) -> bytes:
    parts, size = [first], len(first)
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise too_large(limit)
        if not message.get("more_body"):
            return b"".join(parts)


def too_large(limit: int) -> Problem:
    """413, naming the limit and the way out."""
    detail = f"The body is larger than {limit:,} bytes; nothing was kept. Send it in several batches."
    return Problem(413, "body_too_large", "The body is too large", detail, limit=limit)


def gunzip(packed: bytes, limit: int) -> bytes:
    """Unpacks gzip up to a limit. Raises Problem 413 for a bomb, 400 for data that are broken or cut off."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(packed, min(limit, max(_SMALL, len(packed) * LARGEST_RATIO)) + 1)
    except zlib.error as error:
        raise Problem(400, "broken_gzip", "The gzip data are broken", f"{error}; nothing was kept.") from error
    if len(body) > limit:
        raise too_large(limit)
    if unpacker.unconsumed_tail:
        detail = f"The body unpacks to more than {LARGEST_RATIO} times its size; nothing was kept."
        raise Problem(413, "gzip_bomb", "The body unpacks suspiciously far", detail)
    if not unpacker.eof:
        detail = "The gzip data end too early; nothing was kept. Was the transfer cut off?"
        raise Problem(400, "broken_gzip", "The gzip data are cut off", detail)
    return body
