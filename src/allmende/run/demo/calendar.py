"""Time as the town lives it: months in UTC that the simulation is cut into; hours and weekdays by the town's clock."""

from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.run.demo.chance import DAY, Floats, Seconds

ZONE = "Europe/Berlin"


class Clock(NamedTuple):
    """hour: 0 to 24, with fractions; weekday: 0 is Monday; month: 1 to 12; free: Sundays and the fixed holidays."""

    hour: Floats
    weekday: npt.NDArray[np.int64]
    month: npt.NDArray[np.int64]
    free: npt.NDArray[np.bool_]


def month_of(time: int) -> int:
    """The number of the month, counted from January 1970, in which an instant (seconds UTC) lies."""
    moment = datetime.fromtimestamp(time, UTC)
    return (moment.year - 1970) * 12 + moment.month - 1


def month_span(month: int) -> tuple[int, int]:
    """(first second, first second of the next month)."""
    begin = np.datetime64(month, "M")
    return int(begin.astype("datetime64[s]").astype(int)), int((begin + 1).astype("datetime64[s]").astype(int))


def grid(month: int, step: int, phase: int = 0) -> Seconds:
    """The instants of a month at which a device with this step and phase (seconds) reports."""
    begin, end = month_span(month)
    first = -((phase - begin) // step) * step + phase
    return np.arange(first, end, step, dtype=np.int64)


def clock(times: Seconds) -> Clock:
    """What the town's clocks and calendars show."""
    local = pc.local_timestamp(pa.array(times, pa.timestamp("s", tz=ZONE))).cast(pa.int64()).to_numpy()
    days = local // DAY
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    weekday = (days + 3) % 7
    fixed = np.isin(month * 100 + day, (101, 501, 1003, 1225, 1226))
    return Clock((local % DAY) / 3600, weekday, month, fixed | (weekday == 6))
