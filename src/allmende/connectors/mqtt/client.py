"""Listens to a broker until it is told to stop."""

import asyncio
import logging
from typing import Any

from gmqtt import Client
from gmqtt.mqtt.constants import MQTTv50

from allmende.connectors.health import Health
from allmende.connectors.keeping import Keeper
from allmende.connectors.mapping import Mapper, Unmapped, arrival_now
from allmende.connectors.mqtt.config import MqttConfig
from allmende.observations.stores import StoreClosed, StoreError

logger = logging.getLogger(__name__)

_SESSION_SECONDS = 0xFFFFFFFF  # the broker keeps what we have not acknowledged for as long as it likes
_MOST_IN_FLIGHT = 2_000  # unacknowledged messages that the broker may send ahead: bounds our memory
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class MqttListener:
    """One broker, one mapping. Acknowledges a message when its observations are on disk or when it cannot be used."""

    def __init__(self, code: str, config: MqttConfig, keeper: Keeper, health: Health) -> None:
        self._config, self._keeper, self._health = config, keeper, health
        self._mapper = Mapper(config.mapping)
        self._client_id = config.client_id or f"allmende-{code}"
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Connects, connects again when the broker goes, ever more slowly; returns when stop is set."""
        pause = _FIRST_PAUSE
        while not stop.is_set():
            client = self._client()
            try:
                await client.connect(
                    self._config.host, self._config.port, ssl=self._config.tls, version=MQTTv50, raise_exc=True
                )
                pause = _FIRST_PAUSE
                await self._until_gone(client, stop)
            except Exception as error:  # the library raises many kinds; each means that there is no connection
                self._health.connection(False, f"No connection to {self._config.host}: {error or type(error).__name__}")
            if not stop.is_set():
                logger.info("MQTT %s: next try in %s s.", self._config.host, pause)
                await _sleep(stop, pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _client(self) -> Client:
        client = Client(
            self._client_id,
            clean_session=False,
            optimistic_acknowledgement=False,
            session_expiry_interval=_SESSION_SECONDS,
            receive_maximum=_MOST_IN_FLIGHT,
        )
        client.set_config({"reconnect_retries": 0})
        if self._config.username:
            client.set_auth_credentials(self._config.username, self._config.password)
        client.on_message = self._on_message
        client.on_connect = self._on_connect
        return client

    def _on_connect(self, client: Client, flags: int, code: int, properties: Any) -> None:
        self._health.connection(True)
        client.subscribe(self._mapper.subscription, qos=self._config.qos)

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
            self._stopping = stop.is_set()
            await client.disconnect(session_expiry_interval=_SESSION_SECONDS)
            self._health.connection(False)

    async def _on_message(self, client: Client, topic: str, payload: bytes, qos: int, properties: Any) -> int:
        """0 acknowledges. Waits while the store cannot write: the broker then keeps what follows."""
        try:
            readings = self._mapper.read(topic, payload, arrival_now())
        except Unmapped as error:
            self._health.fault(str(error), topic, payload)
            return 0
        pause = _FIRST_PAUSE
        while True:
            try:
                receipt = await self._keeper.keep(readings)
                break
            except Unmapped as error:
                self._health.fault(str(error), topic, payload)
                return 0
            except StoreClosed:
                await asyncio.Event().wait()  # never acknowledged: the broker sends it again to the next start
            except StoreError as error:
                self._health.fault(f"Not written yet, trying again: {error}", topic, payload)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        self._health.took(receipt.accepted)
        for problem in receipt.refused:
            self._health.fault(problem.message, topic, payload)
        return 0


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
