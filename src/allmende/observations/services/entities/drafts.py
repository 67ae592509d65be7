"""What is to be created or changed, as the faces hand it in: entities of 18-088 with their values and links."""

from typing import Any

from msgspec import Struct, field

from allmende.observations.services.observing import Sent


class Ref(Struct, frozen=True):
    """An entity that exists, by its id. path: where it stands in what was sent, such as `$.Thing`."""

    id: str
    path: str


class Draft(Struct):
    """An entity to be created. kind: its name in the singular; values: by column, texts as they were sent; links: by
    navigation property; dataset: slug or code, where one is named; sent: what an Observation says; known: it came with
    an id, and is not created if there is such an entity."""

    kind: str
    path: str
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, "list[Draft | Ref]"] = field(default_factory=dict)
    dataset: str | None = None
    sent: Sent | None = None
    known: Ref | None = None


class BadEntity(ValueError):
    """What was sent cannot be kept. path: which part of it."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path, self.message = path, message


class InUse(Exception):
    """Something else, which SensorThings does not show, needs the entity: it cannot be deleted."""
