"""The audit trail: who changed what, when. Append-only by database triggers, each sealed by the hash of all before.

Details (personal data may be among them) live in a table of their own under a salted hash: erasing them leaves a chain
that still verifies and a hash that nobody can guess back. Publish `head()` elsewhere to prove that no end was cut off.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from allmende.core.clock import now, to_us
from allmende.core.models import AuditDetail, AuditEntry

BEGINNING = "0" * 64
_WRITERS = 4_116_052_021  # a number of our own for PostgreSQL's advisory lock: one writer of the chain at a time


@dataclass(frozen=True, slots=True)
class Entry:
    """One change as shown to people; details is None once erased."""

    number: int
    time: datetime
    actor_kind: str
    actor_code: str
    action: str
    kind: str
    code: str
    details: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Where the chain does not hold."""

    number: int
    what: str


def record(actor_kind: str, actor_code: str, action: str, kind: str, code: str, details: dict[str, Any]) -> int:
    """Appends an entry within the caller's transaction and returns its number; call it last, right before the commit.

    On PostgreSQL other writers of the trail wait from here until that commit (on SQLite all writers wait anyhow).
    details: JSON; no secrets. actor_code and code must be codes, not names: they stay for ever.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITERS])
        number, previous = head()
        salt = secrets.token_hex(16)
        plain = _canonical(details)
        entry = AuditEntry(
            number=number + 1,
            time=now(),
            actor_kind=actor_kind,
            actor_code=actor_code,
            action=action,
            kind=kind,
            code=code,
            details_hash=_details_hash(salt, plain),
            previous=previous,
        )
        entry.hash = _hash(entry)
        entry.save(force_insert=True)
        AuditDetail.objects.create(entry=entry, salt=salt, details=plain)
    return entry.number


def head() -> tuple[int, str]:
    """Number and hash of the last entry; (0, zeros) of an empty trail."""
    last = AuditEntry.objects.order_by("-number").values_list("number", "hash").first()
    return last or (0, BEGINNING)


def verify(witness: tuple[int, str] | None = None) -> list[Problem]:
    """Reads the whole trail and says where it does not hold; an empty list means that it does.

    witness: an earlier `head()` that was kept elsewhere; the trail must still contain it.
    """
    problems: list[Problem] = []
    previous, expected = BEGINNING, 1
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=2000):
        if entry.number != expected:
            problems.append(Problem(expected, f"entries {expected} to {entry.number - 1} are missing"))
        elif entry.previous != previous:
            problems.append(Problem(entry.number, "does not follow from the entry before"))
        if entry.hash != _hash(entry):
            problems.append(Problem(entry.number, "was changed after it was written"))
        if witness and entry.number == witness[0] and entry.hash != witness[1]:
            problems.append(Problem(entry.number, "is not the entry that the witness saw"))
        previous, expected = entry.hash, entry.number + 1
    if witness and expected <= witness[0]:
        problems.append(Problem(expected, f"entries {expected} to {witness[0]} are missing at the end"))
    return problems + list(_changed_details())


def history(kind: str, code: str, limit: int = 50) -> list[Entry]:
    """The latest changes of one thing, newest first; who may see them is the caller's question."""
    rows = AuditEntry.objects.filter(kind=kind, code=code).select_related("detail").order_by("-number")[:limit]
    return [
        Entry(
            row.number,
            row.time,
            row.actor_kind,
            row.actor_code,
            row.action,
            row.kind,
            row.code,
            json.loads(row.detail.details) if hasattr(row, "detail") else None,
        )
        for row in rows
    ]


def erase_details(numbers: list[int]) -> int:
    """Erases the details (and their salts) of these entries for good; the entries stay. Returns how many there were."""
    return AuditDetail.objects.filter(entry_id__in=numbers).delete()[0]


def _changed_details() -> Iterator[Problem]:
    for detail in AuditDetail.objects.select_related("entry").order_by("entry_id").iterator(chunk_size=2000):
        if _details_hash(detail.salt, detail.details) != detail.entry.details_hash:
            yield Problem(detail.entry_id, "its details were changed after they were written")


def _canonical(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"))


def _details_hash(salt: str, details: str) -> str:
    return sha256(f"{salt}{details}".encode()).hexdigest()


def _hash(entry: AuditEntry) -> str:
    sealed = [
        entry.number,
        to_us(entry.time),
        entry.actor_kind,
        entry.actor_code,
        entry.action,
        entry.kind,
        entry.code,
        entry.details_hash,
        entry.previous,
    ]
    return sha256(_canonical(sealed).encode()).hexdigest()
