"""One new Observation, quickly: typed decoding, nothing looked up, no thread, where that is possible."""

from typing import Any

import msgspec
from msgspec import Struct, field

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.entities import OBSERVATION
from allmende.api.sensorthings.ids import observation_id
from allmende.api.sensorthings.language.paths import Answer as Wanted
from allmende.api.sensorthings.language.paths import ResourcePath
from allmende.api.sensorthings.reading.context import Reader
from allmende.api.sensorthings.reading.shapes import STREAMS, Observed, observations_as_objects
from allmende.api.sensorthings.writing.bodies import BROKEN, check, harmless
from allmende.api.sensorthings.writing.drafting import check_extra
from allmende.api.sensorthings.writing.moments import instant, moment, period
from allmende.observations.extras import Extra, pack, unpack
from allmende.observations.services import features
from allmende.observations.services.keeping import Entry, Future, Kept, keep_newest
from allmende.observations.services.observing import NoFeature, Sent, WrongResult, entry, judged, ready
from allmende.observations.services.settling import settled
from allmende.observations.streams import StreamInfo, book

MINIMAL = "return=minimal"


class _Link(Struct, forbid_unknown_fields=True):
    id: str = field(name="@iot.id")


class _Body(Struct, forbid_unknown_fields=True):
    """An Observation that links to what exists."""

    result: Any
    phenomenonTime: str | None = None  # noqa: N815 - the standard's names
    resultTime: str | None = None  # noqa: N815
    resultQuality: Any = None  # noqa: N815
    validTime: str | None = None  # noqa: N815
    parameters: dict[str, Any] | None = None
    Datastream: _Link | None = None
    MultiDatastream: _Link | None = None
    FeatureOfInterest: _Link | None = None


_decode = msgspec.json.Decoder(_Body).decode


def target_of(path: ResourcePath) -> tuple[str | None, bool] | None:
    """(the Datastream in which a path creates observations, whether it is a MultiDatastream): None where the body has
    to name it. None as a whole for every other path."""
    steps = path.steps
    if path.answer != Wanted.COLLECTION or steps[-1].entity is not OBSERVATION:
        return None
    if len(steps) == 2 and steps[0].entity.name in STREAMS:
        return str(steps[0].id), steps[0].entity.name == "MultiDatastream"
    return (None, False) if len(steps) == 1 else None


def understood(actor: Actor, body: bytes, stream: str | None, multi: bool) -> tuple[StreamInfo, Sent] | None:
    """What an Observation says and to which Datastream, from memory. None for whatever is unusual or wrong in any way:
    that goes the ordinary road, which also knows how to refuse. Raises Problem for times and the like.

    stream, multi: the Datastream that the address names.
    """
    read = _read(body, stream, multi)
    if read is None:
        return None
    said, stream, multi = read
    info = known(actor, stream)
    if info is None or (info.parts > 0) != multi:
        return None
    feature = None
    if said.FeatureOfInterest is not None:
        feature = features.recall(actor, said.FeatureOfInterest.id)
        if feature is None:
            return None
    return info, _sent(said, feature)


def _read(body: bytes, stream: str | None, multi: bool) -> tuple[_Body, str, bool] | None:
    """(what is said, the code of the Datastream, whether it is to be a MultiDatastream)."""
    if not harmless(body):
        return None
    try:
        said = _decode(body)
    except (*BROKEN, RecursionError):
        return None
    link = said.Datastream or said.MultiDatastream
    if stream is not None:
        return None if link is not None else (said, stream, multi)
    if link is None or (said.Datastream and said.MultiDatastream):
        return None
    return said, link.id, said.MultiDatastream is not None


async def made_ready(actor: Actor, body: bytes, stream: str | None, multi: bool) -> None:
    """Brings the Datastream of an Observation into memory and makes what its observations are about, where that is all
    that `checked` lacks: many first observations do so together. Raises Problem for times and the like."""
    read = _read(body, stream, multi) if can(actor, "observations:write") else None
    if read is None:
        return
    said, code, several = read
    sent = _sent(said, None)

    def fits(info: StreamInfo) -> bool:
        """Whether the observation can be kept once what it is about is there."""
        if said.FeatureOfInterest or (info.parts > 0) != several or not can(actor, "observations:write", info):
            return False
        try:
            judged(info, sent.result)
        except WrongResult:
            return False
        return True

    info = book.known().get(code)
    if (info is None and code.isascii() and code.isprintable()) or (info is not None and info.due and fits(info)):
        await settled(code, fits)


def checked(actor: Actor, body: bytes, stream: str | None, multi: bool) -> Entry | None:
    """An Observation that can be kept without asking the relational database, as it is to be kept; else None."""
    said = understood(actor, body, stream, multi)
    if said is None or not ready(*said):
        return None
    try:
        return entry(*said)
    except (NoFeature, WrongResult):
        return None


def at_once(actor: Actor, body: bytes, stream: str | None, multi: bool) -> "tuple[Entry, Future] | None":
    """Begins to keep an Observation that is the newest of its Datastream; the future is done when it is on disk. None
    for all others. Raises Problem for times and the like, StoreError."""
    made = checked(actor, body, stream, multi)
    done = None if made is None else keep_newest(made)
    return None if made is None or done is None else (made, done)


def known(actor: Actor, stream: str) -> StreamInfo | None:
    """A Datastream that is in memory and that the actor may write to."""
    streams = book.known()
    return book.writable(actor, (stream,), streams).get(stream) if stream in streams else None


def _sent(said: _Body, feature: int | None) -> Sent:
    """Raises Problem."""
    time, finish = (None, None) if said.phenomenonTime is None else moment(said.phenomenonTime, "$.phenomenonTime")
    if isinstance(said.result, list | dict):
        check(said.result, "$.result", nul=False)
    extra = None
    if finish is not None or said.resultTime or said.resultQuality is not None or said.validTime or said.parameters:
        extra = _extra(said, finish)
    return Sent(time, said.result, extra, feature)


def _extra(said: _Body, finish: int | None) -> Extra:
    if said.parameters:
        check(said.parameters, "$.parameters", nul=False)
        check_extra({"parameters": said.parameters}, "$")
    check(said.resultQuality, "$.resultQuality", nul=False)
    return Extra(
        finish=finish,
        result_time=instant(said.resultTime, "$.resultTime") if said.resultTime else None,
        result_quality=said.resultQuality,
        valid_time=period(said.validTime, "$.validTime") if said.validTime else None,
        parameters=said.parameters or None,
    )


def created(ask: Ask, made: Entry, kept: Kept) -> Answer:
    """201 for an observation."""
    info = made.info
    headers = {"Location": f"{ask.root}/Observations('{observation_id(info.code, kept.time, kept.rank)}')"}
    if MINIMAL in ask.prefer:
        return Answer(201, None, {**headers, "Preference-Applied": MINIMAL})
    extra = made.extra
    if kept.time != made.time:  # the same was there already, brought here by a correction
        extra = pack(unpack(extra).made_of((kept.time, kept.rank)))
    row = Observed(info.id, made.time, made.value, made.quality, extra, kept.rank)
    return Answer(201, shown(ask, info.code, info.parts > 0, row), headers)


def shown(ask: Ask, code: str, multi: bool, row: Observed) -> dict[str, Any]:
    """An observation as its reader gets it."""
    return observations_as_objects(Reader(ask.actor, ask.root), [row], (), {row.ds: (code, multi)})[0]
