"""One MQTT connection: welcome, subscriptions, observations that are published, and the pace of it all."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast
from urllib.parse import quote

from allmende.accounts.actors import ANONYMOUS, Actor
from allmende.accounts.permissions import Denied
from allmende.api.problems import Problem
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.mqtt import packets
from allmende.api.sensorthings.mqtt.hub import Hub
from allmende.api.sensorthings.mqtt.packets import Kind, Malformed, Packet
from allmende.api.sensorthings.mqtt.topics import NoTopic, observations_in, path_of
from allmende.api.sensorthings.reading.context import Missing
from allmende.api.sensorthings.service import Ask
from allmende.api.sensorthings.writing.observing import at_once
from allmende.api.threads import in_thread
from allmende.core.codes import new_code
from allmende.observations.rows import BatchRefused
from allmende.observations.stores import StoreError

logger = logging.getLogger(__name__)

LARGEST = 1_000_000  # bytes of a packet
MOST_UNDER_WAY = 1_000  # publications that are not on disk yet; beyond that the client's socket is not read
MOST_BEHIND = 4_000_000  # bytes that a slow subscriber has not taken; beyond that messages are left out
MOST_TOPICS = 2_000  # of one client
LONGEST_KNOWN = 200  # characters of a topic that is remembered; those of observations have some fifty
WELCOME_SECONDS = 10.0

Identify = Callable[[str], Awaitable[Actor | None]]
Keep = Callable[[Ask], Awaitable[object]]

# Reasons of MQTT 5 (§ 2.4), and of 3.1.1 where it has one.
NOT_AUTHORISED, BAD_LOGIN, BAD_TOPIC, BAD_PAYLOAD, BUSY, GONE = 0x87, 0x86, 0x90, 0x99, 0x97, 0x8B
_LOGIN_OF_4, _VERSION_OF_4 = 4, 1
_REFUSED_OF_4 = 0x80


class Client(asyncio.Protocol):
    """identify: the Actor of a password (a token), None where it is none; keep: answers a POST; others: all that are
    connected, this one among them while it is."""

    def __init__(self, hub: Hub, root: str, identify: Identify, keep: Keep, others: "set[Client]") -> None:
        self._hub, self._root, self._identify, self._keep, self._others = hub, root, identify, keep, others
        self.actor: Actor = ANONYMOUS
        self.version = 0
        self._buffer = bytearray()
        self._order: asyncio.Queue[Packet] = asyncio.Queue()
        self._topics: set[str] = set()
        self._exactly_once: set[int] = set()
        self._under_way = 0
        self._acknowledged: list[bytes] = []
        self._targets: dict[str, tuple[str | None, bool] | None] = {}
        self._left_out = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._clock: asyncio.TimerHandle | None = None
        self._patience = WELCOME_SECONDS

    # Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As of asyncio."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without being called so
        self._others.add(self)
        self._wind()
        self._start(self._serve())

    def connection_lost(self, exc: Exception | None) -> None:
        """As of asyncio. What is under way is kept all the same; nobody is told."""
        self._others.discard(self)
        if self._clock:
            self._clock.cancel()
        for topic in self._topics:
            self._hub.unsubscribe(self, topic)
        self._topics.clear()
        self._order.put_nowait(Packet(Kind.DISCONNECT, 0, b""))

    def data_received(self, data: bytes) -> None:
        """As of asyncio."""
        self._buffer += data
        try:
            found = packets.split(self._buffer, LARGEST)
        except Malformed as error:
            return self._refuse(error)
        self._wind()
        for packet in found:
            if packet.kind == Kind.PUBLISH and self.version:
                self._published(packet)
            else:
                self._order.put_nowait(packet)
        return None

    def _wind(self) -> None:
        """A client that is silent for one and a half times its promise is gone (§ 3.1.2.10)."""
        if self._clock:
            self._clock.cancel()
        if self._patience:
            self._clock = asyncio.get_running_loop().call_later(self._patience, self._transport.close)

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # type: ignore[arg-type]
        task.add_done_callback(self._tasks.discard)  # type: ignore[arg-type]

    def _refuse(self, error: Exception) -> None:
        logger.info("An MQTT client was cut off: %s", error)
        self._transport.close()

    def deliver(self, packet: bytes) -> None:
        """Sends, unless the client is far behind: at QoS 0 a message may be left out, and memory must not grow."""
        if self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MOST_BEHIND:
            self._left_out += 1
            return
        self._transport.write(packet)

    def leave(self) -> None:
        """Says good-bye: the server stops."""
        self._acknowledge()
        if self.version == 5 and not self._transport.is_closing():
            self._transport.write(packets.disconnect(GONE))
        self._transport.close()

    # Packets in their order

    async def _serve(self) -> None:
        try:
            await self._welcome(await self._order.get())
            while (packet := await self._order.get()).kind != Kind.DISCONNECT:
                await self._answer(packet)
        except Malformed as error:
            self._refuse(error)
        self._transport.close()

    async def _welcome(self, packet: Packet) -> None:
        if packet.kind != Kind.CONNECT:
            raise Malformed("The first packet is not CONNECT.")
        try:
            asked = packets.connect(packet.body)
        except Malformed:
            self._transport.write(packets.connack(4, _VERSION_OF_4))
            raise
        if asked.password or asked.user:
            actor = await self._identify(asked.password or asked.user)
            if actor is None:
                reason = BAD_LOGIN if asked.version == 5 else _LOGIN_OF_4
                self._transport.write(packets.connack(asked.version, reason))
                raise Malformed("The password is no token that is known.")
            self.actor = actor
        self.version = asked.version
        self._patience = asked.keep_alive * 1.5
        self._wind()
        given = "" if asked.client_id else new_code("mqt")
        self._transport.write(packets.connack(self.version, 0, given))

    async def _answer(self, packet: Packet) -> None:
        match packet.kind:
            case Kind.PUBLISH:
                self._published(packet)
            case Kind.PUBREL:
                number = packets.number_of(packet.body)
                self._exactly_once.discard(number)
                self._transport.write(packets.acknowledgement(Kind.PUBCOMP, number, self.version))
            case Kind.SUBSCRIBE:
                await self._subscribe(packets.subscribe(packet, self.version))
            case Kind.UNSUBSCRIBE:
                self._unsubscribe(packets.subscribe(packet, self.version))
            case Kind.PINGREQ:
                self._transport.write(packets.pingresp())
            case Kind.PUBACK | Kind.PUBREC | Kind.PUBCOMP:
                return  # nothing is sent at QoS 1 or 2
            case _:
                raise Malformed(f"{packet.kind.name} must not come now.")

    async def _subscribe(self, asked: packets.Subscribe) -> None:
        reasons, at_once = [], []
        for topic, options in asked.topics:
            reason, newest = await self._one(topic)
            reasons.append(reason if self.version == 5 or reason < 0x80 else _REFUSED_OF_4)
            if not (self.version == 5 and options >> 4 & 3 == 2):  # § 3.8.3.1: do not send retained messages
                at_once += newest
        self._transport.write(packets.suback(Kind.SUBACK, asked.packet, reasons, self.version))
        for packet in at_once:
            self.deliver(packet)

    async def _one(self, topic: str) -> tuple[int, list[bytes]]:
        """(the reason code, 0 for QoS 0; what the client gets at once)."""
        if len(self._topics) >= MOST_TOPICS:
            return BUSY, []
        if "+" in topic.partition("?")[0] or "#" in topic:
            return 0xA2, []
        try:
            newest = await in_thread(self._hub.subscribe, self, topic)
        except (NoTopic, QueryError, Missing) as error:
            logger.info("A subscription to %r was refused: %s", topic, error)
            return BAD_TOPIC, []
        self._topics.add(topic)
        if self._transport.is_closing():
            self.connection_lost(None)
        return 0, newest

    def _unsubscribe(self, asked: packets.Subscribe) -> None:
        reasons = []
        for topic, _ in asked.topics:
            reasons.append(0 if self._hub.unsubscribe(self, topic) else 0x11)
            self._topics.discard(topic)
        self._transport.write(packets.suback(Kind.UNSUBACK, asked.packet, reasons, self.version))

    # Observations that are sent

    def _published(self, packet: Packet) -> None:
        try:
            sent = packets.publish(packet, self.version)
        except Malformed as error:
            return self._refuse(error)
        if sent.qos == 2:
            if sent.packet in self._exactly_once:  # sent again, and taken already
                self._transport.write(packets.acknowledgement(Kind.PUBREC, sent.packet, self.version))
                return None
            self._exactly_once.add(sent.packet)
        self._under_way += 1
        if self._under_way >= MOST_UNDER_WAY:
            self._transport.pause_reading()
        if (done := self._at_once(sent)) is None:
            return self._start(self._ordinarily(sent))
        done.add_done_callback(partial(self._kept, sent))
        return None

    def _kept(self, sent: packets.Publish, done: "asyncio.Future[Any]") -> None:
        self._settled(sent, BUSY if done.cancelled() or done.exception() else 0)

    def _at_once(self, sent: packets.Publish) -> "asyncio.Future[Any] | None":
        """The commonest message: an observation of a Datastream that is known. None for all others."""
        topic = sent.topic
        if len(topic) > LONGEST_KNOWN:
            return None
        if topic not in self._targets:
            if len(self._targets) >= MOST_TOPICS:
                self._targets.clear()
            self._targets[topic] = observations_in(topic)
        target = self._targets[topic]
        if target is None:
            return None
        try:
            begun = at_once(self.actor, sent.payload, *target)
        except (StoreError, Problem):
            return None  # the ordinary road says what became of it
        return begun[1] if begun else None

    async def _ordinarily(self, sent: packets.Publish) -> None:
        self._settled(sent, await self._keep_one(sent))

    def _settled(self, sent: packets.Publish, reason: int) -> None:
        """Acknowledges: only when it is on disk, or when it is certain that it never can be."""
        self._under_way -= 1
        if self._under_way == MOST_UNDER_WAY // 2:
            self._transport.resume_reading()
        if sent.qos == 0 or self._transport.is_closing():
            return
        if reason == BUSY:  # not kept, but it can be later: the client sends it again when it is not acknowledged
            self._exactly_once.discard(sent.packet)
            self._acknowledge()
            if self.version == 5:
                self._transport.write(packets.disconnect(GONE))
            self._transport.close()
            return
        kind = Kind.PUBACK if sent.qos == 1 else Kind.PUBREC
        self._acknowledged.append(packets.acknowledgement(kind, sent.packet, self.version, reason))
        if len(self._acknowledged) == 1:  # a commit settles many, and they are all told with one write
            asyncio.get_running_loop().call_soon(self._acknowledge)

    def _acknowledge(self) -> None:
        """Sends the acknowledgements of all that was settled."""
        if self._acknowledged and not self._transport.is_closing():
            self._transport.write(b"".join(self._acknowledged))
        self._acknowledged.clear()

    async def _keep_one(self, sent: packets.Publish) -> int:
        try:
            path = "/" + quote(path_of(sent.topic), safe="/()'$,-_.~")
            await self._keep(
                Ask(self.actor, "POST", path, "", sent.payload, "application/json", self._root, "de", "return=minimal")
            )
        except NoTopic:
            return BAD_TOPIC
        except Denied:
            return NOT_AUTHORISED
        except StoreError:
            return BUSY
        except Problem as error:
            if error.status in (429, 503, 507):
                return BUSY
            return NOT_AUTHORISED if error.status in (401, 403) else BAD_PAYLOAD
        except (QueryError, Missing, BatchRefused) as error:
            logger.info("An observation over MQTT was refused: %s", error)
            return BAD_TOPIC if isinstance(error, QueryError) else BAD_PAYLOAD
        except Exception:
            logger.exception("An observation over MQTT could not be kept.")
            return BAD_PAYLOAD
        return 0
