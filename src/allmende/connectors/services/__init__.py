"""The writing door of the connectors' room."""

from allmende.connectors.services.drafting import (
    begin_draft,
    change_draft,
    draft_secret,
    drop_draft,
    finish_draft,
    listen,
)
from allmende.connectors.services.replaying import discard, replay
from allmende.connectors.services.setting_up import Added, add, change, new_secret, remove, switch

__all__ = [
    "Added",
    "add",
    "begin_draft",
    "change",
    "change_draft",
    "discard",
    "draft_secret",
    "drop_draft",
    "finish_draft",
    "listen",
    "new_secret",
    "remove",
    "replay",
    "switch",
]
