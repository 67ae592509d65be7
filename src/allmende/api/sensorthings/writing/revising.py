"""Changing and deleting Observations: the store keeps them, so it is done on the event loop, after the transaction."""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import structs

from allmende.accounts.permissions import require
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.compiling.observations import asked
from allmende.api.sensorthings.entities import OBSERVATION
from allmende.api.sensorthings.language.options import Options
from allmende.api.sensorthings.reading.context import Missing, Reader
from allmende.api.sensorthings.reading.scope import Observations
from allmende.api.sensorthings.reading.shapes import STREAMS, Observed
from allmende.api.sensorthings.writing.bodies import bad
from allmende.api.sensorthings.writing.drafting import changed, check_extra, refs, take_apart
from allmende.api.sensorthings.writing.moments import moment
from allmende.api.sensorthings.writing.observing import MINIMAL, shown
from allmende.api.sensorthings.writing.updating import wanted
from allmende.observations.extras import Extra, unpack
from allmende.observations.queries.entities import streams_by_id
from allmende.observations.queries.searching import every, matching_streams
from allmende.observations.services import features
from allmende.observations.services.entities import Gone, Work
from allmende.observations.services.keeping import StoredRow, UnknownObservation, remove, revise
from allmende.observations.services.observing import WrongResult, feature_of, judged
from allmende.observations.streams import StreamInfo, book

Later = Callable[[], Awaitable[Answer]]


def _subject(work: Work, scope: Observations) -> tuple[StreamInfo, Observed, tuple[int, int]]:
    """(its Datastream, the observation, what its id is made of); the actor may write it. Blocks."""
    row = scope.row
    assert row is not None
    code = streams_by_id([row.ds])[row.ds].code
    info = book.load([code])[code]
    require(work.actor, "observations:write", info)
    return info, row, unpack(row.x).origin or (row.t, row.k)


def revise_observation(work: Work, ask: Ask, scope: Observations) -> Later:
    """PATCH, PUT or JSON Patch: what is to be done once the transaction is through. Blocks."""
    info, row, key = _subject(work, scope)
    about = _links(work, ask, info, row)
    _edited(ask, info, _stored(row), unpack(row.x), about)  # so that what is wrong is said before anything is changed

    async def later() -> Answer:
        try:
            new = await revise(info, key, lambda old, extra: _edited(ask, info, old, extra, about))
        except UnknownObservation as error:
            raise Missing("The Observation was deleted meanwhile.") from error
        if MINIMAL in ask.prefer:
            return Answer(204, None, {"Preference-Applied": MINIMAL})
        return Answer(200, shown(ask, info.code, info.parts > 0, Observed(*new)))

    return later


def _stored(row: Observed) -> StoredRow:
    return row.ds, row.t, row.v, row.q, row.x, row.k


def _wanted(ask: Ask, info: StreamInfo, row: StoredRow) -> tuple[dict[str, Any], bool]:
    return wanted(ask, OBSERVATION, lambda: shown(ask, info.code, info.parts > 0, Observed(*row)))


def _links(work: Work, ask: Ask, info: StreamInfo, row: Observed) -> int | None:
    """The internal number of the feature that the observation is to be about; None where that stays. Raises Problem for
    another Datastream: its id says to which one it belongs."""
    said = take_apart(OBSERVATION, _wanted(ask, info, _stored(row))[0], "$")
    about = None
    for name, targets in refs(OBSERVATION, said.links, "$").items():
        if name not in STREAMS:
            about = work.find("FeatureOfInterest", targets[0]).pk
        elif targets[0].id != info.code or (name == "MultiDatastream") != (info.parts > 0):
            what = "An Observation stays in its Datastream; create it anew in the other and delete it here."
            raise bad(targets[0].path, what)
    if about is not None:
        features.note([(info.id, about)])
    return about


def _edited(
    ask: Ask, info: StreamInfo, row: StoredRow, extra: Extra, about: int | None
) -> tuple[int, float | None, int, Extra]:
    """(time, value, quality, extra) of an observation after the request. Raises Problem."""
    body, whole = _wanted(ask, info, row)
    said = take_apart(OBSERVATION, body, "$").properties
    check_extra(said, "$")
    time, value, quality = row[1], row[2], row[3]
    if whole and "result" not in said:
        raise bad("$.result", "An Observation needs a result; it may be null.")
    if whole:
        said = {**dict.fromkeys(("resultTime", "resultQuality", "validTime", "parameters")), **said}
    extra = changed(extra, said, "$")
    if said.get("phenomenonTime") is not None:
        time, finish = moment(said["phenomenonTime"], "$.phenomenonTime")
        extra = structs.replace(extra, finish=finish)
    if "result" in said:
        before = value, extra.result
        try:
            value, judgement, rest = judged(info, said["result"])
        except WrongResult as fault:
            raise bad("$.result", str(fault)) from None
        if (value, rest) != before:  # else what is known against the value still is
            quality = judgement
        extra = structs.replace(extra, result=rest)
    if about is not None:
        extra = structs.replace(extra, feature=feature_of(info, about))
    return time, value, quality, extra


def delete_observation(work: Work, ask: Ask, scope: Observations) -> Later:
    """DELETE of one. Blocks."""
    info, _, key = _subject(work, scope)
    work.note_removal([info.code])

    async def later() -> Answer:
        try:
            await remove(info, key)
        except UnknownObservation as error:
            raise Missing("The Observation was deleted meanwhile.") from error
        return Answer(200)

    return later


def delete_observations(work: Work, reader: Reader, scope: Observations, options: Options) -> Gone:
    """DELETE of all that a filter names. Blocks."""
    found = asked(options.filter, scope.streams, reader.datasets, reader.language)
    parts = [part for part in (scope.where, found.where) if part]
    search = found._replace(where=every(*parts) if parts else None).search()
    streams = streams_by_id(matching_streams(search))
    work.manage_datasets({stream.dataset for stream in streams.values()}, "observations:write")
    work.note_removal(stream.code for stream in streams.values())
    return Gone(late=[structs.replace(search, streams=sorted(streams))])
