"""The batch format of 18-088 § 11: multipart/mixed parts that hold whole HTTP requests, in change sets or alone."""

import itertools
import re
import secrets
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct, field

from allmende.api.problems import Problem

_BOUNDARY = re.compile(rb"\A\s*--([!-~]{1,70}?)[ \t]*\r?\n")
_NESTED = re.compile(r'boundary="?([^";\s]+)"?', re.IGNORECASE)
_LINE = re.compile(r"([A-Za-z]+) (\S.*?)(?: HTTP/\d(?:\.\d)?)?\s*\Z")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_encode = msgspec.json.Encoder().encode


class Part(Struct):
    """One request of a batch. url: as it came; group: members of one change set have the same."""

    id: str
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    group: str | None = None
    needs: list[str] = field(default_factory=list)


class Reply(Struct):
    """What became of a part. body: JSON, already encoded."""

    id: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    group: str | None = None


def parse(body: bytes) -> list[Part]:
    """The requests of a multipart batch. Raises Problem 400."""
    match = _BOUNDARY.match(body)
    if match is None:
        raise _broken("It does not begin with a boundary, which is two hyphens and a word on a line of their own")
    parts: list[Part] = []
    for number, (head, content) in enumerate(_split(body, match[1])):
        kind = head.get("content-type", "")
        if kind.lower().startswith("multipart/mixed"):
            nested = _NESTED.search(kind)
            if nested is None:
                raise _broken(f"Part {number + 1} is a change set without a boundary")
            for inner in _split(content, nested[1].encode()):
                parts.append(_request(*inner, group=f"changeset-{number}", place=len(parts)))
        else:
            parts.append(_request(head, content, group=None, place=len(parts)))
    return parts


def _broken(what: str) -> Problem:
    return Problem(400, "broken_batch", "The batch cannot be read", f"{what}. Nothing was done.")


def _split(body: bytes, boundary: bytes) -> list[tuple[dict[str, str], bytes]]:
    """(headers, content) of each part."""
    mark = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    found = list(mark.finditer(body))
    if len(found) < 2 or not found[-1][1]:
        raise _broken(f"The boundary «{boundary.decode('latin-1')[:70]}» is not closed with two more hyphens")
    pieces = [body[one.end() : other.start()] for one, other in itertools.pairwise(found)]
    return [_headed(piece) for piece in pieces]


def _headed(text: bytes) -> tuple[dict[str, str], bytes]:
    """A block of headers and what follows the empty line behind them."""
    if text.startswith((b"\r\n", b"\n")):
        return {}, text.lstrip(b"\r\n")
    end = _HEAD_END.search(text)
    head, rest = (text[: end.start()], text[end.end() :]) if end else (text, b"")
    headers = {}
    for line in head.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers, rest


def _request(head: dict[str, str], content: bytes, *, group: str | None, place: int) -> Part:
    first, _, rest = content.lstrip(b"\r\n").partition(b"\n")
    match = _LINE.match(first.decode("utf-8", "replace").strip())
    if match is None:
        raise _broken(f"Request {place + 1} does not begin with a line such as «GET /v1.1/Things HTTP/1.1»")
    headers, body = _headed(rest)
    return Part(head.get("content-id", str(place + 1)), match[1].upper(), match[2], headers, body.strip(), group)


def written(replies: list[Reply]) -> tuple[str, bytes]:
    """(content type, body) of the answer, in the same form."""
    boundary = f"batch_{secrets.token_hex(12)}"
    pieces: list[bytes] = []
    at = 0
    while at < len(replies):
        group = replies[at].group
        members = [replies[at]]
        while group is not None and at + len(members) < len(replies) and replies[at + len(members)].group == group:
            members.append(replies[at + len(members)])
        pieces.append(b"--" + boundary.encode() + b"\r\n")
        pieces.append(_alone(members[0], False) if group is None else _change_set(members))
        at += len(members)
    pieces.append(b"--" + boundary.encode() + b"--\r\n")
    return f"multipart/mixed; boundary={boundary}", b"".join(pieces)


def _change_set(members: list[Reply]) -> bytes:
    boundary = f"changeset_{secrets.token_hex(12)}"
    mark = b"--" + boundary.encode()
    inner = b"".join(mark + b"\r\n" + _alone(reply, True) for reply in members)
    return f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode() + inner + mark + b"--\r\n"


def _alone(reply: Reply, named: bool) -> bytes:
    lines = ["Content-Type: application/http"]
    if named:
        lines.append(f"Content-ID: {reply.id}")
    headers: dict[str, Any] = dict(reply.headers)
    if reply.body:
        headers = {"Content-Type": "application/json", **headers, "Content-Length": len(reply.body)}
    lines += ["", f"HTTP/1.1 {reply.status} {_reason(reply.status)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + reply.body + b"\r\n"


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
