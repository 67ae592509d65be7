"""Replaying messages that could not be used, after the mapping was corrected. Idempotent: a value is its time."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from allmende.accounts.actors import Actor
from allmende.connectors.keeping import Keeper
from allmende.connectors.models import Connector, FaultyMessage
from allmende.connectors.queries import get_connector
from allmende.connectors.readings import Decoder, Message, Unmapped
from allmende.connectors.services.setting_up import checked
from allmende.connectors.table import KINDS
from allmende.connectors.wrong import WrongSetup
from allmende.core import audit
from allmende.core.said import Said


class Replayed(NamedTuple):
    """messages: that could be used now; observations: that are on disk by it; failed: messages that still cannot."""

    messages: int = 0
    observations: int = 0
    failed: int = 0


def replay(actor: Actor, code: str, messages: Iterable[str] | None = None) -> Replayed:
    """Takes faulty messages once more, oldest first; what can be used leaves the list. messages: codes, None for all.

    Raises Denied, UnknownConnector, ValueError for a configuration that cannot work; StoreError when nothing can be
    written: then the rest stays in the list. Blocks.
    """
    connector = get_connector(actor, code)
    make = KINDS[connector.kind].decoder
    if make is None:
        raise WrongSetup(_("Connectors of this kind read no messages that could be replayed."))
    decoder, keeper = make(checked(connector.kind, connector.config)), Keeper(code, connector.dataset.code)
    done = observations = failed = 0
    for row in _chosen(connector, messages):
        kept, why = _once_more(row, decoder, keeper)
        observations += kept
        if why:
            failed += 1
            FaultyMessage.objects.filter(pk=row.pk).update(
                why=" ".join(map(str, why)).replace("\0", "\ufffd")[:500],
                said=[each.to_json() for each in why[:10]],
                attempts=min(row.attempts + 1, 30_000),
            )
        else:
            done += 1
            row.delete()
    if done or observations:
        details = {"messages": done, "observations": observations}
        audit.record(actor.kind, actor.code, "connector.replayed", "connector", code, details)
    return Replayed(done, observations, failed)


def discard(actor: Actor, code: str, messages: Iterable[str] | None = None) -> int:
    """Takes faulty messages out of the list unused; returns how many. Raises Denied, UnknownConnector."""
    connector = get_connector(actor, code)
    gone = _chosen(connector, messages).delete()[0]
    if gone:
        audit.record(actor.kind, actor.code, "connector.discarded", "connector", code, {"messages": gone})
    return gone


def _chosen(connector: Connector, messages: Iterable[str] | None) -> QuerySet[FaultyMessage]:
    rows = FaultyMessage.objects.filter(connector=connector)
    return (rows if messages is None else rows.filter(code__in=list(messages))).order_by("pk")


def _once_more(row: FaultyMessage, decoder: Decoder, keeper: Keeper) -> tuple[int, list[Said]]:
    """(observations on disk, why the message still cannot be used whole)."""
    payload = bytes(row.payload)
    if len(payload) < row.size:
        text = _("Only the first %(kept)s of %(size)s bytes were kept, so it cannot be replayed.")
        return 0, [Said(text, {"kept": len(payload), "size": row.size})]
    try:
        decoded = decoder.read(Message(payload, row.topic, row.arrival))
    except Unmapped as error:
        return 0, [error.said]
    kept = keeper.keep_now(decoded.readings)
    return kept.accepted, [*decoded.problems, *kept.problems]
