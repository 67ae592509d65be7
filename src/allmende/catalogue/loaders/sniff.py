"""Reads the beginning of a file and proposes how to read the whole: a recipe, and each assumption with its evidence."""

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.assumption import Assumption, tokens
from allmende.catalogue.loaders.columns import Roles, find_roles
from allmende.catalogue.loaders.dialect import Dialect, dialect_of, encoding_of
from allmende.catalogue.loaders.numbers import read_numbers
from allmende.catalogue.loaders.recipe import Hints, Recipe, ValueColumn
from allmende.catalogue.loaders.rhythm import rhythm_of
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.sentinels import Range
from allmende.catalogue.loaders.source import Caps, Unpacked
from allmende.catalogue.loaders.table import open_table
from allmende.catalogue.loaders.timecolumn import When, find_when, shared_suffix, time_text
from allmende.catalogue.loaders.times import FINE, TimeReader
from allmende.catalogue.loaders.vocabulary import IDS
from allmende.catalogue.loaders.zones import OWN_OFFSET

SAMPLE = 2 * 2**20  # bytes of text that are looked at
_DIALECT = 2**18  # of which so many for the dialect
_SEVERAL = 3  # values of a series
_ONCE = 0.9  # so many of the rows have a time of their own within their series
_BROKEN = ("truncated_gzip", "damaged_gzip")  # `parse` says where; the beginning can be looked at all the same
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


def sniff(source: BinaryIO, hints: dict[str, Any], town_zone: str, earliest: int, latest: int) -> Iterator[bytes]:
    """One frame of JSON: {"recipe", "said", "preview"}, or {"unreadable"}. Runs in the sandbox."""
    try:
        proposal = _propose(source, Hints.from_json(hints), town_zone, earliest, latest)
    except Unreadable as problem:
        proposal = {"unreadable": problem.said.to_json()}
    yield json.dumps(proposal).encode()


def beginning(source: BinaryIO, caps: Caps, size: int) -> tuple[bytes, Unpacked, bool]:
    """(the first bytes of the unpacked file, how it was unpacked, whether that is all of it)."""
    unpacked = Unpacked(source, caps)
    pieces, length = [], 0
    try:
        for piece in unpacked:
            pieces.append(piece)
            length += len(piece)
            if length >= size:
                return b"".join(pieces)[:size], unpacked, False
    except Unreadable as problem:
        if problem.said.code not in _BROKEN or not length:
            raise
        return b"".join(pieces), unpacked, False
    if not length:
        raise Unreadable("empty_file")
    return b"".join(pieces), unpacked, True


def decoded(head: bytes, encoding: str, whole: bool) -> str:
    """The text of the beginning; a character cut in two at its end is left out. Raises Unreadable."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
    except UnicodeDecodeError:
        raise Unreadable("wrong_encoding", encoding=encoding) from None
    except LookupError:
        raise Unreadable("unknown_encoding", encoding=encoding) from None
    return text.removeprefix("\ufeff")


def _propose(source: BinaryIO, hints: Hints, town_zone: str, earliest: int, latest: int) -> dict[str, Any]:
    head, unpacked, whole = beginning(source, Caps(), SAMPLE)
    said = []
    if unpacked.packed:
        said.append(Assumption("compression", "gzip", Said.of("gzip")))
    encoding, why = (hints.encoding, Said.of("told")) if hints.encoding else encoding_of(head)
    said.append(Assumption("encoding", encoding, why, ("cp1252",) if why.code == "encoding_ascii" else ()))
    text = decoded(head, encoding, whole)
    dialect = dialect_of(_whole_lines(text[:_DIALECT], whole), hints.delimiter or None, hints.header)
    said.append(Assumption("delimiter", _NAMES.get(dialect.delimiter, dialect.delimiter), dialect.why_delimiter))
    said.append(Assumption("header", ", ".join(dialect.columns[:12]) if dialect.header else "–", dialect.why_header))
    for name in hints.named():
        if name not in dialect.columns:
            raise Unreadable("hint_unknown", name=name, columns=", ".join(dialect.columns))
    sample = _sample(_whole_lines(text, whole), dialect)
    when = find_when(sample, hints, town_zone)
    roles = find_roles(sample, when.columns, hints)
    said += [_zone_said(each, sample, when) for each in when.said] + roles.said
    values, about_values = _values(sample, when, roles, hints, (earliest, latest))
    observing = not _names_more(roles) and _observing(sample, when, roles, (earliest, latest))
    recipe = Recipe(
        delimiter=dialect.delimiter,
        columns=dialect.columns,
        header=dialect.header,
        encoding=hints.encoding,
        decimal=roles.decimal,
        time=when.columns,
        time_format=when.format,
        zone=when.zone,
        daily=when.daily,
        places=tuple(roles.places),
        label=roles.label,
        longitude=roles.longitude,
        latitude=roles.latitude,
        part=roles.part,
        parameter=roles.parameter,
        unit=roles.unit,
        values=tuple(values),
    )
    said += about_values
    preview = sample.slice(0, 5).to_pylist()
    proposal = {"recipe": recipe.to_json(), "said": [each.to_json() for each in said], "preview": preview}
    return {**proposal, "observing": observing}


def _whole_lines(text: str, whole: bool) -> str:
    return text if whole else text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text


def _sample(text: str, dialect: Dialect) -> pa.Table:
    """The rows of the beginning, as text; ragged and blank rows are left to `parse`."""
    data = pa.BufferReader(text.encode())
    try:
        table = open_table(data, dialect, dialect.columns, lambda row: "skip").read_all()
    except pa.ArrowInvalid:
        raise Unreadable("quotation_mark", row=dialect.skip + 1) from None
    return table.combine_chunks()


def _zone_said(said: Assumption, sample: pa.Table, when: When) -> Assumption:
    """The zone in words that a person can check: the suffix itself where all times share one."""
    if said.topic != "zone" or when.zone != OWN_OFFSET:
        return said
    suffix = shared_suffix(time_text(sample, when.columns))
    if suffix in ("Z", "z", "+00:00", "+0000", "+00"):
        return Assumption("zone", "UTC", Said.of("zone_suffix", suffix=suffix), said.instead)
    return said


def _observing(sample: pa.Table, when: When, roles: Roles, years: tuple[int, int]) -> bool:
    """Whether the rows are values over time, rather than things that have a date: of each series there are several, and
    seldom two of one time."""
    times = TimeReader(when.format, when.zone, *years).read(time_text(sample, when.columns))
    good = times.reason == FINE
    series = _series(sample, roles.keys())[good]
    rows = len(series)
    pairs = len(np.unique(np.stack([series.astype(np.int64), times.utc[good]]), axis=1).T)
    return rows >= _SEVERAL * len(np.unique(series)) and pairs >= _ONCE * rows > 0


def _names_more(roles: Roles) -> bool:
    """Whether an identifier is left out that tells what a value is about: then the rows are events, as votes are."""
    left_out = (name for name, why in roles.ignored.items() if why.code == "column_not_needed")
    return any(not tokens(name).isdisjoint(IDS) for name in left_out)


def _values(
    sample: pa.Table, when: When, roles: Roles, hints: Hints, years: tuple[int, int]
) -> tuple[list[ValueColumn], list[Assumption]]:
    """The value columns with what their numbers show, and what is said about that."""
    times = TimeReader(when.format, when.zone, *years).read(time_text(sample, when.columns))
    series = _series(sample, roles.keys())
    columns, said = [], []
    for name in roles.values:
        numbers = read_numbers(pa.concat_arrays(sample[name].chunks), roles.decimal)
        good = (times.reason == FINE) & ~numbers.missing & ~numbers.bad
        seen = Range()
        seen.see(numbers.values[good])
        sentinels = seen.sentinels()
        good &= ~np.isin(numbers.values, list(sentinels))
        rhythm = rhythm_of(series[good], times.utc[good], numbers.values[good])
        holding = hints.holding or ("instant" if when.daily else rhythm.holding)
        interval = 86_400 if when.daily else rhythm.interval
        columns.append(ValueColumn(name, sentinels=tuple(sentinels), holding=holding, interval=interval))
        for number, count in sentinels.items():
            why = Said.of("sentinel", count=count, least=float(seen.least), largest=float(seen.largest))
            said.append(Assumption("sentinel", f"{name}: {number:g}", why))
        if when.daily:
            continue
        others = tuple({"instant", "until_next"} - {holding})
        why = Said.of("told") if hints.holding else rhythm.why_holding
        said.append(Assumption("holding", f"{name}: {holding}", why, others))
        if interval and holding != "until_next":
            said.append(Assumption("interval", f"{name}: {interval}", rhythm.why_interval))
    return columns, said


def _series(sample: pa.Table, keys: list[str]) -> np.ndarray[Any, np.dtype[np.int32]]:
    if not keys:
        return np.zeros(sample.num_rows, dtype=np.int32)
    columns = [pa.concat_arrays(sample[name].chunks) for name in keys]
    joined = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, "\x1f")
    return joined.dictionary_encode().indices.to_numpy()
