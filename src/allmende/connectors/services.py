"""Setting connectors up, switching them, and noting how they do."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.catalogue.queries import get_dataset
from allmende.connectors.models import Connector
from allmende.connectors.mqtt.config import read_config as read_mqtt
from allmende.core import audit
from allmende.core.clock import now

_HEARTBEAT = timedelta(seconds=10)
KINDS = {"mqtt": read_mqtt}


class UnknownConnector(LookupError):
    """No such connector."""


class Setup(NamedTuple):
    """What the runner needs to know of a connector."""

    code: str
    kind: str
    dataset: str
    config: dict[str, Any]


def add(actor: Actor, kind: str, name: str, dataset: str, config: dict[str, Any]) -> Connector:
    """Sets a connector up. dataset: slug or code. Raises Denied, UnknownDataset, ValueError for a wrong config."""
    found = get_dataset(actor, dataset)
    require(actor, "observations:manage", found)
    if kind not in KINDS:
        raise ValueError(f"There is no connector of the kind {kind}; known: {', '.join(KINDS)}.")
    KINDS[kind](config)
    with transaction.atomic():
        connector = Connector.objects.create(kind=kind, name=name, dataset=found, config=config)
        audit.record(actor.kind, actor.code, "connector.added", "connector", connector.code, {"name": name})
    return connector


def switch(actor: Actor, code: str, on: bool) -> None:
    """Switches a connector on or off; the server follows within seconds. Raises Denied, UnknownConnector."""
    with transaction.atomic():
        connector = _get(actor, code)
        connector.enabled = on
        connector.save(update_fields=["enabled", "changed"])
        audit.record(actor.kind, actor.code, f"connector.{'on' if on else 'off'}", "connector", code, {})


def remove(actor: Actor, code: str) -> None:
    """Forgets a connector; what it brought stays. Raises Denied, UnknownConnector."""
    with transaction.atomic():
        connector = _get(actor, code)
        connector.delete()
        audit.record(actor.kind, actor.code, "connector.removed", "connector", code, {"name": connector.name})


def _get(actor: Actor, code: str) -> Connector:
    connector = Connector.objects.select_related("dataset").filter(code=code).first()
    if connector is None:
        raise UnknownConnector(f"There is no connector {code}.")
    require(actor, "observations:manage", connector.dataset)
    return connector


def listed(actor: Actor) -> list[Connector]:
    """All connectors, for those who manage. Raises Denied."""
    require(actor, "observations:manage")
    return list(Connector.objects.select_related("dataset"))


def enabled() -> list[Setup]:
    """What should run now; for the runner."""
    rows = Connector.objects.filter(enabled=True).select_related("dataset")
    return [Setup(row.code, row.kind, row.dataset.code, row.config) for row in rows]


def note(facts: dict[str, dict[str, Any]]) -> None:
    """Writes down how connectors do, where that changed, and now and then that they still run; for the runner."""
    moment = now()
    for connector in Connector.objects.filter(code__in=facts):
        stale = connector.state_at is None or moment - connector.state_at > _HEARTBEAT
        if stale or connector.state != facts[connector.code]:
            Connector.objects.filter(pk=connector.pk).update(state=facts[connector.code], state_at=moment)


def connected(connector: Connector) -> bool:
    """Whether a running server holds the connection now: what was written down is believed for three heartbeats."""
    heard = connector.state_at is not None and now() - connector.state_at < 3 * _HEARTBEAT
    return heard and bool(connector.state.get("connected"))
