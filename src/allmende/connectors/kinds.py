"""Connectors as a kind of the house: how links, search and the audit trail name and address them."""

from django.utils.translation import gettext_lazy as _

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.connectors.queries import Connector, listed
from allmende.core.kinds import Hit, Kind
from allmende.core.kinds import register as register_kind


def _title(code: str, actor: Actor) -> str | None:
    found = Connector.objects.select_related("dataset").filter(code=code).first()
    return found.name if found and can(actor, "observations:manage", found.dataset) else None


def _search(text: str, actor: Actor, limit: int) -> list[Hit]:
    if not can(actor, "observations:manage"):
        return []
    wanted = text.casefold()
    found = [each for each in listed(actor) if wanted in each.name.casefold() or each.code == text]
    return [Hit("connector", each.code, each.name, weight=0.4) for each in found[:limit]]


def register() -> None:
    """Called once when the app is ready."""
    register_kind(Kind("connector", _("Connector"), lambda code: f"connectors/{code}/", _title, _search))
