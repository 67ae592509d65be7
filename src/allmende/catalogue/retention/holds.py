"""Pauses of retention: while a dataset is on hold, nothing of it is erased."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.catalogue.models import Dataset, Hold
from allmende.catalogue.services.telling import tell
from allmende.core.clock import now


def hold(actor: Actor, dataset: Dataset, reason: str) -> Hold:
    """Pauses the erasing of a dataset; a hold that is there stays as it is. Raises Denied, and ValidationError
    without a reason."""
    with transaction.atomic():
        current = Dataset.objects.select_for_update().get(pk=dataset.pk)
        require(actor, "catalogue:manage", current)
        if found := hold_of(current):
            return found
        if not reason.strip():
            raise ValidationError({"reason": _("Say why: the reason is kept on the audit trail.")})
        made = Hold.objects.create(dataset=current, reason=reason.strip()[:500], by=actor.code)
        tell(actor, "dataset.held", current, {"hold": made.code, "reason": made.reason})
    return made


def end_hold(actor: Actor, dataset: Dataset) -> bool:
    """Lets retention go on; what became due meanwhile is erased with the next run. Returns whether there was a hold.
    Raises Denied."""
    with transaction.atomic():
        current = Dataset.objects.select_for_update().get(pk=dataset.pk)
        require(actor, "catalogue:manage", current)
        found = hold_of(current)
        if found is None:
            return False
        found.ended, found.ended_by = now(), actor.code
        found.save()
        tell(actor, "dataset.hold_ended", current, {"hold": found.code, "reason": found.reason})
    return True


def hold_of(dataset: Dataset) -> Hold | None:
    """What pauses the erasing of this dataset, if anything does."""
    return Hold.objects.filter(dataset=dataset, ended=None).first()


def held_datasets() -> set[int]:
    """Internal numbers of the datasets of which nothing may be erased now."""
    return set(Hold.objects.filter(ended=None).values_list("dataset_id", flat=True))
