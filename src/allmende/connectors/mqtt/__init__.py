"""MQTT 5 from a broker: a topic pattern and a payload mapping. At QoS 1 the broker gets its acknowledgement only after
the observations are on disk; what cannot be written stays with the broker."""

import asyncio

from django.utils.translation import gettext_lazy as _

from allmende.connectors.bookmarks import Bookmarks
from allmende.connectors.kind import Kind, Way
from allmende.connectors.mapping.templates import TopicPattern
from allmende.connectors.mqtt.client import MqttListener
from allmende.connectors.mqtt.config import MqttConfig, decoder
from allmende.connectors.mqtt.form import MqttForm
from allmende.connectors.payload import topic_of

_SUBSCRIPTION = "mqtt/subscription"


async def run(way: Way, stop: asyncio.Event) -> None:
    """Listens until the server stops; remembers the topic filter, so that a later one takes its place."""
    subscription = TopicPattern(topic_of(way.config)).subscription
    timed = way.config.mapping is None or bool(way.config.mapping.time)
    bookmarks = Bookmarks(way.code)
    before = (await bookmarks.get(_SUBSCRIPTION)).get("filter", "")
    await bookmarks.put({_SUBSCRIPTION: {"filter": subscription}})
    await MqttListener(
        way.code, way.config, subscription, way.intake, before=before, timed=timed, lasting=not way.trial
    ).run(stop)


KIND = Kind(
    name="mqtt",
    label=_("MQTT broker"),
    about=_("Listens to topics of a broker, as gateways and home-made sensors publish them."),
    config=MqttConfig,
    check=decoder,
    decoder=decoder,
    run=run,
    form=MqttForm,
)
