"""What the way in needs to know of each Datastream, kept in memory so that an observation costs no database query."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple

from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.observations.models import Datastream

_LARGEST = 1.7976931348623157e308
_LIFE_SECONDS = 30.0  # another process may have changed a Datastream; no later than this it is seen here
_CHUNK = 500
_MOST_ACTORS = 1_000


class StreamInfo(NamedTuple):
    """A Datastream as the way in sees it. low, high: plausible range, never NaN; sentinels: numbers for «no value»."""

    id: int
    code: str
    dataset_code: str
    owner_id: int | None
    access_class: str
    unit: str
    low: float
    high: float
    sentinels: frozenset[float]


class StreamBook:
    """Looks Datastreams up by code. `known` is memory only and safe on the event loop; `load` asks the database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_code: dict[str, StreamInfo] = {}
        self._writable: dict[Actor, dict[str, StreamInfo]] = {}
        self._since = monotonic()

    def known(self) -> dict[str, StreamInfo]:
        """What is in memory now: a mapping from code, to be read only."""
        if monotonic() - self._since > _LIFE_SECONDS:
            self.forget()
        return self._by_code

    def load(self, codes: Iterable[str]) -> dict[str, StreamInfo]:
        """As `known`, after asking the database for the codes that are not in memory. Blocks."""
        known = self.known()
        missing = [code for code in dict.fromkeys(codes) if code not in known]
        found: dict[str, StreamInfo] = {}
        for start in range(0, len(missing), _CHUNK):
            rows = Datastream.objects.filter(code__in=missing[start : start + _CHUNK]).select_related("dataset")
            found |= {row.code: _info(row) for row in rows}
        with self._lock:
            self._by_code = {**self._by_code, **found}
            return self._by_code

    def writable(
        self, actor: Actor, codes: Sequence[str], streams: Mapping[str, StreamInfo]
    ) -> Mapping[str, StreamInfo]:
        """Those of the Datastreams that exist and that the actor may write to; what `can` said is remembered as long
        as the Datastreams are. The mapping may hold others that the actor may write to."""
        mine = self._writable.get(actor)
        if mine is None:
            if len(self._writable) > _MOST_ACTORS:
                self._writable.clear()
            mine = self._writable.setdefault(actor, {})
        for code in codes:
            if code not in mine:
                info = streams.get(code)
                if info and can(actor, "observations:write", info):
                    mine[code] = info
        return mine

    def forget(self) -> None:
        """Forgets everything; the next look-up asks the database."""
        with self._lock:
            self._by_code = {}
            self._writable = {}
            self._since = monotonic()


def _info(row: Datastream) -> StreamInfo:
    return StreamInfo(
        id=row.pk,
        code=row.code,
        dataset_code=row.dataset.code,
        owner_id=row.dataset.owner_id,
        access_class=row.dataset.access_class,
        unit=row.unit,
        low=-_LARGEST if row.minimum is None else row.minimum,
        high=_LARGEST if row.maximum is None else row.maximum,
        sentinels=frozenset(float(number) for number in row.sentinels),
    )


book = StreamBook()


def _changed(sender: type[Model], **_: Any) -> None:
    if sender._meta.label_lower in ("observations.datastream", "catalogue.dataset"):
        book.forget()


def watch() -> None:
    """Forgets what is remembered when a Datastream or Dataset changes in this process."""
    post_save.connect(_changed, dispatch_uid="stream-book")
    post_delete.connect(_changed, dispatch_uid="stream-book")
