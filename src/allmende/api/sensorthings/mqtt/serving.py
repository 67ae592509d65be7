"""The MQTT side of the server as background work: opens the port, ties the hub to what is kept, closes it all."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings

from allmende.accounts import queries
from allmende.accounts.actors import Actor
from allmende.api.sensorthings.door import PREFIX
from allmende.api.sensorthings.mqtt.client import Client
from allmende.api.sensorthings.mqtt.hub import Hub
from allmende.api.sensorthings.service import handle
from allmende.api.threads import in_thread
from allmende.core import outbox
from allmende.observations.services.following import follow

logger = logging.getLogger(__name__)

ENTITIES = {
    "thing": "Thing",
    "location": "Location",
    "historical_location": "HistoricalLocation",
    "datastream": "Datastream",
    "multi_datastream": "MultiDatastream",
    "sensor": "Sensor",
    "observed_property": "ObservedProperty",
    "feature_of_interest": "FeatureOfInterest",
}


async def serve(host: str, port: int, stop: asyncio.Event) -> None:
    """Serves MQTT until told to stop. A port that is taken is said once, and the rest of the server goes on."""
    loop = asyncio.get_running_loop()
    root = settings.PUBLIC_URL.rstrip("/") + PREFIX
    hub = Hub(loop, root)
    clients: set[Client] = set()

    def door() -> Client:
        return Client(hub, root, identify, handle, clients)

    try:
        server = await loop.create_server(door, host, port, backlog=1024)
    except OSError as error:
        logger.warning("SensorThings over MQTT is not served: %s. Choose another ALLMENDE_MQTT_PORT.", error)
        hub.close()
        return
    unfollow = follow(hub.observed, hub.wanted)
    _hubs.append(hub)
    _doors.append(door)
    try:
        await stop.wait()
    finally:
        unfollow()
        _hubs.remove(hub)
        _doors.remove(door)
        server.close()
        for client in list(clients):
            client.leave()
        hub.close()


async def identify(secret: str) -> Actor | None:
    """The Actor of a token, sent as the password (or, where there is none, as the user name)."""
    return queries.remembered_actor(secret) or await in_thread(queries.actor_of_token, secret)


def newcomer() -> Client | None:
    """A client that comes in by another way than the port; None where MQTT is not served."""
    return _doors[-1]() if _doors else None


_hubs: list[Hub] = []
_doors: list[Callable[[], Client]] = []
_EVENTS = [f"observations.{kind}.{verb}" for kind in ENTITIES for verb in ("registered", "created", "changed")]


def entity_changed(payload: dict[str, Any]) -> None:
    """Tells subscribers of an entity that was made or changed; called for events of the outbox."""
    entity = ENTITIES.get(str(payload.get("kind")))
    for hub in _hubs:
        if entity:
            hub.changed(entity, str(payload["code"]))


def listen() -> None:
    """Hears of changes; called once, when the server starts."""
    for name in _EVENTS:
        outbox.subscribe(name)(entity_changed)
