"""Counts how often datasets are used: without cookies, without addresses, without anything about who did.

Counts wait in memory for up to a minute, so that reading costs no write; what waits is lost when the process is killed.
"""

import threading
from collections import Counter
from datetime import date, timedelta
from time import monotonic

from django.db import DatabaseError, transaction
from django.db.models import F, Sum

from allmende.catalogue.models import Dataset
from allmende.catalogue.uses.tables import DatasetUse, UseKind
from allmende.core.clock import now, town_zone

__all__ = ["UseKind", "count", "flush", "used"]
_FLUSH_SECONDS = 60.0
_MACHINES = ("bot", "crawl", "spider", "slurp", "monitor", "preview")
_waiting: Counter[tuple[int, date, str]] = Counter()
_lock = threading.Lock()
_flushed = monotonic()


def count(dataset: int, kind: UseKind, agent: str = "") -> None:
    """One use of the dataset with this number. agent: the User-Agent; search engines and monitors are not counted."""
    low = agent.lower()
    if any(word in low for word in _MACHINES):
        return
    with _lock:
        _waiting[(dataset, _today(), str(kind))] += 1
        due = monotonic() - _flushed > _FLUSH_SECONDS
    if due:
        flush()


def flush() -> None:
    """Writes what waits. A database that cannot be written now gets it the next time."""
    global _flushed
    with _lock:
        taken = dict(_waiting)
        _waiting.clear()
        _flushed = monotonic()
    if not taken:
        return
    try:
        with transaction.atomic():
            _write(taken)
    except DatabaseError:
        with _lock:
            _waiting.update(taken)


def _write(taken: dict[tuple[int, date, str], int]) -> None:
    there = set(Dataset.objects.filter(pk__in={number for number, _day, _kind in taken}).values_list("pk", flat=True))
    for (number, day, kind), times in taken.items():
        if number not in there:
            continue
        row, _made = DatasetUse.objects.get_or_create(dataset_id=number, day=day, kind=kind)
        DatasetUse.objects.filter(pk=row.pk).update(count=F("count") + times)


def used(dataset: int, days: int = 30) -> dict[str, int]:
    """How often it was used within the last days, by kind; what waits in this process is counted in."""
    since = _today() - timedelta(days=days - 1)
    found = DatasetUse.objects.filter(dataset_id=dataset, day__gte=since).values_list("kind").annotate(Sum("count"))
    counts = Counter(dict(found))
    with _lock:
        for (number, day, kind), times in _waiting.items():
            if number == dataset and day >= since:
                counts[kind] += times
    return dict(counts)


def _today() -> date:
    return now().astimezone(town_zone()).date()
