"""`$batch`: several requests in one, with references between them (18-088 § 11; in JSON as in OData 4.01 § 11.7).

Members of an atomicity group (in multipart, of a change set) are carried out together or not at all. Others stand for
themselves: one that fails does not keep the rest from being done, unless `Prefer: continue-on-error=false` says so.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, field

from allmende.accounts.permissions import require
from allmende.api.problems import Problem
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.faults import fault
from allmende.api.sensorthings.language.paths import parse_path
from allmende.api.sensorthings.reading.answers import RawValue
from allmende.api.sensorthings.writing import multipart
from allmende.api.sensorthings.writing.bodies import BROKEN, bad, broken, too_deep
from allmende.api.sensorthings.writing.multipart import Part, Reply
from allmende.api.sensorthings.writing.performing import needed
from allmende.api.sensorthings.writing.transacting import Failed, Request, carry_out

MOST = 1_000
_STOP = re.compile(r"continue-on-error\s*=\s*false")
_REFERENCE = re.compile(r"/?\$([^/?()]+)(.*)", re.DOTALL)
_VERSION = re.compile(r"/?v1\.[01](?=/)")
_encode = msgspec.json.Encoder().encode
Handle = Callable[[Ask], Awaitable[Answer]]


class _Request(Struct):
    id: str | int
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = msgspec.UNSET
    atomicityGroup: str | None = None  # noqa: N815 - OData's names
    dependsOn: list[str] = field(default_factory=list)  # noqa: N815


class _Batch(Struct):
    requests: list[_Request]


_decode = msgspec.json.Decoder(_Batch).decode


async def run_batch(ask: Ask, handle: Handle) -> Answer:
    """Does what the batch asks for, in its order. handle: answers a single request. Raises Problem for a batch that
    cannot be read; what its members meet with stands in the answer."""
    if ask.method != "POST":
        detail = "A batch is sent with POST."
        raise Problem(405, "wrong_method", "Wrong method", detail, headers={"Allow": "POST"})
    several = ask.content_type.startswith("multipart/")
    parts = multipart.parse(ask.body) if several else _parsed(ask.body)
    if len(parts) > MOST:
        raise Problem(400, "broken_batch", "The batch is too long", f"At most {MOST:,} requests at once.")
    replies = await _Run(ask, handle).all(parts)
    if several:
        kind, body = multipart.written(replies)
        return Answer(200, body, {"Content-Type": kind})
    return Answer(200, {"responses": [_as_json(reply) for reply in replies]})


def _parsed(body: bytes) -> list[Part]:
    try:
        batch = _decode(body)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        what = f"{message}; a batch is an object with a list of requests, each with id, method and url"
        raise bad(path.strip("`") or "$", what, "broken_batch") from error
    except BROKEN as error:
        raise broken(error, body) from error
    except RecursionError as error:
        raise too_deep("$") from error
    return [
        Part(
            str(one.id),
            one.method.upper(),
            one.url,
            {name.lower(): value for name, value in one.headers.items()},
            b"" if one.body is msgspec.UNSET else _encode(one.body),
            one.atomicityGroup,
            one.dependsOn,
        )
        for one in batch.requests
    ]


def _as_json(reply: Reply) -> dict[str, Any]:
    made: dict[str, Any] = {"id": reply.id, "status": reply.status}
    if reply.group is not None:
        made["atomicityGroup"] = reply.group
    if location := reply.headers.get("Location"):
        made["location"] = location  # as peers have it; OData has it among the headers
    if reply.headers:
        made["headers"] = {name.lower(): value for name, value in reply.headers.items()}
    if reply.body:
        json = reply.headers.get("Content-Type", "application/json").startswith(("application/json", "application/p"))
        made["body"] = msgspec.Raw(reply.body) if json else reply.body.decode("utf-8", "replace")
    return made


class _Run:
    """One batch under way. made: the path of what each request created, by the request's id."""

    def __init__(self, ask: Ask, handle: Handle) -> None:
        self.ask, self.handle = ask, handle
        self.made: dict[str, str] = {}
        self.failed: set[str] = set()
        self.stop_at_first = bool(_STOP.search(ask.prefer))

    async def all(self, parts: list[Part]) -> list[Reply]:
        """The replies, one for each part, in order."""
        _check(parts)
        replies: list[Reply] = []
        at = 0
        while at < len(parts):
            group = parts[at].group
            together = [parts[at]]
            while group is not None and at + len(together) < len(parts) and parts[at + len(together)].group == group:
                together.append(parts[at + len(together)])
            at += len(together)
            if self.stop_at_first and self.failed:
                found = [_not_done(part, "An earlier request failed.") for part in together]
            else:
                found = await (self._group(together) if group is not None else self._alone(together[0]))
            for reply in found:
                self._note(reply)
            replies += found
        return replies

    def _note(self, reply: Reply) -> None:
        if reply.status >= 400:
            self.failed.add(reply.id)
            if reply.group is not None:
                self.failed.add(reply.group)
        elif "Location" in reply.headers:
            self.made[reply.id] = reply.headers["Location"].removeprefix(self.ask.root)

    async def _alone(self, part: Part) -> list[Reply]:
        try:
            answer = await self.handle(self._asked(part))
        except Exception as error:
            return [_refused(part, error)]
        return [_reply(part, answer)]

    async def _group(self, parts: list[Part]) -> list[Reply]:
        """All or nothing. References within the group lead to what is created before them in it."""
        place = 0
        try:
            requests: list[Request] = []
            for place, part in enumerate(parts):
                if part.method in ("GET", "HEAD"):
                    raise Problem(400, "broken_batch", "Reading is not changing", "A group holds changes only, no GET.")
                ask = self._asked(part, {one.id for one in parts[:place]})
                path = None if ask.path.startswith("/$") else parse_path(ask.path)
                if path is not None:
                    require(ask.actor, needed(path))
                requests.append((ask, path))
            answers = await carry_out(requests, [part.id for part in parts])
        except Failed as failed:
            place, error = failed.place, failed.__cause__
        except Exception as found:
            error = found
        else:
            return [_reply(part, answer) for part, answer in zip(parts, answers, strict=True)]
        assert isinstance(error, Exception)
        why = f"Nothing of the group was done, because of the request «{parts[place].id}»."
        return [_refused(part, error) if number == place else _not_done(part, why) for number, part in enumerate(parts)]

    def _asked(self, part: Part, coming: set[str] = frozenset()) -> Ask:  # type: ignore[assignment]
        """A part as a question of its own. coming: ids of the requests of the same group that come before it. Raises
        Problem."""
        if missing := self.failed.intersection(part.needs):
            raise Problem(424, "not_done", "Not done", f"It depends on «{min(missing)}», which failed.")
        path, _, query = self._address(part.url, coming).partition("?")
        return Ask(
            actor=self.ask.actor,
            method=part.method,
            path=path,
            query=query,
            body=self._resolved(part.body, coming),
            content_type=part.headers.get("content-type", "application/json").partition(";")[0].strip().lower(),
            root=self.ask.root,
            language=self.ask.language,
            prefer=part.headers.get("prefer", self.ask.prefer).lower(),
        )

    def _address(self, url: str, coming: set[str]) -> str:
        """What follows `/v1.1` in an address that is absolute, absolute within the host, relative to the service, or
        begins with a reference. Raises Problem."""
        if match := _REFERENCE.fullmatch(url):
            if match[1] in ("batch", "metadata"):
                raise Problem(400, "broken_batch", "A batch within a batch", "A batch cannot hold another.")
            return f"/{url.removeprefix('/')}" if match[1] in coming else f"{self._known(match[1])}{match[2]}"
        root = urlsplit(self.ask.root)
        if "://" in url.partition("?")[0]:
            url = url.partition("://")[2].partition("/")[2]
            url = f"/{url}"
        if url.startswith(f"{root.path}/"):
            return url.removeprefix(root.path)
        url = _VERSION.sub("", url, count=1)
        return url if url.startswith("/") else f"/{url}"

    def _known(self, id_: str) -> str:
        if id_ in self.made:
            return self.made[id_]
        if id_ in self.failed:
            raise Problem(424, "not_done", "Not done", f"It refers to «{id_}», which failed.")
        raise bad("$.url", f"«${id_}» refers to no earlier request that created something.", "broken_batch")

    def _resolved(self, body: bytes, coming: set[str]) -> bytes:
        """The body with `"$id"` in the place of an `@iot.id` replaced by the id that it stands for."""
        if b'"$' not in body:
            return body
        try:
            said = msgspec.json.decode(body)
        except (*BROKEN, RecursionError):
            return body  # whoever answers it says what is wrong with it
        return _encode(_replaced(said, lambda id_: None if id_ in coming else self._id(id_)))

    def _id(self, id_: str) -> str:
        return self._known(id_).rpartition("('")[2].removesuffix("')")


def _replaced(value: Any, find: Callable[[str], str | None]) -> Any:
    if isinstance(value, list):
        return [_replaced(one, find) for one in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for name, inner in value.items():
        if name == "@iot.id" and isinstance(inner, str) and inner.startswith("$"):
            made[name] = find(inner[1:]) or inner
        else:
            made[name] = _replaced(inner, find)
    return made


def _check(parts: list[Part]) -> None:
    """Raises Problem for ids that are not unique and groups that are torn apart."""
    seen: set[str] = set()
    ended: set[str] = set()
    before = None
    for part in parts:
        if part.id in seen:
            raise bad("$.requests", f"The id «{part.id[:80]}» is given twice.", "broken_batch")
        seen.add(part.id)
        if part.group != before and before is not None:
            ended.add(before)
        if part.group is not None and part.group in ended:
            raise bad(
                "$.requests", f"The members of the group «{part.group[:80]}» must stand together.", "broken_batch"
            )
        before = part.group


def _reply(part: Part, answer: Answer) -> Reply:
    body = answer.body
    if isinstance(body, RawValue):
        encoded = body.encode()
    elif body is None or isinstance(body, bytes):
        encoded = body or b""
    else:
        encoded = _encode(body)
    return Reply(part.id, answer.status, dict(answer.headers), encoded, part.group)


def _refused(part: Part, error: Exception) -> Reply:
    problem = fault(error)
    headers = {"Content-Type": "application/problem+json", **problem.headers}
    return Reply(part.id, problem.status, headers, problem.encoded(), part.group)


def _not_done(part: Part, why: str) -> Reply:
    return _refused(part, Problem(424, "not_done", "Not done", why))
