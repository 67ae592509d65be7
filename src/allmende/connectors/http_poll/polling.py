"""One address, asked again and again."""

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
from django.utils.translation import gettext_noop as _

from allmende.connectors.bookmarks import Bookmarks
from allmende.connectors.kind import Way
from allmende.connectors.pauses import about, pause_after, sleep
from allmende.connectors.readings import Message, arrival_now
from allmende.core.outgoing import Answer, Outgoing, OutgoingError

_BOOKMARK = "http_poll/last"
_LONGEST_PAUSE = 3600.0
_LONGEST_WISH = 86_400.0  # how long a server may send us away at most
_BEGIN_WITHIN = 2.0


class Poller:
    """What was kept is remembered: the same document is not read twice, not even after a restart."""

    def __init__(self, way: Way) -> None:
        self._way, self._config, self._health = way, way.config, way.health
        self._bookmarks = Bookmarks(way.code)
        self._last: dict[str, Any] = {}
        # Rules that changed read the same document anew.
        self._rules = sha256(msgspec.json.encode(self._config)).hexdigest()
        mapping = self._config.mapping
        # Without a time of its own the same document at another moment is another observation.
        self._timed = mapping is None or bool(mapping.time)

    async def run(self, stop: asyncio.Event) -> None:
        """Asks until the event is set."""
        self._last = await self._bookmarks.get(_BOOKMARK)
        if self._last.get("rules") != self._rules:
            self._last = {}
        pause = about(_BEGIN_WITHIN) * 0.5
        while True:
            self._health.again(pause)
            await sleep(stop, pause)
            if stop.is_set():
                return
            pause = await self._attempt()

    async def _attempt(self) -> float:
        """One attempt; the seconds until the next."""
        every = float(self._config.every)
        try:
            async with Outgoing() as client:
                answer = await client.get(self._config.url, self._headers())
            await self._use(answer)
        except _Sent as away:
            self._health.connection(False, away.said)
            return max(away.seconds, every)
        except OutgoingError as error:
            self._health.connection(False, error.said)
            return pause_after(self._health.attempts_failed, every, max(every, _LONGEST_PAUSE))
        self._health.connection(True)
        return about(every)

    def _headers(self) -> dict[str, str]:
        headers = dict(self._config.headers)
        if self._config.token:
            headers["Authorization"] = f"Bearer {self._config.token}"
        if self._timed:
            for name, header in (("etag", "If-None-Match"), ("modified", "If-Modified-Since")):
                if self._last.get(name):
                    headers[header] = self._last[name]
        return headers

    async def _use(self, answer: Answer) -> None:
        """Takes what came, and remembers it when it is on disk. Raises OutgoingError for an answer that is none."""
        if answer.status == 304:
            return
        if answer.status in (429, 503):
            raise _Sent(answer)
        if not 200 <= answer.status < 300:
            raise OutgoingError(_("%(url)s answers %(status)s."), url=answer.url[:200], status=answer.status)
        digest = sha256(answer.body).hexdigest()
        if self._timed and digest == self._last.get("digest"):
            return
        await self._way.intake.take_own(Message(answer.body, "", arrival_now()))
        self._last = {"rules": self._rules, "digest": digest, **_validators(answer.headers)}
        await self._bookmarks.put({_BOOKMARK: self._last})


class _Sent(OutgoingError):
    """The server sends us away for a while; seconds: how long."""

    def __init__(self, answer: Answer) -> None:
        given = answer.headers.get("retry-after", "").strip()
        self.seconds = min(float(given), _LONGEST_WISH) if given.isdecimal() else 60.0
        text = _("%(url)s answers %(status)s and asks to come again later.")
        super().__init__(text, url=answer.url[:200], status=answer.status)


def _validators(headers: Mapping[str, str]) -> dict[str, str]:
    """What a conditional request needs of the answer before."""
    found = {"etag": headers.get("etag", ""), "modified": headers.get("last-modified", "")}
    return {name: value[:500] for name, value in found.items() if value}
