"""The service document: the entity sets, and the requirements classes that hold here (18-088 § 9.2.1, Annex A)."""

from typing import Any

from allmende.api.sensorthings.entities import ENTITY_SETS

_SPEC = "http://www.opengis.net/spec/iot_sensing/1.1/"
CLASSES = (
    "datamodel",
    "resource-path/resource-path-to-entities",
    "request-data",
    "multi-datastream",
)


def conformance() -> list[str]:
    """The addresses of the requirements classes."""
    return [f"{_SPEC}{name}" if ":" not in name else name for name in CLASSES]


def service_document(root: str) -> dict[str, Any]:
    """The answer at the root of the service."""
    return {
        "value": [{"name": name, "url": f"{root}/{name}"} for name in ENTITY_SETS],
        "serverSettings": {"conformance": conformance()},
    }
