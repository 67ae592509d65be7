"""Requests for data: anybody asks, the town answers by a deadline, says the legal ground where it refuses, and looks a
second time where the asker objects. Steps are never changed; who asked is never shown."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from secrets import compare_digest, token_urlsafe

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import Denied, require
from allmende.catalogue.models import (
    DataRequest,
    Dataset,
    RequestState,
    RequestStep,
    RequestSupport,
    StepKind,
)
from allmende.core import audit, outbox
from allmende.core.clock import now, town_zone

OBJECT_WITHIN = timedelta(days=31)


@dataclass(frozen=True)
class NotNow(Exception):
    """The request is not in a state for this. why: in the reader's words."""

    why: str

    def __str__(self) -> str:
        return self.why


def ask(actor: Actor, title: str, text: str, *, email: str = "", language: str = "de") -> tuple[DataRequest, str]:
    """A new request, and the secret by which the asker comes back to it, which is kept nowhere. Anybody may ask."""
    require(actor, "catalogue:ask")
    secret = token_urlsafe(18)
    with transaction.atomic():
        made = DataRequest(
            title=title.strip(),
            text=text.strip(),
            due=_today() + timedelta(days=settings.REQUEST_DAYS),
            person=actor.code if actor.kind == "person" else "",
            email=email,
            key=_hashed(secret),
            language=language,
        )
        made.full_clean(exclude=["code"])
        made.save()
        _step(actor, made, StepKind.ASKED, due=made.due)
    return made, secret


def admit(actor: Actor, request: DataRequest) -> DataRequest:
    """Puts it on the public list. Raises Denied and NotNow."""
    return _decide(actor, request, StepKind.ADMITTED, RequestState.OPEN, (RequestState.RECEIVED,))


def drop(actor: Actor, request: DataRequest, reason: str) -> DataRequest:
    """It is none that can be shown, such as advertising or somebody's personal affairs; the asker reads why."""
    return _decide(actor, request, StepKind.DROPPED, RequestState.DROPPED, (RequestState.RECEIVED,), reason)


def answer(actor: Actor, request: DataRequest, text: str, dataset: Dataset | None = None) -> DataRequest:
    """Answers it, with the dataset that has the data, if there is one. Raises Denied and NotNow."""
    open_ = (RequestState.RECEIVED, RequestState.OPEN, RequestState.APPEALED)
    return _decide(actor, request, StepKind.ANSWERED, RequestState.ANSWERED, open_, text, dataset=dataset)


def refuse(actor: Actor, request: DataRequest, text: str, legal_ground: str) -> DataRequest:
    """Refuses it on a legal ground; after an objection it is final here. Raises Denied and NotNow."""
    if not legal_ground.strip():
        raise NotNow(_("Name the legal ground: nobody may be refused without one."))
    again = request.state == RequestState.APPEALED
    kind, state = (StepKind.FINAL, RequestState.FINAL) if again else (StepKind.REFUSED, RequestState.REFUSED)
    open_ = (RequestState.RECEIVED, RequestState.OPEN, RequestState.APPEALED)
    return _decide(actor, request, kind, state, open_, text, legal_ground=legal_ground)


def extend(actor: Actor, request: DataRequest, due: date, reason: str) -> DataRequest:
    """Moves the deadline, with a reason that everybody reads. Raises Denied and NotNow."""
    if due <= request.due:
        raise NotNow(_("The new deadline has to be later than the one before."))
    open_ = (RequestState.OPEN, RequestState.APPEALED)
    return _decide(actor, request, StepKind.EXTENDED, None, open_, reason, due=due)


def object_to(actor: Actor, request: DataRequest, secret: str, text: str) -> DataRequest:
    """The asker objects to a refusal; the town looks at it again, with a new deadline. Raises Denied and NotNow."""
    if not is_asker(actor, request, secret):
        raise Denied("catalogue:ask", actor)
    with transaction.atomic():
        current = _locked(request)
        refused = current.steps.filter(kind=StepKind.REFUSED).last()
        if current.state != RequestState.REFUSED or refused is None:
            raise NotNow(_("Only a refusal can be objected to, and once."))
        if now() - refused.at > OBJECT_WITHIN:
            raise NotNow(_("The time to object is over; you may ask anew."))
        if not text.strip():
            raise NotNow(_("Say why you object."))
        current.state, current.due = RequestState.APPEALED, _today() + timedelta(days=settings.REQUEST_DAYS)
        current.save()
        _step(actor, current, StepKind.APPEALED, text=text.strip(), due=current.due)
    return current


def support(actor: Actor, request: DataRequest, wanted: bool) -> int:
    """Whether somebody needs the same; returns how many do. Raises Denied for who is not signed in."""
    require(actor, "catalogue:support")
    if wanted:
        RequestSupport.objects.get_or_create(request=request, person=actor.code)
    else:
        RequestSupport.objects.filter(request=request, person=actor.code).delete()
    return request.supports.count()


def forget_addresses() -> int:
    """Erases the addresses of askers to whom nothing will be written any more; returns how many."""
    over = DataRequest.objects.exclude(email="").filter(state=RequestState.REFUSED)
    waiting = RequestStep.objects.filter(request=OuterRef("pk"), mailed=False)
    newer = RequestStep.objects.filter(request=OuterRef("pk"), at__gt=now() - OBJECT_WITHIN)
    return over.filter(~Exists(waiting), ~Exists(newer)).update(email="")


def is_asker(actor: Actor, request: DataRequest, secret: str) -> bool:
    """Whether this is who asked: by their account, or by the secret they were given."""
    if actor.kind == "person" and request.person == actor.code:
        return True
    return bool(secret) and compare_digest(_hashed(secret), request.key)


def _decide(
    actor: Actor,
    request: DataRequest,
    kind: StepKind,
    state: RequestState | None,
    before: tuple[RequestState, ...],
    text: str = "",
    *,
    legal_ground: str = "",
    due: date | None = None,
    dataset: Dataset | None = None,
) -> DataRequest:
    require(actor, "catalogue:manage")
    if kind != StepKind.ADMITTED and not text.strip():
        raise NotNow(_("Write some words: the asker reads them."))
    with transaction.atomic():
        current = _locked(request)
        if current.state not in before:
            raise NotNow(_("Somebody was here before: look at the request again."))
        current.state, current.due = state or current.state, due or current.due
        current.dataset = dataset or current.dataset
        current.save()
        _step(actor, current, kind, text=text.strip(), legal_ground=legal_ground.strip(), due=due)
    return current


def _locked(request: DataRequest) -> DataRequest:
    return DataRequest.objects.select_for_update().get(pk=request.pk)


def _step(
    actor: Actor,
    request: DataRequest,
    kind: StepKind,
    *,
    text: str = "",
    legal_ground: str = "",
    due: date | None = None,
) -> None:
    tell = kind not in (StepKind.ASKED, StepKind.APPEALED) and bool(request.email)
    RequestStep.objects.create(
        request=request, kind=kind, text=text, legal_ground=legal_ground, due=due, mailed=False if tell else None
    )
    details = {"state": str(request.state), "legal_ground": legal_ground} if kind != StepKind.ASKED else {}
    audit.record(actor.kind, actor.code, f"request.{kind}", "request", request.code, details)
    outbox.publish(f"request.{kind}", {"request": request.code})


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _today() -> date:
    return now().astimezone(town_zone()).date()
