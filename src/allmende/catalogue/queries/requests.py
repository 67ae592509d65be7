"""Requests for data: the public list, one of them, and what waits for the office or for the mail."""

from datetime import date

from django.db.models import Count, QuerySet

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.catalogue.models import DataRequest, RequestState, RequestStep

HIDDEN = (RequestState.RECEIVED, RequestState.DROPPED)
WAITING = (RequestState.RECEIVED, RequestState.OPEN, RequestState.APPEALED)


class UnknownRequest(LookupError):
    """No such request, or none that is public yet."""


def public_requests() -> QuerySet[DataRequest]:
    """Those that were looked at, the newest first, each with how many need the same (`supporters`)."""
    return DataRequest.objects.exclude(state__in=HIDDEN).annotate(supporters=Count("supports"))


def get_request(code: str) -> DataRequest:
    """The request, also one that is not public: who may see it is asked by the caller. Raises UnknownRequest."""
    found = DataRequest.objects.select_related("dataset").filter(code=code).first()
    if found is None:
        raise UnknownRequest(code)
    return found


def is_public(request: DataRequest) -> bool:
    """Whether everybody may read it."""
    return request.state not in HIDDEN


def waiting_requests(actor: Actor) -> list[DataRequest]:
    """What the office has to answer, the most urgent first; nothing for others."""
    if not can(actor, "catalogue:manage"):
        return []
    return list(DataRequest.objects.filter(state__in=WAITING).order_by("due", "id"))


def supports(actor: Actor, request: DataRequest) -> bool:
    """Whether this person said that they need the same."""
    return actor.kind == "person" and request.supports.filter(person=actor.code).exists()


def steps_to_mail(limit: int) -> list[RequestStep]:
    """Steps that the asker was not told yet, the oldest first."""
    return list(RequestStep.objects.filter(mailed=False).select_related("request").order_by("id")[:limit])


def note_mailed(step: RequestStep) -> None:
    """The asker was told. Where nothing more will come the address is forgotten."""
    RequestStep.objects.filter(pk=step.pk).update(mailed=True)
    over = (RequestState.ANSWERED, RequestState.FINAL, RequestState.DROPPED)
    DataRequest.objects.filter(pk=step.request_id, state__in=over).update(email="")


def answered_within(begin: date) -> dict[str, int]:
    """How requests since that day ended: {state: count}."""
    found = DataRequest.objects.filter(created__date__gte=begin).exclude(state=RequestState.DROPPED)
    return dict(found.order_by().values_list("state").annotate(Count("pk")))
