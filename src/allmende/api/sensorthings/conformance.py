"""The service document: the entity sets, and the requirements classes that hold here (18-088 § 9.2.1, Annex A)."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from allmende.api.sensorthings.entities import ENTITY_SETS

_SPEC = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
CLASSES = (
    "datamodel",
    "resource-path/resource-path-to-entities",
    "request-data",
    "create-update-delete",
    "batch-request/batch-request",
    "multi-datastream",
    "data-array/data-array",
)
MQTT_CLASSES = (
    "create-observations-via-mqtt/observations-creation",
    "receive-updates-via-mqtt/receive-updates",
)


def service_document(root: str) -> dict[str, Any]:
    """The answer at the root of the service. What is served over MQTT is named only where it is served."""
    names = [_SPEC + name for name in CLASSES]
    document: dict[str, Any] = {"conformance": names}
    if settings.MQTT_PORT:
        server = urlsplit(root)
        socket = f"{'wss' if server.scheme == 'https' else 'ws'}://{server.netloc}/mqtt"
        endpoints = [f"mqtt://{server.hostname}:{settings.MQTT_PORT}", socket]
        for name in MQTT_CLASSES:
            names.append(_SPEC + name)
            document[_SPEC + name] = {"endpoints": endpoints}
    sets = [{"name": name, "url": f"{root}/{name}"} for name in ENTITY_SETS]
    return {"value": sets, "serverSettings": document}
