"""The other server: its addresses and its pages. Its links may name hosts that only it knows, so only their ends are
believed."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from django.utils.translation import gettext_noop as _

from allmende.core.outgoing import Limits, Outgoing, OutgoingError

LIMITS = Limits(seconds=60.0, size=64 * 1024 * 1024)
_MOST_PAGES = 10_000  # of one list: a server whose pages lead in a circle must not hold us for ever


class RemoteSta:
    """One SensorThings interface. Use it inside `async with`."""

    def __init__(self, root: str, headers: Mapping[str, str]) -> None:
        self.root = root.rstrip("/")
        self._version = "/" + self.root.rpartition("/")[2] + "/"
        self._headers = {"Accept": "application/json", **headers}
        self._client = Outgoing(LIMITS)

    async def __aenter__(self) -> "RemoteSta":
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._client.__aexit__(*error)

    def here(self, link: str) -> str:
        """A link of the server as an address that we reach it by. Raises OutgoingError for one that leads elsewhere."""
        parts = urlsplit(link)
        _before, found, tail = parts.path.partition(self._version)
        if not found:
            if parts.netloc and not link.startswith(self.root + "/"):
                raise OutgoingError(
                    _("A link of the server leads elsewhere, to %(link)s."), link=link[:200]
                )  # nor does its token
            return link if parts.netloc else f"{self.root}/{link.lstrip('/')}"
        return f"{self.root}/{tail}" + (f"?{parts.query}" if parts.query else "")

    async def get(self, address: str) -> dict[str, Any]:
        """One resource. Raises OutgoingError, and NotOffered where the server does not understand the question."""
        answer = await self._client.get(address, self._headers)
        if answer.status in (400, 404, 500, 501):
            raise NotOffered(_("%(address)s answers %(status)s."), address=address[:200], status=answer.status)
        if answer.status != 200:
            raise OutgoingError(_("%(address)s answers %(status)s."), address=address[:200], status=answer.status)
        try:
            found = msgspec.json.decode(answer.body)
        except (msgspec.DecodeError, RecursionError):
            raise OutgoingError(_("What %(address)s answers is no JSON."), address=address[:200]) from None
        if not isinstance(found, dict):
            raise OutgoingError(
                _("%(address)s answers something that SensorThings does not know."), address=address[:200]
            )
        return found

    async def page(self, address: str) -> tuple[list[dict[str, Any]], str]:
        """(entities, address of the next page or empty). Raises as `get`."""
        found = await self.get(address)
        values = found.get("value")
        if not isinstance(values, list):
            raise OutgoingError(_("%(address)s answers no list of entities."), address=address[:200])
        following = found.get("@iot.nextLink")
        entities = [each for each in values if isinstance(each, dict)]
        return entities, self.here(following) if isinstance(following, str) and following else ""

    async def all(self, address: str) -> AsyncIterator[dict[str, Any]]:
        """The entities of all pages. Raises as `get`."""
        for _page in range(_MOST_PAGES):
            entities, address = await self.page(address)
            for entity in entities:
                yield entity
            if not address:
                return
        raise OutgoingError(_("%(root)s has pages without end."), root=self.root)


class NotOffered(OutgoingError):
    """The server does not answer this question; another way of asking may do."""


def query(**options: str | int) -> str:
    """`?$top=5&…`; options without their dollar sign, empty ones left out."""
    given = "&".join(f"${name}={quote(str(value), safe='()/,;:=@')}" for name, value in options.items() if value)
    return f"?{given}" if given else ""
