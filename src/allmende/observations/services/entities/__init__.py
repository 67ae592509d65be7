"""Entities of SensorThings as the faces create, change and delete them. Call within a transaction, then `finish`."""

from allmende.observations.services.entities.changing import change
from allmende.observations.services.entities.creating import TARGETS, create
from allmende.observations.services.entities.deleting import Gone, delete
from allmende.observations.services.entities.drafts import BadEntity, Draft, InUse, Ref
from allmende.observations.services.entities.linking import link, unlink
from allmende.observations.services.entities.work import NewObservation, Work

__all__ = [
    "TARGETS",
    "BadEntity",
    "Draft",
    "Gone",
    "InUse",
    "NewObservation",
    "Ref",
    "Work",
    "change",
    "create",
    "delete",
    "link",
    "unlink",
]
