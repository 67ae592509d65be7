"""Listens to a broker until it is told to stop."""

import asyncio
import logging
import socket
from time import monotonic
from typing import Any

from django.utils.translation import gettext_noop as _
from gmqtt import Client, Subscription
from gmqtt.mqtt.constants import MQTTv50
from gmqtt.mqtt.handler import MQTTConnectError

from allmende.connectors.intake import Intake
from allmende.connectors.mqtt.config import MqttConfig
from allmende.connectors.pauses import pause_after, sleep
from allmende.connectors.readings import Message, arrival_now
from allmende.core.said import Said

logger = logging.getLogger(__name__)
logging.getLogger("gmqtt").setLevel(logging.ERROR)  # it warns of each acknowledgement that a closed connection missed

_SESSION_SECONDS = 0xFFFFFFFF  # the broker keeps what we have not acknowledged for as long as it likes
_MOST_IN_FLIGHT = 2_000  # unacknowledged messages that the broker may send ahead: bounds our memory
_MOST_WITHOUT_WORD = 5_000
LARGEST_MESSAGE = 1_000_000
_CONNECT_SECONDS, _LASTING_SECONDS = 20.0, 30.0
_KEEP_ALIVE = 30  # seconds; a line on which nothing comes for twice as long is given up, though nobody closed it
_NOT_LET_IN = frozenset((4, 5, 134, 135, 138, 140))  # answers of MQTT 3.1.1 and 5 to who signs in wrongly
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class MqttListener:
    """One broker, one topic filter. Acknowledges a message when all of it is on disk, or of a device that floods."""

    def __init__(
        self,
        code: str,
        broker: MqttConfig,
        subscription: str,
        intake: Intake,
        *,
        before: str = "",
        timed: bool = True,
        lasting: bool = True,
    ) -> None:
        """before: an earlier topic filter, from which the broker is told to free us; timed: whether messages carry
        their time (where they do not, what the broker has retained is no news and is left out); lasting: whether the
        broker keeps messages for us while we are away."""
        self._broker, self._subscription, self._intake = broker, subscription, intake
        self._before, self._timed, self._lasting = before, timed, lasting
        self._health = intake.health
        self._client_id = broker.client_id or f"allmende-{code}"
        self._under_way: set[asyncio.Task[Any]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Connects, connects again when the broker goes, ever more slowly; returns when stop is set."""
        lost = 0  # connections in a row that did not last, as when another client has our id
        while not stop.is_set():
            client, begun = self._client(), monotonic()
            try:
                await asyncio.wait_for(self._connect(client), _CONNECT_SECONDS)
                await self._until_gone(client, stop)
            except Exception as error:  # the library raises many kinds; each means that there is no connection
                self._health.connection(False, _no_connection(self._broker.host, error))
            if not stop.is_set():
                lost = 0 if monotonic() - begun > _LASTING_SECONDS else lost + 1
                failures = max(self._health.attempts_failed, lost)
                pause = pause_after(failures, _FIRST_PAUSE, _LONGEST_PAUSE)
                logger.info("MQTT %s: next try in %.1f s.", self._broker.host, pause)
                self._health.again(pause)
                await sleep(stop, pause)

    def _client(self) -> Client:
        client = Client(
            self._client_id,
            clean_session=not self._lasting,
            optimistic_acknowledgement=False,
            session_expiry_interval=_SESSION_SECONDS if self._lasting else 0,
            receive_maximum=_MOST_IN_FLIGHT,
            maximum_packet_size=LARGEST_MESSAGE,
        )
        client.set_config({"reconnect_retries": 0})
        if self._broker.username:
            client.set_auth_credentials(self._broker.username, self._broker.password)
        client.on_message = self._on_message
        client.on_connect = self._on_connect
        return client

    async def _connect(self, client: Client) -> None:
        broker = self._broker
        await client.connect(
            broker.host, broker.port, ssl=broker.tls, keepalive=_KEEP_ALIVE, version=MQTTv50, raise_exc=True
        )

    def _on_connect(self, client: Client, flags: int, code: int, properties: Any) -> None:
        self._health.connection(True)
        if self._before and self._before != self._subscription:
            client.unsubscribe(self._before)
        # 1: what is retained comes with a new subscription only, and not again with every connection
        client.subscribe(Subscription(self._subscription, qos=self._broker.qos, retain_handling_options=1))

    async def _until_gone(self, client: Client, stop: asyncio.Event) -> None:
        """Waits until the connection is lost or the server stops."""
        gone = asyncio.Event()
        client.on_disconnect = lambda *_: gone.set()
        waits = [asyncio.create_task(stop.wait()), asyncio.create_task(gone.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            lasting = self._lasting and not self._health.removed
            await client.disconnect(session_expiry_interval=_SESSION_SECONDS if lasting else 0)
            self._health.connection(False)
            # Only now that nothing can be acknowledged any more: these messages come again, and two of each with every
            # connection would fill the memory.
            for task in list(self._under_way):
                task.cancel()

    async def _on_message(self, client: Client, topic: Any, payload: bytes, qos: int, properties: Any) -> int:
        """0 acknowledges. Waits while nothing can be written: the broker then keeps what follows."""
        if properties.get("retain") and not self._timed:
            return 0
        if qos == 0 and len(self._under_way) >= _MOST_WITHOUT_WORD:
            self._health.dropped += 1  # at QoS 0 nobody holds the sender back, so only leaving out bounds our memory
            return 0
        said = topic if isinstance(topic, str) else topic.decode("utf-8", "replace")
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            await self._intake.take_with_others(Message(payload, said, arrival_now()))
        except asyncio.CancelledError:
            return 0  # to a connection that is closed; see _until_gone
        finally:
            self._under_way.discard(task)
        return 0


def _no_connection(host: str, error: Exception) -> Said:
    """For what happens often, words of our own: those of the system are English and full of numbers."""
    where = {"host": host}
    if isinstance(error, TimeoutError):
        return Said(_("No connection to the broker %(host)s: it does not answer."), where)
    if isinstance(error, ConnectionRefusedError):
        return Said(_("No connection to the broker %(host)s: nothing listens at this port."), where)
    if isinstance(error, socket.gaierror):
        return Said(_("No connection to the broker %(host)s: there is no such address."), where)
    if isinstance(error, MQTTConnectError) and error.args and error.args[0] in _NOT_LET_IN:
        return Said(_("The broker %(host)s does not let us in: user name, password or rights do not fit."), where)
    why = str(error) or type(error).__name__
    return Said(_("No connection to the broker %(host)s: %(problem)s"), {**where, "problem": why})
