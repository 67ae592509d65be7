"""What the runner reads from the tables and writes into them: what should run, how it does, first messages."""

import asyncio
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple

from allmende.connectors.hooks import Take
from allmende.connectors.intake import Outcome
from allmende.connectors.models import Connector, Draft
from allmende.connectors.readings import Message
from allmende.core.clock import now
from allmende.core.connections import cleanly
from allmende.core.said import Said
from allmende.observations.stores import StoreError

HEARTBEAT = timedelta(seconds=10)
LISTENS_FOR = timedelta(hours=24)
MOST_SAMPLE = 262_144  # bytes of a first message
_SAMPLES_SECONDS = 10.0  # samples are written so seldom, and at once while there are few
_written: dict[str, tuple[int, int, float]] = {}  # connector → (how many samples, arrival of the newest, when)


class Setup(NamedTuple):
    """What the runner needs to know of a connector."""

    code: str
    kind: str
    dataset: str
    config: dict[str, Any]
    secret_hash: str


def enabled() -> list[Setup]:
    """What should run now."""
    rows = Connector.objects.filter(enabled=True).select_related("dataset").defer("state", "samples")
    return [Setup(row.code, row.kind, row.dataset.code, row.config, row.secret_hash) for row in rows]


def removed(codes: list[str]) -> set[str]:
    """Those of the connectors that are not there any more, rather than switched off or changed."""
    return set(codes) - set(Connector.objects.filter(code__in=codes).values_list("code", flat=True)) if codes else set()


def note(states: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
    """Writes down how connectors do, where that changed, and now and then that they still run.

    states: code → (facts, last messages).
    """
    moment = now()
    for connector in Connector.objects.filter(code__in=states).only("pk", "code", "state", "state_at"):
        facts, samples = states[connector.code]
        changes: dict[str, Any] = {}
        if connector.state != facts or _stale(connector.state_at, moment):
            changes |= {"state": facts, "state_at": moment}
        if samples and _samples_due(connector.code, len(samples), samples[0]["arrival"]):
            changes["samples"] = samples
        if changes:
            Connector.objects.filter(pk=connector.pk).update(**changes)
    for gone in _written.keys() - states.keys():
        del _written[gone]


def _stale(heard: datetime | None, moment: datetime) -> bool:
    """Also when the wall clock was set back."""
    return heard is None or not timedelta(0) <= moment - heard <= HEARTBEAT


def _samples_due(code: str, count: int, newest: int) -> bool:
    before, last, at = _written.get(code, (0, 0, 0.0))
    if newest == last or (count <= before and monotonic() - at < _SAMPLES_SECONDS):
        return False
    _written[code] = (count, newest, monotonic())
    return True


class Waiting(NamedTuple):
    """An unfinished set-up that waits for a first message: at its door where it has a secret, else where its
    configuration says."""

    code: str
    kind: str
    config: dict[str, Any]
    secret_hash: str
    listens: bool


def waiting() -> list[Waiting]:
    """All of them."""
    moment = now()
    recent = Draft.objects.filter(changed__gt=moment - LISTENS_FOR).defer("sample")
    return [
        Waiting(row.code, row.kind, row.config, row.secret_hash, listens)
        for row in recent
        if (listens := row.listens_until is not None and row.listens_until > moment) or row.secret_hash
    ]


def no_message(draft: str, why: Said) -> None:
    """Notes why a set-up could have no message, and that nobody listens for it any more."""
    Draft.objects.filter(code=draft).update(trouble=why.to_json(), listens_until=None)


def first_message(draft: str) -> Take:
    """Takes a message for a set-up: it becomes the sample to set up by, and nothing else."""

    async def take(message: Message) -> Outcome:
        await asyncio.to_thread(cleanly, _keep_sample, draft, message)
        return Outcome()

    return take


def _keep_sample(draft: str, message: Message) -> None:
    payload = message.payload[:MOST_SAMPLE]
    topic = message.topic.replace("\0", "")[:500]
    kept = Draft.objects.filter(code=draft).update(
        sample=payload, sample_topic=topic, sample_at=now(), listens_until=None, trouble={}
    )
    if not kept:  # it became a connector a moment ago, whose own door opens at once
        raise StoreError("The connector is being set up. Nothing was kept; please send it again.")
