"""Checks rows on the way in: known Datastream, right to write, a time that can be, a number, the plausible range."""

from collections.abc import Mapping, Sequence
from math import isfinite, isnan

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.core.clock import MAX_US, MIN_US
from allmende.observations.quality import Quality
from allmende.observations.rows import MOST_NAMED, Receipt, RowProblem
from allmende.observations.store.rows import StoredRow
from allmende.observations.streams import StreamInfo

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


def writable(actor: Actor, codes: set[str], streams: Mapping[str, StreamInfo]) -> dict[str, StreamInfo]:
    """Those of the Datastreams that exist and that the actor may write to."""
    found = (streams.get(code) for code in codes)
    return {info.code: info for info in found if info and can(actor, "observations:write", info)}


def check(
    actor: Actor,
    streams: Mapping[str, StreamInfo],
    codes: Sequence[str],
    times: Sequence[int],
    values: Sequence[float | None],
    extras: Sequence[str | None] | None = None,
) -> Checked:
    """Checks parallel columns of one batch. streams: what StreamBook.load returned for the codes."""
    checked = Checked()
    mine = writable(actor, set(codes), streams)
    keep, flagged = checked.rows.append, 0
    for row, (code, time, value) in enumerate(zip(codes, times, values, strict=True)):
        info = mine.get(code)
        if info is None:
            _no_stream(checked, row, code, streams)
        elif not MIN_US <= time <= MAX_US:
            checked.refuse(row, "time", "time_out_of_range", "The time lies outside the years 1700 to 2200.")
        elif value is not None and info.low <= value <= info.high and value not in info.sentinels:
            keep((info.id, time, value, 0, extras[row] if extras else None))
        elif value is None or value in info.sentinels:
            keep((info.id, time, None, _NONE, extras[row] if extras else None))
            flagged += 1
        elif isfinite(value):
            keep((info.id, time, value, _RANGE, extras[row] if extras else None))
            flagged += 1
        else:
            what = "not a number (NaN)" if isnan(value) else "infinite"
            checked.refuse(row, "value", "not_finite", f"The value is {what}; send null where there is no value.")
    checked.receipt.accepted, checked.receipt.flagged = len(checked.rows), flagged
    return checked


def _no_stream(checked: Checked, row: int, code: str, streams: Mapping[str, StreamInfo]) -> None:
    if code in streams:
        checked.refuse(row, "datastream", "not_allowed", f"You may not write to the datastream {code}.")
    else:
        checked.refuse(row, "datastream", "unknown_datastream", f"There is no datastream {code}.")
