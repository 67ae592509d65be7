"""What the way in needs to know of each Datastream, kept in memory so that an observation costs no database query."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Model
from django.db.models.signals import post_delete, post_save

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.observations.models import Datastream, Thing
from allmende.observations.remembered import memory
from allmende.observations.store.terms import FEATURE

_LARGEST = 1.7976931348623157e308
_NEVER = -(2**63)
_LIFE_SECONDS = 30.0  # another process may have changed a Datastream; no later than this it is seen here
_CHUNK = 500
_MOST_ACTORS = 1_000


class StreamInfo(NamedTuple):
    """A Datastream as the way in sees it. low, high: plausible range, never NaN; sentinels: numbers for «no value».

    parts: how many numbers a result of a MultiDatastream has, 0 for a Datastream; feature, place: internal numbers of
    what an observation is about that names nothing, and of the feature of where the Thing is now; due: one of the two
    has to be made before the next observation; ids_upto: see Datastream; extra: what every observation carries that
    says nothing else, as JSON text; plain: a Datastream without such an extra.
    """

    id: int
    code: str
    dataset_code: str
    owner_id: int | None
    access_class: str
    unit: str
    low: float
    high: float
    sentinels: frozenset[float]
    parts: int = 0
    feature: int | None = None
    place: int | None = None
    due: bool = False
    ids_upto: int = _NEVER
    extra: str | None = None
    plain: bool = True


class StreamBook:
    """Looks Datastreams up by code. `known` is memory only and safe on the event loop; `load` asks the database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._generation = object()
        self._since = monotonic()
        self._by_code: dict[str, StreamInfo] = {}
        self._writable: dict[Actor, dict[str, StreamInfo]] = {}
        self.due: frozenset[str] = frozenset()  # those whose feature has to be made first

    def known(self) -> dict[str, StreamInfo]:
        """What is in memory now: a mapping from code, to be read only."""
        if monotonic() - self._since > _LIFE_SECONDS:
            self.forget()
        return self._by_code

    def load(self, codes: Iterable[str]) -> dict[str, StreamInfo]:
        """As `known`, after asking the database for the codes that are not in memory. Blocks."""
        known = self.known()
        generation = self._generation
        missing = [code for code in dict.fromkeys(codes) if code not in known]
        found: dict[str, StreamInfo] = {}
        for start in range(0, len(missing), _CHUNK):
            found |= {info.code: info for info in _read(missing[start : start + _CHUNK])}
        due = {code for code, info in found.items() if info.due}
        with self._lock:
            if generation is not self._generation:  # read before a change: good for this once, but not to be kept
                return {**self._by_code, **found}
            self._by_code = {**self._by_code, **found}
            self.due = self.due | due
            return self._by_code

    def writable(
        self, actor: Actor, codes: Iterable[str], streams: Mapping[str, StreamInfo]
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

    def forget(self, codes: Sequence[str] | None = None) -> None:
        """Forgets these Datastreams, or all; the next look-up asks the database."""
        with self._lock:
            self._generation = object()
            self._writable = {}
            if codes is None:
                self._by_code = {}
                self.due = frozenset()
                self._since = monotonic()
            else:
                gone = frozenset(codes)
                self._by_code = {code: info for code, info in self._by_code.items() if code not in gone}
                self.due = self.due - gone


def read_streams(codes: Iterable[str]) -> dict[str, StreamInfo]:
    """These Datastreams as the database has them now, within a transaction that may yet fail: not remembered."""
    return {info.code: info for info in _read(list(codes))}


def _read(codes: Sequence[str]) -> list[StreamInfo]:
    rows = list(
        Datastream.objects.filter(code__in=codes)
        .select_related("dataset")
        .annotate(parts=Count("components"))
        .order_by("pk")
    )
    places = places_of({row.thing_id for row in rows})
    return [_info(row, row.parts if row.multi else 0, places.get(row.thing_id)) for row in rows]


def places_of(things: Iterable[int]) -> dict[int, tuple[int, int | None]]:
    """Per Thing that is somewhere: (its Location, that Location's own feature); of several Locations the first that is
    GeoJSON, as in `services.registering.move_thing`."""
    through = Thing.locations.through.objects.filter(thing_id__in=set(things))
    rows = through.order_by("location_id").values_list(
        "thing_id", "location_id", "location__west", "location__own_feature_id"
    )
    found: dict[int, tuple[int, int | None]] = {}
    drawn: set[int] = set()
    for thing, location, west, feature in rows:
        if thing not in found or (west is not None and thing not in drawn):
            found[thing] = (location, feature)
            if west is not None:
                drawn.add(thing)
    return found


def _info(row: Datastream, parts: int, place: tuple[int, int | None] | None) -> StreamInfo:
    feature = place[1] if place else None
    moved = feature is not None and row.feature_id is not None and feature != row.feature_id
    extra = f'{{"{FEATURE}":{feature}}}' if moved else None
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
        parts=parts,
        feature=row.feature_id,
        place=feature,
        due=place is not None and (feature is None or row.feature_id is None),
        ids_upto=_NEVER if row.ids_upto is None else row.ids_upto,
        extra=extra,
        plain=extra is None and not parts,
    )


book = StreamBook()


def changed(codes: Sequence[str] | None = None) -> None:
    """Forgets these Datastreams (None: all) now and, within a transaction, once more when it is done: somebody may have
    read the old state in between. Called for what `watch` does not hear of: links to many, updates without a save."""

    def forget() -> None:
        book.forget(codes)
        memory.forget()

    forget()
    transaction.on_commit(forget)


def _changed(sender: type[Model], **_: Any) -> None:
    if sender._meta.label_lower in ("observations.datastream", "catalogue.dataset"):
        book.forget()
        transaction.on_commit(book.forget)


def watch() -> None:
    """Forgets what is remembered when a Datastream or Dataset changes in this process."""
    post_save.connect(_changed, dispatch_uid="stream-book")
    post_delete.connect(_changed, dispatch_uid="stream-book")
