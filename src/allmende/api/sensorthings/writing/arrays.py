"""CreateObservations: many observations as data arrays, the names of their properties said once (18-088 § 12.2)."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field

from allmende.accounts.permissions import require
from allmende.api.problems import Problem
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.ids import first_ids, observation_id
from allmende.api.sensorthings.writing.bodies import BROKEN, bad, broken, check, harmless, too_deep
from allmende.api.sensorthings.writing.drafting import sent
from allmende.api.sensorthings.writing.runs import plain_rows
from allmende.api.threads import in_thread
from allmende.core.connections import cleanly
from allmende.observations.queries.entities import stream_by_code, visible_features, visible_numbers
from allmende.observations.services import features
from allmende.observations.services.keeping import Entry, StoredRow, keep, keep_newer
from allmende.observations.services.observing import NoFeature, Sent, WrongResult, entry, prepare, ready
from allmende.observations.streams import StreamInfo, book

STRICT = "handling=strict"
_LARGE = 262_144  # decoding more than this at once would keep the event loop from answering others
_MOST_ROWS = 1_000_000
_MOST_NAMED = 100
_FEATURE = ("FeatureOfInterest/id", "FeatureOfInterest/@iot.id")
_OWN = frozenset({"phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters"})
_IGNORED = frozenset({"id", "@iot.id"})  # clients send back what they got
_T = TypeVar("_T")


class _Link(Struct):
    id: str | int = field(name="@iot.id")


class _Block(Struct):
    components: list[str]
    dataArray: msgspec.Raw  # noqa: N815 - the standard's name
    Datastream: _Link | None = None
    MultiDatastream: _Link | None = None


class _Row(Struct):
    """A row that is looked at by itself. place: in the whole answer; reason: why it cannot be kept."""

    place: int
    stream: str
    path: str
    sent: Sent | None = None
    reason: str = ""
    feature: str | None = None


class _Run(Struct):
    """Rows of one array that are ready to be kept. place: of the first."""

    place: int
    info: StreamInfo
    rows: list[StoredRow]


class _Rows(Struct):
    """All rows of a request."""

    total: int = 0
    runs: list[_Run] = field(default_factory=list)
    others: list[_Row] = field(default_factory=list)


_decode = msgspec.json.Decoder(list[_Block]).decode
_decode_rows = msgspec.json.Decoder(list[list[Any]]).decode


async def create_observations(ask: Ask) -> Answer:
    """201 with the address of each, or «error» in the place of those that cannot be kept. With the header
    `Prefer: handling=strict` one wrong row is enough to keep none, and the answer says what is wrong with which."""
    require(ask.actor, "observations:write")
    large = len(ask.body) >= _LARGE
    blocks = await in_thread(_blocks, ask.body) if large else _blocks(ask.body)
    infos = await _streams(ask, {_stream_of(block, place) for place, block in enumerate(blocks)})
    flat = harmless(ask.body)
    rows = await in_thread(_rows, blocks, infos, flat) if large else _rows(blocks, infos, flat)
    await _about(ask, rows.others, infos)
    entries: list[tuple[int, Entry]] = []
    for row in rows.others:
        if row.sent is not None:
            try:
                entries.append((row.place, entry(infos[row.stream], row.sent)))
            except (NoFeature, WrongResult) as error:
                row.sent, row.reason = None, str(error)
    strict = STRICT in ask.prefer
    if strict and len(entries) < len(rows.others):
        raise _refused(rows.others)
    headers = {"Preference-Applied": STRICT} if strict else {}
    return Answer(201, await _links(ask, rows, entries), headers)


async def _links(ask: Ask, rows: _Rows, entries: list[tuple[int, Entry]]) -> list[str]:
    """Keeps the rows; where they are then."""
    links, root = ["error"] * rows.total, f"{ask.root}/Observations('"
    done = None if entries or not rows.runs else keep_newer([(run.info, run.rows) for run in rows.runs])
    if done is not None:
        await done
        for run in rows.runs:
            ids = first_ids(run.info.code, [row[1] for row in run.rows])
            links[run.place : run.place + len(ids)] = [f"{root}{id_}')" for id_ in ids]
        return links
    for run in rows.runs:
        entries += [(run.place + n, Entry(run.info, *row[1:5])) for n, row in enumerate(run.rows)]
    entries.sort(key=lambda one: one[0])  # of equal times the first gets the first rank
    kept = await keep([made for _, made in entries]) if entries else []
    for (place, made), (time, rank, _) in zip(entries, kept, strict=True):
        links[place] = f"{root}{observation_id(made.info.code, time, rank)}')"
    return links


def _blocks(body: bytes) -> list[_Block]:
    """Raises Problem."""
    blocks = _decoded(_decode, body, "$")
    for place, block in enumerate(blocks):
        _check_names(block, f"$[{place}].components")
    return blocks


def _decoded(decode: Callable[[bytes], _T], body: bytes, path: str) -> _T:
    """What the decoder makes of it. Raises Problem."""
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        message, _, below = str(error).partition(" - at `$")
        what = f"{message}; this takes a list of objects with Datastream, components and dataArray"
        raise bad(path + below.strip("`"), what) from error
    except BROKEN as error:
        raise broken(error, body) from error
    except RecursionError as error:
        raise too_deep(path) from error


def _check_names(block: _Block, path: str) -> None:
    names = block.components
    for place, name in enumerate(names):
        if name not in _OWN and name not in _IGNORED and name not in _FEATURE:
            known = ", ".join([*sorted(_OWN), _FEATURE[0]])
            raise bad(f"{path}[{place}]", f"There is no component «{name[:40]}»; known here: {known}.")
    if "result" not in names:
        raise bad(path, "The components need a result.")
    if len(set(names)) < len(names):
        raise bad(path, "A component is named twice.")


def _stream_of(block: _Block, place: int) -> tuple[str, bool]:
    """(code, whether it is to be a MultiDatastream)."""
    link = block.Datastream or block.MultiDatastream
    if link is None or (block.Datastream and block.MultiDatastream):
        raise bad(f"$[{place}]", 'Exactly one link is needed: "Datastream" or "MultiDatastream".')
    return str(link.id), block.Datastream is None


async def _streams(ask: Ask, wanted: set[tuple[str, bool]]) -> dict[str, StreamInfo]:
    """The Datastreams that exist. Raises Denied where the actor sees one but may not write to it."""
    codes = {code for code, _ in wanted}
    streams: Mapping[str, StreamInfo] = book.known()
    if not streams.keys() >= codes:
        streams = await asyncio.to_thread(cleanly, book.load, codes)
    mine = book.writable(ask.actor, codes, streams)
    for code in codes - mine.keys():
        if code in streams and await in_thread(_seen, ask, code):
            require(ask.actor, "observations:write", streams[code])
    return {code: mine[code] for code, multi in wanted if code in mine and (mine[code].parts > 0) == multi}


def _seen(ask: Ask, code: str) -> bool:
    return stream_by_code(code, visible_numbers(ask.actor)) is not None


def _rows(blocks: list[_Block], infos: Mapping[str, StreamInfo], flat: bool) -> _Rows:
    """Raises Problem."""
    rows = _Rows()
    for place, block in enumerate(blocks):
        code, multi = _stream_of(block, place)
        path, info = f"$[{place}].dataArray", infos.get(code)
        plain = plain_rows(info, block.components, bytes(block.dataArray)) if info else None
        if info and plain is not None:
            rows.runs.append(_Run(rows.total, info, plain))
            rows.total += len(plain)
        else:
            arrays = _decoded(_decode_rows, bytes(block.dataArray), path)
            if not flat:
                check(arrays, path)
            kind = "MultiDatastream" if multi else "Datastream"
            reason = "" if info else f"There is no {kind} '{code}', or you may not see it."
            for number, values in enumerate(arrays):
                row = _Row(rows.total + number, code, f"{path}[{number}]", reason=reason)
                rows.others.append(row if reason else _read(block.components, values, row))
            rows.total += len(arrays)
        if rows.total > _MOST_ROWS:
            what = f"At most {_MOST_ROWS:,} rows at once; nothing was kept."
            raise Problem(413, "too_many_rows", "Too many rows", what)
    return rows


def _read(names: list[str], values: list[Any], row: _Row) -> _Row:
    try:
        if len(values) != len(names):
            raise bad(row.path, f"The row has {len(values)} values, but there are {len(names)} components.")
        said = {name: value for name, value in zip(names, values, strict=True) if name not in _IGNORED}
        for name in _FEATURE:
            if (feature := said.pop(name, None)) is not None:
                row.feature = str(feature)
        check([values], row.path, nul=False)
        row.sent = sent(said, row.path)
    except Problem as problem:
        row.reason = str(problem.body.get("detail", problem))
    return row


async def _about(ask: Ask, rows: list[_Row], infos: dict[str, StreamInfo]) -> None:
    """Puts the features that are named into the rows, and makes those that are not."""
    named = {row.feature for row in rows if row.feature is not None}
    if named:
        recalled = {code: features.recall(ask.actor, code) for code in named}
        found = {code: number for code, number in recalled.items() if number is not None}
        if len(found) < len(named):
            found = await in_thread(_features, ask, named)
        for row in rows:
            if row.feature is not None and row.sent is not None:
                number = found.get(row.feature)
                if number is None:
                    row.sent, row.reason = None, f"There is no FeatureOfInterest '{row.feature}'."
                else:
                    row.sent = row.sent.about(number)
    unready = _unready(rows, infos)
    if unready:
        infos.update(await asyncio.to_thread(cleanly, prepare, unready))


def _unready(rows: Iterable[_Row], infos: Mapping[str, StreamInfo]) -> list[tuple[StreamInfo, Sent]]:
    """One row for each pair of Datastream and feature that is new."""
    found: dict[tuple[str, int | None], tuple[StreamInfo, Sent]] = {}
    for row in rows:
        if row.sent is not None and not ready(infos[row.stream], row.sent):
            found.setdefault((row.stream, row.sent.feature), (infos[row.stream], row.sent))
    return list(found.values())


def _features(ask: Ask, codes: Iterable[str]) -> dict[str, int]:
    found = visible_features(codes, visible_numbers(ask.actor))
    for code, number in found.items():
        features.remember(ask.actor, code, number)
    return found


def _refused(rows: list[_Row]) -> Problem:
    wrong = [row for row in rows if row.sent is None]
    errors = [{"path": row.path, "message": row.reason} for row in wrong[:_MOST_NAMED]]
    detail = f"{len(wrong)} rows cannot be kept, so nothing was, because handling=strict was asked for."
    return Problem(400, "bad_entity", "Rows cannot be kept", detail, errors=errors, refused_total=len(wrong))
