"""Follows another SensorThings server: news first, and its history from the newest backwards.

Backwards, because what people look at is the last day, week and year; whatever interrupts it leaves one unbroken piece
that ends now. Each datastream has one bookmark with both ends of that piece, moved only when a page is on disk, so that
a restart goes on where it was. Reading a page twice changes nothing.
"""

import asyncio
from dataclasses import asdict, dataclass
from typing import Any

from allmende.connectors.bookmarks import Bookmarks
from allmende.connectors.kind import Way
from allmende.connectors.pauses import about, pause_after, sleep
from allmende.connectors.readings import Reading, Wanted
from allmende.connectors.sta_pull.entities import Seen, Stream, is_interval, literal, seen_of, stream_of
from allmende.connectors.sta_pull.remote import NotOffered, RemoteSta, query
from allmende.core.clock import parse_instant
from allmende.core.outgoing import OutgoingError

_PREFIX = "sta/"
_LONGEST_PAUSE = 3600.0
_STREAMS_AT_ONCE = 100
_STRUCTURE_SECONDS = 3600.0
_POLITE_SECONDS = 0.05  # between two pages of history: the other server has others to serve
_LAST = "Observations($select=phenomenonTime,resultTime,result;$orderby=phenomenonTime desc;$top=1)"
_WITH = "Thing($expand=Locations),ObservedProperty"


@dataclass(slots=True)
class Mark:
    """newest, oldest: both ends of what is here (µs UTC); done: there is nothing older to be had."""

    newest: int | None = None
    oldest: int | None = None
    done: bool = False


class _Maker:
    """Knows how a datastream of the other server is made here."""

    __slots__ = ("_wanted",)

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted

    def wanted(self, reading: Reading) -> Wanted:
        return self._wanted


class Puller:
    """One connector's work."""

    def __init__(self, way: Way) -> None:
        self._way, self._config, self._health = way, way.config, way.health
        headers = dict(self._config.headers)
        if self._config.token:
            headers["Authorization"] = f"Bearer {self._config.token}"
        self._headers = headers
        self._bookmarks = Bookmarks(way.code)
        self._streams: dict[str, Stream] = {}
        self._marks: dict[str, Mark] = {}
        self._skipped = self._rows = 0
        self._nested = True  # whether the server understands options inside $expand

    async def run(self, stop: asyncio.Event) -> None:
        """Until the event is set."""
        saved = await self._bookmarks.all(_PREFIX)
        self._marks = {name.removeprefix(_PREFIX): Mark(**data) for name, data in saved.items()}
        pause, structured = 0.5, -_STRUCTURE_SECONDS
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            self._health.again(pause)
            await sleep(stop, pause)
            if stop.is_set():
                return
            begun = loop.time()
            try:
                async with RemoteSta(self._config.url, self._headers) as remote:
                    if begun - structured > _STRUCTURE_SECONDS or not self._streams:
                        await self._structure(remote)
                        structured = begun
                    await self._news(remote)
                    self._health.connection(True)
                    await self._history(remote, stop, begun + self._config.every)
                pause = max(about(self._config.every) - (loop.time() - begun), 0.1)
            except OutgoingError as error:
                self._health.connection(False, error.said)
                every = float(self._config.every)
                pause = pause_after(self._health.attempts_failed, every, max(every, _LONGEST_PAUSE))
            self._tell()

    def _tell(self) -> None:
        done = sum(mark.done for mark in self._marks.values())
        self._health.progress = {
            "datastreams": len(self._streams),
            "history_complete": done,
            "not_numbers": self._skipped,
        }

    # What there is

    async def _structure(self, remote: RemoteSta) -> None:
        """All datastreams with their things, made here where they are not known yet."""
        streams: dict[str, Stream] = {}
        async for entity in self._datastreams(remote):
            last = entity.get("Observations")
            first = last[0] if isinstance(last, list) and last and isinstance(last[0], dict) else {}
            stream = stream_of(remote, entity, interval=is_interval(first))
            if stream is not None:
                streams[stream.key] = stream
        self._streams = streams
        found = [Reading(key, 0, None, _Maker(stream.wanted), {}) for key, stream in streams.items()]
        for start in range(0, len(found), _STREAMS_AT_ONCE):
            await self._way.intake.know(found[start : start + _STREAMS_AT_ONCE])

    async def _datastreams(self, remote: RemoteSta) -> Any:
        """Each with Thing, Locations, ObservedProperty and its last observation, however the server lets us ask."""
        options: dict[str, str | int] = {"top": _STREAMS_AT_ONCE, "filter": self._config.filter}
        address = f"{remote.root}/Datastreams"
        try:
            async for entity in remote.all(address + query(expand=f"{_WITH},{_LAST}", **options)):
                yield entity
            return
        except NotOffered:
            self._nested = False
        async for entity in remote.all(address + query(**options)):
            for name in ("Thing", "ObservedProperty"):
                link = entity.get(f"{name}@iot.navigationLink")
                if isinstance(link, str) and link:
                    entity[name] = await remote.get(remote.here(link))
            thing = entity.get("Thing")
            places = thing.get("Locations@iot.navigationLink") if isinstance(thing, dict) else None
            if isinstance(places, str) and places and isinstance(thing, dict):
                thing["Locations"] = (await remote.page(remote.here(places)))[0]
            yield entity

    # What is new

    async def _news(self, remote: RemoteSta) -> None:
        """Reads on where there is something newer than what is here."""
        async for key, last in self._last_of_each(remote):
            stream = self._streams.get(key)
            if stream is None or last is None:
                continue
            mark = self._marks.setdefault(key, Mark())
            if mark.newest is None:
                mark.newest = last.at  # the history begins with it; without one, what is new does
                mark.newest -= self._config.history == "none"
            if last.at > mark.newest:
                await self._forward(remote, stream, mark, last.at)

    async def _last_of_each(self, remote: RemoteSta) -> Any:
        """(key, last observation or None) of every datastream; one request for many where the server lets us."""
        options: dict[str, str | int] = {"top": _STREAMS_AT_ONCE, "filter": self._config.filter}
        if self._nested:
            async for entity in remote.all(f"{remote.root}/Datastreams" + query(expand=_LAST, **options)):
                stream = stream_of(remote, {**entity, "Thing": {}})
                last = entity.get("Observations")
                if stream is not None and stream.key not in self._streams:
                    self._streams = {}  # a new one: the structure is read anew at the next look
                elif stream is not None:
                    newest = last[0] if isinstance(last, list) and last and isinstance(last[0], dict) else {}
                    yield stream.key, seen_of(newest)
            return
        for key, stream in list(self._streams.items()):
            found, _ = await remote.page(stream.observations + query(orderby="phenomenonTime desc", top=1))
            yield key, seen_of(found[0]) if found else None

    async def _forward(self, remote: RemoteSta, stream: Stream, mark: Mark, newest: int) -> None:
        """From what is here (and a little before, for what came late) to the newest. Each page begins where the one
        before ended: not every server leads on from a page that was asked for with $top."""
        assert mark.newest is not None
        since = mark.newest - self._config.overlap * 1_000_000
        while since < newest:
            address = stream.observations + query(
                filter=f"phenomenonTime gt {literal(since)}", orderby="phenomenonTime asc", top=self._config.page
            )
            entities, _ = await remote.page(address)
            seen = await self._keep(stream, entities)
            if not seen:
                return
            since = max(since + 1, *(each.at for each in seen))  # finer times than ours must not hold us in a circle
            mark.newest = max(mark.newest, since)
            await self._save(stream.key, mark)

    # What was

    async def _history(self, remote: RemoteSta, stop: asyncio.Event, until: float) -> None:
        """Pages backwards, one of each datastream in turn, until the next look for news is due."""
        loop = asyncio.get_running_loop()
        while not stop.is_set() and loop.time() < until:
            marks = {key: mark for key in self._streams if (mark := self._marks.get(key)) and mark.newest is not None}
            open_ones = [key for key, mark in marks.items() if not mark.done]
            if not open_ones:
                return
            for key in open_ones:
                await self._backward(remote, self._streams[key], marks[key])
                self._tell()
                await sleep(stop, _POLITE_SECONDS)
                if stop.is_set() or loop.time() >= until:
                    return

    async def _backward(self, remote: RemoteSta, stream: Stream, mark: Mark) -> None:
        """One page of what is older than what is here."""
        if self._config.history == "none" or mark.newest is None:
            mark.done = True
            await self._save(stream.key, mark)
            return
        begin = None if self._config.history == "all" else parse_instant(self._config.history)
        border = f"lt {literal(mark.oldest)}" if mark.oldest is not None else f"le {literal(mark.newest)}"
        older = f"phenomenonTime {border}" + ("" if begin is None else f" and phenomenonTime ge {literal(begin)}")
        address = stream.observations + query(filter=older, orderby="phenomenonTime desc", top=self._config.page)
        entities, _ = await remote.page(address)
        seen = await self._keep(stream, entities)
        if seen:
            mark.oldest = min(each.at for each in seen)
        mark.done = not seen
        await self._save(stream.key, mark)

    async def _keep(self, stream: Stream, entities: list[dict[str, Any]]) -> list[Seen]:
        """Writes a page; returns what was in it when that is on disk."""
        seen = [found for entity in entities if (found := seen_of(entity)) is not None]
        numbers = [each for each in seen if each.value is not None]
        self._skipped += len(entities) - len(numbers)
        maker = _Maker(stream.wanted)
        await self._way.intake.keep_own([Reading(stream.key, each.time, each.value, maker, {}) for each in numbers])
        return seen

    async def _save(self, key: str, mark: Mark) -> None:
        await self._bookmarks.put({_PREFIX + key: asdict(mark)})
