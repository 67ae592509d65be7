"""How far a connector got with what it reads piece by piece; kept in the database, so that a restart goes on there."""

import asyncio
from collections.abc import Mapping
from typing import Any

from allmende.connectors.models import Bookmark, Connector
from allmende.core.connections import cleanly


class Bookmarks:
    """Those of one connector."""

    def __init__(self, connector: str) -> None:
        self._connector = connector

    async def get(self, name: str) -> dict[str, Any]:
        """One bookmark; empty where there is none."""
        return (await self.all(name)).get(name, {})

    async def all(self, prefix: str = "") -> dict[str, dict[str, Any]]:
        """Name → data of those whose name begins so."""
        return await asyncio.to_thread(cleanly, self._read, prefix)

    async def put(self, marks: Mapping[str, dict[str, Any]]) -> None:
        """Writes bookmarks, in the place of those of the same name. A connector that was removed gets none."""
        await asyncio.to_thread(cleanly, self._write, marks)

    def _read(self, prefix: str) -> dict[str, dict[str, Any]]:
        rows = Bookmark.objects.filter(connector__code=self._connector, name__startswith=prefix)
        return dict(rows.values_list("name", "data"))

    def _write(self, marks: Mapping[str, dict[str, Any]]) -> None:
        connector = Connector.objects.filter(code=self._connector).only("pk").first()
        if connector is not None:
            Bookmark.objects.bulk_create(
                [Bookmark(connector=connector, name=name, data=data) for name, data in marks.items()],
                update_conflicts=True,
                unique_fields=["connector", "name"],
                update_fields=["data"],
            )
