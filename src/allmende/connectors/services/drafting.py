"""Setting a connector up step by step: a draft that only its maker sees, until it becomes a connector."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.connectors import hooks
from allmende.connectors.models import Draft
from allmende.connectors.noting import MOST_SAMPLE
from allmende.connectors.queries import get_draft
from allmende.connectors.services.setting_up import Added, add
from allmende.connectors.table import KINDS
from allmende.connectors.wrong import WrongSetup
from allmende.core.clock import now

LISTENS = timedelta(minutes=2)
_OLD = timedelta(days=30)
_MOST = 20  # drafts of one person; the oldest go


def begin_draft(actor: Actor, kind: str) -> Draft:
    """A new draft. Raises Denied, ValueError for a kind that there is not."""
    require(actor, "observations:manage")
    if kind not in KINDS:
        raise WrongSetup(_("There is no connector of the kind %(kind)s."), kind=kind)
    with transaction.atomic():
        Draft.objects.filter(changed__lt=now() - _OLD).delete()
        mine = Draft.objects.filter(made_by=actor.code).values_list("pk", flat=True)[_MOST - 1 :]
        Draft.objects.filter(pk__in=list(mine)).delete()
        return Draft.objects.create(made_by=actor.code, kind=kind)


def change_draft(
    actor: Actor, code: str, *, config: dict[str, Any] | None = None, sample: tuple[str, bytes] | None = None
) -> Draft:
    """Keeps what was filled in so far. sample: (topic, payload). Raises UnknownDraft, ValueError for a large sample."""
    draft = get_draft(actor, code)
    if config is not None:
        draft.config = config
    if sample is not None:
        topic, payload = sample
        if len(payload) > MOST_SAMPLE:
            raise WrongSetup(_("The message is larger than %(most_sample)s bytes."), most_sample=MOST_SAMPLE)
        draft.sample_topic, draft.sample, draft.sample_at = topic[:500], payload, now()
    draft.save()
    return draft


def draft_secret(actor: Actor, code: str) -> str:
    """A secret for the senders of the connector to be; its door opens within seconds. Raises UnknownDraft."""
    draft = get_draft(actor, code)
    secret = hooks.new_secret()
    draft.secret_hash = hooks.hashed(secret)
    draft.save(update_fields=["secret_hash", "changed"])
    return secret


def listen(actor: Actor, code: str) -> Draft:
    """Lets the server fetch or wait for a first message, as the configuration says so far. Raises UnknownDraft."""
    draft = get_draft(actor, code)
    draft.listens_until, draft.trouble = now() + LISTENS, {}
    draft.save(update_fields=["listens_until", "trouble", "changed"])
    return draft


def finish_draft(actor: Actor, code: str, name: str, dataset: str) -> Added:
    """Makes the connector, under the same code; the draft is gone. The secret is empty where senders were given one
    already, which goes on to hold. Raises as `add`, and UnknownDraft."""
    with transaction.atomic():
        draft = get_draft(actor, code)
        draft.delete()
        return add(actor, draft.kind, name, dataset, draft.config, draft=draft)


def drop_draft(actor: Actor, code: str) -> None:
    """Throws a draft away. Raises UnknownDraft."""
    get_draft(actor, code).delete()
