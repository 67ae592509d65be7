"""Checks rows on the way in: known Datastream, right to write, a time that can be, a number, the plausible range and
the other quality rules that are switched on."""

from collections.abc import Mapping, Sequence
from math import isfinite, isnan

from allmende.accounts.actors import Actor
from allmende.core import units
from allmende.core.clock import MAX_US, MIN_US
from allmende.observations.care.live import live
from allmende.observations.quality import Quality
from allmende.observations.rows import MOST_NAMED, Batch, Receipt, RowProblem
from allmende.observations.services.features import settle
from allmende.observations.store.rows import StoredRow
from allmende.observations.streams import StreamInfo, book

_RANGE, _NONE = int(Quality.OUT_OF_RANGE), int(Quality.NO_VALUE)


class Checked:
    """The outcome: rows for the store, and the receipt so far."""

    __slots__ = ("receipt", "rows")

    def __init__(self) -> None:
        self.rows: list[StoredRow] = []
        self.receipt = Receipt()

    def refuse(self, row: int, field: str, code: str, message: str) -> None:
        """Notes a row that cannot be kept."""
        self.receipt.refused_total += 1
        if len(self.receipt.refused) < MOST_NAMED:
            self.receipt.refused.append(RowProblem(row, field, code, message))


def check(actor: Actor, streams: Mapping[str, StreamInfo], batch: Batch) -> Checked:
    """Checks one batch. streams: what StreamBook.load returned for its codes. Safe on the event loop."""
    checked = Checked()
    mine = book.writable(actor, batch.codes, streams)
    extras, named = batch.extras, batch.units
    keep, flagged, ruled = checked.rows.append, 0, live.known
    for row, (code, time, value) in enumerate(zip(batch.codes, batch.times, batch.values, strict=True)):
        info = mine.get(code)
        if info is None or not MIN_US <= time <= MAX_US or (named and not _unit_fits(named[row], info)):
            _refuse(checked, batch, row, info, streams)
            continue
        extra = extras[row] if extras else None
        if not info.plain:
            if info.parts:
                _refuse(checked, batch, row, info, streams)
                continue
            extra = with_feature(extra, info)
        if value is not None and info.low <= value <= info.high and value not in info.sentinels:
            quality = live.flag(info.id, time, value) if info.id in ruled else 0
            keep((info.id, time, value, quality, extra, 0))
            flagged += quality > 0
        elif value is None or value in info.sentinels:
            keep((info.id, time, None, _NONE, extra, 0))
            flagged += 1
        elif isfinite(value):
            keep((info.id, time, value, _RANGE, extra, 0))
            flagged += 1
        else:
            _refuse(checked, batch, row, info, streams)
    receipt = checked.receipt
    receipt.accepted, receipt.flagged = len(checked.rows), flagged
    if batch.refused:
        receipt.refused_total += batch.refused_total
        receipt.refused = sorted([*batch.refused, *receipt.refused], key=lambda problem: problem.row)[:MOST_NAMED]
    return checked


def several_words(info: StreamInfo | None) -> str:
    """What is said of a number that is sent to a MultiDatastream."""
    assert info is not None
    return f"{info.code} takes lists of {info.parts} numbers, through SensorThings; here every value is one number."


def settled(actor: Actor, codes: Sequence[str]) -> Mapping[str, StreamInfo]:
    """The Datastreams as StreamBook.load has them, and what their observations are about is made where it is due.
    Blocks."""
    streams = book.load(codes)
    if book.due.isdisjoint(codes):
        return streams
    due = [code for code in dict.fromkeys(codes) if code in book.due]
    mine = book.writable(actor, due, streams)
    settle(mine[code] for code in due if code in mine)
    return book.load(codes)


def with_feature(extra: str | None, info: StreamInfo) -> str | None:
    """The extra of an observation that names no feature, of a Thing that has moved: it names where the Thing is now."""
    if info.extra is None or not extra or extra == "{}":
        return info.extra or extra
    return f"{extra[:-1]},{info.extra[1:]}"


def _unit_fits(named: str | None, info: StreamInfo) -> bool:
    """A unit that the sender names must be the Datastream's: nobody should guess a conversion."""
    return named is None or units.same(named, info.unit)


def _refuse(
    checked: Checked, batch: Batch, row: int, info: StreamInfo | None, streams: Mapping[str, StreamInfo]
) -> None:
    """Says what is wrong with a row that cannot be kept."""
    place = batch.places[row] if batch.places else row
    code, value = batch.codes[row], batch.values[row]
    if info is None and code in streams:
        checked.refuse(place, "datastream", "not_allowed", f"You may not write to the datastream {code}.")
    elif info is None:
        checked.refuse(place, "datastream", "unknown_datastream", f"There is no datastream {code}.")
    elif info.parts:
        checked.refuse(place, "datastream", "multi_datastream", several_words(info))
    elif not MIN_US <= batch.times[row] <= MAX_US:
        checked.refuse(place, "time", "time_out_of_range", "The time lies outside the years 1700 to 2200.")
    elif value is None or isfinite(value):
        own = info.unit or "no unit"
        named = batch.units[row] if batch.units else None
        checked.refuse(place, "unit", "wrong_unit", f"The datastream holds {own}; the row says {named}.")
    else:
        what = "not a number (NaN)" if isnan(value) else "infinite"
        checked.refuse(place, "value", "not_finite", f"The value is {what}; send null where there is no value.")
