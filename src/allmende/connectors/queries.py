"""The reading door of the connectors' room: only for those who manage the dataset that a connector writes into."""

import hmac
from datetime import timedelta
from typing import Any

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can, require
from allmende.connectors.models import Connector, Draft, FaultyMessage
from allmende.connectors.noting import HEARTBEAT
from allmende.core.clock import now

__all__ = [
    "Connector",
    "Draft",
    "FaultyMessage",
    "UnknownConnector",
    "UnknownDraft",
    "connected",
    "drafts_of",
    "faulty_of",
    "get_connector",
    "get_draft",
    "hidden",
    "listed",
    "state_of",
]

SECRETS = frozenset({"password", "token", "secret", "authorization", "headers"})


class UnknownConnector(LookupError):
    """No such connector, or none that this actor may manage."""


class UnknownDraft(LookupError):
    """No such draft of this actor."""


def listed(actor: Actor) -> list[Connector]:
    """The connectors that the actor may manage. Raises Denied where there can be none."""
    require(actor, "observations:manage")
    rows = Connector.objects.select_related("dataset", "dataset__owner").defer("samples")
    return [row for row in rows if can(actor, "observations:manage", row.dataset)]


def get_connector(actor: Actor, code: str) -> Connector:
    """Raises Denied where the actor manages nothing at all, UnknownConnector otherwise."""
    require(actor, "observations:manage")
    found = Connector.objects.select_related("dataset", "dataset__owner").filter(code=code).first()
    if found is None or not can(actor, "observations:manage", found.dataset):
        raise UnknownConnector(f"There is no connector {code}.")
    return found


def faulty_of(connector: Connector) -> list[FaultyMessage]:
    """The messages that it could not use, newest first."""
    return list(connector.faulty.all())


def get_draft(actor: Actor, code: str) -> Draft:
    """A draft of one's own. Raises UnknownDraft."""
    found = Draft.objects.filter(code=code).first()
    if found is None or not actor.code or not hmac.compare_digest(found.made_by, actor.code):
        raise UnknownDraft(f"There is no draft {code} of yours.")
    return found


def drafts_of(actor: Actor) -> list[Draft]:
    """One's own drafts, newest first."""
    return list(Draft.objects.filter(made_by=actor.code).defer("sample")) if actor.code else []


def connected(connector: Connector) -> bool:
    """Whether a running server holds the connection now: what was written down is believed for three heartbeats."""
    return running(connector) and bool(connector.state.get("connected"))


def running(connector: Connector) -> bool:
    """Whether a server runs it now."""
    heard = connector.state_at
    return heard is not None and abs(now() - heard) < timedelta(seconds=3 * HEARTBEAT.total_seconds())


def state_of(connector: Connector) -> str:
    """One word for how it does: paused, unattended (no server runs it), trouble, flooded, waiting, receiving."""
    state = connector.state
    if not connector.enabled:
        return "paused"
    if not running(connector):
        return "unattended"
    if not state.get("connected"):
        return "trouble"
    if state.get("flooding"):
        return "flooded"
    return "receiving" if state.get("messages") else "waiting"


def hidden(config: Any) -> Any:
    """A configuration for showing: what is secret in it as dots."""
    if isinstance(config, dict):
        return {name: _dots(value) if name.lower() in SECRETS else hidden(value) for name, value in config.items()}
    return [hidden(each) for each in config] if isinstance(config, list) else config


def _dots(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _dots(each) for name, each in value.items()}
    return "…" if value else value
