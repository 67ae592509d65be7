"""Which mail is to be sent to whom: at once where a sensor falls silent, every morning where something needs care.

A mail is a row before it is a mail. The row is written in the transaction that settles the change it tells of, so
each change is told to each person once or not at all, whatever stops in between. What it says is put into words above,
in `web.mails`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from allmende.accounts.queries import Letterbox, letterboxes
from allmende.core.clock import now, town_zone
from allmende.observations.care.concerns import Concern, Need, concerns
from allmende.observations.care.rules import State
from allmende.observations.care.tables import CareMail, FollowedKind, StateChange, Subscription

# A change is told when it has lasted so long: short disturbances, and the silence after the server itself was down,
# are over by then.
HOLD = timedelta(minutes=10)
MORNING = 7  # the hour of the town at which the daily mail goes out
_CLAIM = timedelta(minutes=10)
MOST_ATTEMPTS = 6
KEEP = timedelta(days=60)


class Due(NamedTuple):
    """A mail to be sent now. concerns: what it tells of, as far as the person may see it."""

    number: int
    kind: str
    to: Letterbox
    person: str
    concerns: list[Concern]


def settle(moment: datetime | None = None) -> int:
    """Decides who is told at once of sensors that fell silent; returns for how many people there is a mail."""
    moment = moment or now()
    ripe = StateChange.objects.filter(settled=False, time__lte=moment - HOLD).order_by("pk")
    rows = list(ripe.values_list("pk", "datastream__thing", "datastream__care__state")[:5_000])
    if not rows:
        return 0
    lasting = {number: thing for number, thing, state in rows if state == State.SILENT}
    wanted = _wanted(set(lasting.values()), moment)
    with transaction.atomic():
        StateChange.objects.filter(pk__in=[number for number, _thing, _state in rows]).update(settled=True)
        mails = []
        for person, things in wanted.items():
            told = [number for number, thing in lasting.items() if thing in things]
            mails.append(
                CareMail(person=person, kind="silent", key=str(told[0]), changes=told, created=moment, due=moment)
            )
        CareMail.objects.bulk_create(mails, ignore_conflicts=True)
    return len(wanted)


def _wanted(things: set[int], moment: datetime) -> dict[str, set[int]]:
    """By person: those of the things of which they want to hear at once. What somebody has seen is no news."""
    if not things:
        return {}
    found: dict[str, set[int]] = {}
    for person, (box, subscriptions) in _readers(Subscription.objects.filter(at_once=True)).items():
        for concern in concerns(box.actor, moment, things=things):
            if concern.seen is None and any(_covers(each, concern) for each in subscriptions):
                found.setdefault(person, set()).add(concern.thing)
    return found


def plan_daily(moment: datetime | None = None) -> int:
    """From MORNING on: one mail per person and day for those who want it daily; returns how many are new."""
    moment = moment or now()
    local = moment.astimezone(town_zone())
    if local.hour < MORNING:
        return 0
    key = local.date().isoformat()
    there = CareMail.objects.filter(kind="daily", key=key).values("person")
    people = Subscription.objects.filter(daily=True).exclude(person__in=there).order_by("person")
    mails = [
        CareMail(person=person, kind="daily", key=key, created=moment, due=moment)
        for person in people.values_list("person", flat=True).distinct()
    ]
    CareMail.objects.bulk_create(mails, ignore_conflicts=True)
    return len(mails)


def claim(moment: datetime | None = None) -> Due | None:
    """The next mail to be sent, held for ten minutes; None when there is none. Mails that tell nobody anything, or
    whose person is gone, are done with here."""
    moment = moment or now()
    while True:
        waiting = CareMail.objects.filter(sent=None, due__lte=moment, attempts__lt=MOST_ATTEMPTS)
        row = waiting.order_by("pk").first()
        if row is None:
            return None
        claimed = waiting.filter(pk=row.pk, due=row.due).update(due=moment + _CLAIM, attempts=F("attempts") + 1)
        if not claimed:  # another process was quicker
            continue
        due = _due(row, moment)
        if due:
            return due
        sent(row.pk, moment)


def sent(number: int, moment: datetime | None = None) -> None:
    """The mail has gone."""
    CareMail.objects.filter(pk=number).update(sent=moment or now())


def failed(number: int, moment: datetime | None = None) -> None:
    """The mail could not be sent; it is tried again, ever later, MOST_ATTEMPTS times in all."""
    row = CareMail.objects.get(pk=number)
    pause = timedelta(minutes=5) * 3 ** (row.attempts - 1)
    CareMail.objects.filter(pk=number).update(due=(moment or now()) + pause)


def forget_old(moment: datetime | None = None) -> int:
    """Removes mails that were made more than two months ago; returns how many."""
    return CareMail.objects.filter(created__lt=(moment or now()) - KEEP).delete()[0]


def _due(row: CareMail, moment: datetime) -> Due | None:
    wish = {"at_once": True} if row.kind == "silent" else {"daily": True}
    reader = _readers(Subscription.objects.filter(person=row.person, **wish)).get(row.person)
    if reader is None:
        return None
    box, subscriptions = reader
    things = None
    if row.kind == "silent":
        things = StateChange.objects.filter(pk__in=row.changes).values_list("datastream__thing", flat=True)
    found = [
        concern
        for concern in concerns(box.actor, moment, things=things)
        if concern.seen is None and any(_covers(each, concern) for each in subscriptions)
    ]
    if row.kind == "silent":  # whoever reports again meanwhile is no news
        found = [concern for concern in found if concern.need is Need.SILENT]
    return Due(row.pk, row.kind, box, row.person, found) if found else None


def _readers(subscriptions: Iterable[Subscription]) -> dict[str, tuple[Letterbox, list[Subscription]]]:
    wishes: dict[str, list[Subscription]] = {}
    for each in subscriptions:
        wishes.setdefault(each.person, []).append(each)
    return {person: (box, wishes[person]) for person, box in letterboxes(wishes).items()}


def _covers(subscription: Subscription, concern: Concern) -> bool:
    if subscription.kind == FollowedKind.ALL:
        return True
    codes = {
        FollowedKind.ORGANISATION: concern.owner,
        FollowedKind.DATASET: concern.dataset_code,
        FollowedKind.THING: concern.code,
    }
    return codes[FollowedKind(subscription.kind)] == subscription.target
