"""The commonest data arrays by far: rows of a time and a number, decoded and judged without a close look at each."""

import re
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from allmende.core.clock import MAX_US, MIN_US
from allmende.observations.care.live import live
from allmende.observations.quality import Quality
from allmende.observations.services.keeping import StoredRow
from allmende.observations.streams import StreamInfo

_Time = Annotated[datetime, Meta(tz=True)]
_time_first = msgspec.json.Decoder(list[tuple[_Time, float | None]]).decode
_result_first = msgspec.json.Decoder(list[tuple[float | None, _Time]]).decode
# Finer than microseconds: decoded here they would be rounded, and everywhere else they are cut off.
_FINE = re.compile(rb"\.\d{7,}[Zz+-]")
_EXACT = 2**53  # from here on a float does not hold every whole number
_RANGE, _NONE = int(Quality.OUT_OF_RANGE), int(Quality.NO_VALUE)


def plain_rows(info: StreamInfo, components: list[str], rows: bytes) -> list[StoredRow] | None:
    """The rows of a data array as they are to be kept, of rank 0 for the time being. rows: JSON.

    None where a single row is not plainly good, or where the Datastream wants more than a look at the value: the
    ordinary way (`observing.entry`) gives the same for these rows, and knows what to say of others.
    """
    if not info.plain or info.due or info.feature is None or info.id in live.known or _FINE.search(rows):
        return None
    try:
        if components == ["phenomenonTime", "result"]:
            found = _time_first(rows)
        elif components == ["result", "phenomenonTime"]:
            found = [(time, value) for value, time in _result_first(rows)]
        else:
            return None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    ds, low, high, sentinels = info.id, info.low, info.high, info.sentinels
    made: list[StoredRow] = []
    for time, value in found:
        us = round(time.timestamp() * 1e6)
        if not MIN_US <= us <= MAX_US:
            return None
        if value is None or value in sentinels:
            made.append((ds, us, None, _NONE, None, 0))
        elif not -_EXACT < value < _EXACT:
            return None
        else:
            made.append((ds, us, value, 0 if low <= value <= high else _RANGE, None, 0))
    return made
