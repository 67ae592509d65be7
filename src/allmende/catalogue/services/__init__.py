"""Writes of the catalogue: describing datasets, adding versions, publishing and withdrawing them."""

from allmende.catalogue.services.describing import Changes, Details, change_dataset, describe_column, register_dataset
from allmende.catalogue.services.publishing import (
    NotPublishable,
    approve_override,
    ask_override,
    examine_version,
    publish_version,
    say_people,
    set_remedies,
    withdraw_version,
)
from allmende.catalogue.services.versioning import Content, add_version, built_from

__all__ = [
    "Changes",
    "Content",
    "Details",
    "NotPublishable",
    "add_version",
    "approve_override",
    "ask_override",
    "built_from",
    "change_dataset",
    "describe_column",
    "examine_version",
    "publish_version",
    "register_dataset",
    "say_people",
    "set_remedies",
    "withdraw_version",
]
