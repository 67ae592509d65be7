"""Brings what was kept to those who subscribed: encoded once for a topic, however many wait for it.

What comes in is queued and encoded in a thread of its own; the event loop only hands finished packets to sockets.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

import msgspec

from allmende.accounts.actors import SYSTEM, Actor
from allmende.api.sensorthings.mqtt import packets
from allmende.api.sensorthings.mqtt.topics import Topic, opened
from allmende.api.sensorthings.reading.context import Reader
from allmende.api.sensorthings.reading.fetching import fetch
from allmende.api.sensorthings.reading.pages import newest
from allmende.api.sensorthings.reading.scope import Rows, features_of
from allmende.api.sensorthings.reading.shapes import Observed, observations_as_objects, rows_as_objects
from allmende.core.connections import cleanly
from allmende.observations.queries.entities import rows_of, streams_by_id, visible_numbers

logger = logging.getLogger(__name__)

MOST_WAITING = 100_000  # observations to be sent; beyond that the oldest are left out: subscribers see QoS 0
_encode = msgspec.json.Encoder().encode


class Subscriber(Protocol):
    """What the hub needs of a client."""

    actor: Actor
    version: int

    def deliver(self, packet: bytes) -> None:
        """Hands over a packet; on the event loop only."""


_Delivery = tuple[list[Subscriber], bytes, bytes]  # to whom, the packet for MQTT 3.1.1, the one for MQTT 5


class Hub:
    """All subscriptions of this server. root: the public address of the service, for links in messages."""

    def __init__(self, loop: asyncio.AbstractEventLoop, root: str) -> None:
        self._loop, self._root = loop, root
        self._topics: dict[str, Topic] = {}
        self._lock = threading.Lock()
        self._waiting: deque[Observed] = deque(maxlen=MOST_WAITING)
        self._changed: deque[tuple[str, str]] = deque(maxlen=MOST_WAITING)
        self._some = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="sensorthings-mqtt", daemon=True)
        self._thread.start()

    # Subscribing

    def subscribe(self, client: Subscriber, text: str) -> list[bytes]:
        """Adds a client to a topic; returns packets it gets at once: the newest observation of a Datastream. Blocks.

        Raises NoTopic, QueryError, Missing.
        """
        topic = opened(text, self._reader(client.actor))
        with self._lock:
            topic = self._topics.setdefault(text, topic)
            topic.clients[client] = None
        if not topic.of_observations or topic.streams is None or len(topic.streams) != 1:
            return []
        rows = newest(topic.streams)
        return [packets.message(text, body, client.version, retained=True) for body in self._bodies(topic, rows)]

    def unsubscribe(self, client: Subscriber, text: str) -> bool:
        """Takes a client out of a topic; whether it was there."""
        with self._lock:
            topic = self._topics.get(text)
            if topic is None or client not in topic.clients:
                return False
            del topic.clients[client]
            if not topic.clients:
                del self._topics[text]
            return True

    def _reader(self, actor: Actor) -> Reader:
        return Reader(actor, self._root)

    # What happens

    def observed(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Observations were kept (StoredRows). From any thread, often: does next to nothing where nobody waits."""
        if not self._topics:
            return
        self._waiting.extend(Observed(*row) for row in rows if row[3] >= 0)
        self._some.set()

    def wanted(self) -> set[int] | None:
        """The Datastreams somebody waits for; None where that may be any."""
        with self._lock:
            topics = [topic for topic in self._topics.values() if topic.of_observations]
        if any(topic.streams is None for topic in topics):
            return None
        return {number for topic in topics for number in topic.streams or ()}

    def changed(self, entity: str, code: str) -> None:
        """An entity was made or changed. From any thread."""
        if self._topics:
            self._changed.append((entity, code))
            self._some.set()

    def close(self) -> None:
        """Ends the thread."""
        self._closing = True
        self._some.set()
        self._thread.join(5)

    # Encoding, in the thread

    def _run(self) -> None:
        while not self._closing:
            self._some.wait()
            self._some.clear()
            try:
                deliveries = cleanly(self._deliveries)
            except Exception:
                logger.exception("Messages to subscribers could not be made; they are left out.")
                continue
            if deliveries and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(_hand_over, deliveries)

    def _deliveries(self) -> list[_Delivery]:
        rows = _drain(self._waiting)
        changes = list(dict.fromkeys(_drain(self._changed)))
        with self._lock:
            topics = [(topic, list(topic.clients)) for topic in self._topics.values()]
        found: list[_Delivery] = []
        for topic, clients in topics:
            if topic.of_observations:
                found += self._observations(topic, clients, rows)
            else:
                for entity, code in changes:
                    found += self._entities(topic, clients, entity, code)
        return found

    def _observations(self, topic: Topic, clients: list[Subscriber], rows: list[Observed]) -> Iterable[_Delivery]:
        wanted = None if topic.streams is None else set(topic.streams)
        mine = [row for row in rows if wanted is None or row.ds in wanted]
        streams = streams_by_id(row.ds for row in mine)
        mine = [row for row in mine if row.ds in streams]
        if topic.feature is not None and mine:
            about = features_of(mine)
            mine = [row for row, feature in zip(mine, about, strict=True) if feature == topic.feature]
        for row, body in zip(mine, self._bodies(topic, mine), strict=True):
            if to := _allowed(clients, streams[row.ds].dataset):
                yield to, packets.message(topic.text, body, 4), packets.message(topic.text, body, 5)

    def _bodies(self, topic: Topic, rows: list[Observed]) -> list[bytes]:
        if not rows:
            return []
        return [_encode(made) for made in observations_as_objects(self._reader(SYSTEM), rows, topic.select)]

    def _entities(self, topic: Topic, clients: list[Subscriber], entity: str, code: str) -> Iterable[_Delivery]:
        scope = topic.scope
        if not isinstance(scope, Rows) or scope.entity.name != entity:
            return
        for actor, several in _by_actor(clients).items():
            visible = rows_of(entity, visible_numbers(actor)).filter(code=code)
            rows = fetch(entity, visible.filter(pk__in=scope.rows.values("pk")), 0, 1)
            if not rows:
                continue
            body = _encode(rows_as_objects(self._reader(actor), scope.entity, rows, topic.select)[0])
            yield several, packets.message(topic.text, body, 4), packets.message(topic.text, body, 5)


T = TypeVar("T")


def _drain(waiting: deque[T]) -> list[T]:
    taken = []
    while waiting:
        taken.append(waiting.popleft())
    return taken


def _by_actor(clients: list[Subscriber]) -> dict[Actor, list[Subscriber]]:
    groups: dict[Actor, list[Subscriber]] = {}
    for client in clients:
        groups.setdefault(client.actor, []).append(client)
    return groups


def _allowed(clients: list[Subscriber], dataset: int) -> list[Subscriber]:
    """Those of the clients that may see the dataset now; rights may have changed since they subscribed."""
    allowed = []
    for actor, several in _by_actor(clients).items():
        visible = visible_numbers(actor)
        if visible is None or dataset in visible:
            allowed += several
    return allowed


def _hand_over(deliveries: list[_Delivery]) -> None:
    for clients, packet4, packet5 in deliveries:
        for client in clients:
            client.deliver(packet4 if client.version == 4 else packet5)
