"""CreateObservations: many observations as data arrays, the names of their properties said once (18-088 § 12.2)."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from allmende.accounts.permissions import require
from allmende.api.problems import Problem
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.ids import observation_id
from allmende.api.sensorthings.writing.bodies import BROKEN, bad, broken, check, harmless, too_deep
from allmende.api.sensorthings.writing.drafting import sent
from allmende.api.threads import in_thread
from allmende.core.clock import MAX_US, MIN_US
from allmende.core.connections import cleanly
from allmende.observations.queries.entities import stream_by_code, visible_features, visible_numbers
from allmende.observations.services import features
from allmende.observations.services.keeping import Entry, keep
from allmende.observations.services.observing import NoFeature, Sent, WrongResult, entry, prepare, ready
from allmende.observations.streams import StreamInfo, book

STRICT = "handling=strict"
_LARGE = 262_144  # decoding more than this at once would keep the event loop from answering others
_MOST_ROWS = 1_000_000
_MOST_NAMED = 100
_EXACT = 2**53  # beyond it a float does not hold every whole number
_FEATURE = ("FeatureOfInterest/id", "FeatureOfInterest/@iot.id")
_OWN = frozenset({"phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters"})
_IGNORED = frozenset({"id", "@iot.id"})  # clients send back what they got


class _Link(Struct):
    id: str | int = field(name="@iot.id")


class _Block(Struct):
    components: list[str]
    dataArray: list[list[Any]]  # noqa: N815 - the standard's name
    Datastream: _Link | None = None
    MultiDatastream: _Link | None = None


class _Row(Struct):
    """A row that says something unusual. place: in the whole answer; reason: why it cannot be kept."""

    place: int
    stream: str
    path: str
    sent: Sent | None = None
    reason: str = ""
    feature: str | None = None


class _Rows(Struct):
    """All rows of a request: those that are ready to be kept, with their places, and the unusual ones."""

    total: int = 0
    entries: list[Entry] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    others: list[_Row] = field(default_factory=list)


_decode = msgspec.json.Decoder(list[_Block]).decode


async def create_observations(ask: Ask) -> Answer:
    """201 with the address of each, or «error» in the place of those that cannot be kept. With the header
    `Prefer: handling=strict` one wrong row is enough to keep none, and the answer says what is wrong with which."""
    require(ask.actor, "observations:write")
    large = len(ask.body) >= _LARGE
    blocks = await in_thread(_blocks, ask.body) if large else _blocks(ask.body)
    infos = await _streams(ask, {_stream_of(block, place) for place, block in enumerate(blocks)})
    rows = await in_thread(_rows, blocks, infos) if large else _rows(blocks, infos)
    await _about(ask, rows.others, infos)
    for row in rows.others:
        if row.sent is not None:
            try:
                rows.entries.append(entry(infos[row.stream], row.sent))
                rows.places.append(row.place)
            except (NoFeature, WrongResult) as error:
                row.sent, row.reason = None, str(error)
    strict = STRICT in ask.prefer
    if strict and len(rows.entries) < rows.total:
        raise _refused(rows.others)
    headers = {"Preference-Applied": STRICT} if strict else {}
    return Answer(201, await _links(ask, rows), headers)


async def _links(ask: Ask, rows: _Rows) -> list[str]:
    """Keeps the rows; where they are then."""
    links = ["error"] * rows.total
    kept = await keep(rows.entries) if rows.entries else []
    root = f"{ask.root}/Observations('"
    for place, made, (time, rank, _) in zip(rows.places, rows.entries, kept, strict=True):
        links[place] = f"{root}{observation_id(made[0].code, time, rank)}')"
    return links


def _blocks(body: bytes) -> list[_Block]:
    """Raises Problem."""
    try:
        blocks = _decode(body)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        what = f"{message}; this takes a list of objects with Datastream, components and dataArray"
        raise bad(path.strip("`") or "$", what) from error
    except BROKEN as error:
        raise broken(error, body) from error
    except RecursionError as error:
        raise too_deep("$") from error
    if sum(len(block.dataArray) for block in blocks) > _MOST_ROWS:
        raise Problem(413, "too_many_rows", "Too many rows", f"At most {_MOST_ROWS:,} rows at once; nothing was kept.")
    flat = harmless(body)
    for place, block in enumerate(blocks):
        _check_names(block, f"$[{place}].components")
        if not flat:
            check(block.dataArray, f"$[{place}].dataArray")
    return blocks


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


def _rows(blocks: list[_Block], infos: Mapping[str, StreamInfo]) -> _Rows:
    rows = _Rows()
    for place, block in enumerate(blocks):
        code, multi = _stream_of(block, place)
        path, info = f"$[{place}].dataArray", infos.get(code)
        if info is None:
            kind = "MultiDatastream" if multi else "Datastream"
            reason = f"There is no {kind} '{code}', or you may not see it."
            numbers = range(len(block.dataArray))
            rows.others += [_Row(rows.total + n, code, f"{path}[{n}]", reason=reason) for n in numbers]
        elif block.components in _PLAIN_NAMES and info.plain and not info.due and info.feature is not None:
            _read_plain(rows, info, block, path)
        else:
            for number, values in enumerate(block.dataArray):
                rows.others.append(
                    _read(block.components, values, _Row(rows.total + number, code, f"{path}[{number}]"))
                )
        rows.total += len(block.dataArray)
    return rows


_PLAIN_NAMES = (["phenomenonTime", "result"], ["result", "phenomenonTime"])


def _read_plain(rows: _Rows, info: StreamInfo, block: _Block, path: str) -> None:
    """The commonest arrays by far: a time and a number. Whatever is not that is read as all others are."""
    at_time = block.components.index("phenomenonTime")
    read, low, high, sentinels = datetime.fromisoformat, info.low, info.high, info.sentinels
    keep_one, put = rows.entries.append, rows.places.append
    for number, values in enumerate(block.dataArray):
        try:
            text, result = (values[0], values[1]) if at_time == 0 else (values[1], values[0])
            found = read(text)
            time = round(found.timestamp() * 1e6)
            if (
                (type(result) is float or (type(result) is int and -_EXACT <= result <= _EXACT))
                and len(values) == 2
                and found.tzinfo is not None
                and MIN_US <= time <= MAX_US
                and low <= result <= high
                and result not in sentinels
            ):
                keep_one(Entry(info, time, float(result), 0, None))
                put(rows.total + number)
                continue
        except (IndexError, TypeError, ValueError, OverflowError):
            pass
        row = _Row(rows.total + number, info.code, f"{path}[{number}]")
        rows.others.append(_read(block.components, values, row))


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
