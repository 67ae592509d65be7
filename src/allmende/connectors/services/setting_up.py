"""Setting connectors up, changing and switching them. A running server follows within seconds."""

from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_noop as _

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.catalogue.queries import get_dataset
from allmende.connectors import hooks
from allmende.connectors.models import Connector, Draft
from allmende.connectors.queries import get_connector
from allmende.connectors.table import KINDS
from allmende.connectors.wrong import WrongSetup
from allmende.core import audit


class Added(NamedTuple):
    """A connector that was set up. secret: what senders of webhooks have to show, to be seen only now; or empty."""

    connector: Connector
    secret: str


def add(
    actor: Actor, kind: str, name: str, dataset: str, config: dict[str, Any], *, draft: Draft | None = None
) -> Added:
    """Sets a connector up. dataset: slug or code; draft: gives its code, and its secret where it has one.

    Raises Denied, UnknownDataset, ValueError for a kind, name or configuration that cannot be.
    """
    found = get_dataset(actor, dataset)
    require(actor, "observations:manage", found)
    checked(kind, config)
    known = draft.secret_hash if draft else ""
    secret = hooks.new_secret() if KINDS[kind].hook and not known else ""
    with transaction.atomic():
        connector = Connector.objects.create(
            code=draft.code if draft else "",
            kind=kind,
            name=_named(name),
            dataset=found,
            config=config,
            secret_hash=hooks.hashed(secret) if secret else known,
        )
        details = {"name": name, "kind": kind, "dataset": found.code}
        audit.record(actor.kind, actor.code, "connector.added", "connector", connector.code, details)
    return Added(connector, secret)


def change(actor: Actor, code: str, *, name: str | None = None, config: dict[str, Any] | None = None) -> Connector:
    """Changes name or configuration; what is not given stays. Raises Denied, UnknownConnector, ValueError."""
    with transaction.atomic():
        connector = get_connector(actor, code)
        details: dict[str, Any] = {}
        if name is not None and _named(name) != connector.name:
            details["name"] = {"from": connector.name, "to": _named(name)}
            connector.name = _named(name)
        if config is not None and config != connector.config:
            checked(connector.kind, config)
            details["config"] = sorted({*config, *connector.config})  # no values: passwords are among them
            connector.config = config
        if details:
            connector.save(update_fields=["name", "config", "changed"])
            audit.record(actor.kind, actor.code, "connector.changed", "connector", code, details)
    return connector


def switch(actor: Actor, code: str, on: bool) -> None:
    """Switches a connector on or off. Raises Denied, UnknownConnector."""
    with transaction.atomic():
        connector = get_connector(actor, code)
        if connector.enabled != on:
            connector.enabled = on
            connector.save(update_fields=["enabled", "changed"])
            audit.record(actor.kind, actor.code, f"connector.{'on' if on else 'off'}", "connector", code, {})


def new_secret(actor: Actor, code: str) -> str:
    """A new secret for the senders of a connector's webhook; the one before holds no longer.

    Raises Denied, UnknownConnector, ValueError for a kind without a door for webhooks.
    """
    with transaction.atomic():
        connector = get_connector(actor, code)
        if not KINDS[connector.kind].hook:
            raise WrongSetup(_("This kind of connector takes no webhooks, so it has no secret."))
        secret = hooks.new_secret()
        connector.secret_hash = hooks.hashed(secret)
        connector.save(update_fields=["secret_hash", "changed"])
        audit.record(actor.kind, actor.code, "connector.secret_changed", "connector", code, {})
    return secret


def remove(actor: Actor, code: str) -> None:
    """Forgets a connector and the messages it could not use; what it brought stays. Raises Denied, UnknownConnector."""
    with transaction.atomic():
        connector = get_connector(actor, code)
        connector.delete()
        audit.record(actor.kind, actor.code, "connector.removed", "connector", code, {"name": connector.name})


def checked(kind: str, config: dict[str, Any]) -> Any:
    """The configuration as its kind reads it. Raises ValueError."""
    if kind not in KINDS:
        raise WrongSetup(
            _("There is no connector of the kind %(kind)s; known: %(kinds)s."), kind=kind, kinds=", ".join(KINDS)
        )
    return KINDS[kind].read(config)


def _named(name: str) -> str:
    if not name.strip() or len(name.strip()) > 120:
        raise WrongSetup(_("A connector needs a name of at most 120 letters."))
    return name.strip()
