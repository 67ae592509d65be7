"""Times as files write them."""

import numpy as np
import pyarrow as pa
import pytest

from allmende.catalogue.loaders.tests.conftest import YEARS
from allmende.catalogue.loaders.times import FINE, REASONS, TimeReader, clock_readings


def read(name: str, zone: str, *cells: str) -> list[str]:
    """The time in UTC of each cell, or why there is none."""
    times = TimeReader(name, zone, **YEARS).read(pa.array(cells))
    return [
        str(np.datetime64(int(utc), "us")).removesuffix(".000000") if reason == FINE else REASONS[int(reason)]
        for utc, reason in zip(times.utc, times.reason, strict=True)
    ]


@pytest.mark.parametrize(
    ("name", "cell", "utc"),
    [
        ("iso", "2024-03-05T14:05:06Z", "2024-03-05T14:05:06"),
        ("iso", "2024-03-05 14:05", "2024-03-05T14:05:00"),
        ("iso", "2024-03-05", "2024-03-05T00:00:00"),
        ("iso", " 2024-3-5 4:05 ", "2024-03-05T04:05:00"),
        ("iso", "2024-03-05T14:05:06.1234567Z", "2024-03-05T14:05:06.123456"),
        ("iso", "2024-03-05T14:05:06,5Z", "2024-03-05T14:05:06.500000"),
        ("iso", "2024-03-05T14:05:06-0330", "2024-03-05T17:35:06"),
        ("iso", "2024-03-05T24:00", "2024-03-06T00:00:00"),
        ("iso", "2024-02-29", "2024-02-29T00:00:00"),
        ("dmy", "05.03.2024 14:05:06", "2024-03-05T14:05:06"),
        ("dmy", "5.3.24", "2024-03-05T00:00:00"),
        ("dmy", "05.03.2024, 14.05 Uhr", "2024-03-05T14:05:00"),
        ("ymd", "2024/03/05 14:05", "2024-03-05T14:05:00"),
        ("dmy/", "05/03/2024", "2024-03-05T00:00:00"),
        ("mdy/", "03/05/2024 12:05 am", "2024-03-05T00:05:00"),
        ("mdy/", "3/5/2024 2:05 PM", "2024-03-05T14:05:00"),
        ("packed", "20240305", "2024-03-05T00:00:00"),
        ("packed", "2024030514", "2024-03-05T14:00:00"),
        ("packed", "202403051405", "2024-03-05T14:05:00"),
        ("packed", "20240305T140506Z", "2024-03-05T14:05:06"),
        ("seconds", "1709647506", "2024-03-05T14:05:06"),
        ("seconds", "1709647506.25", "2024-03-05T14:05:06.250000"),
        ("milliseconds", "1709647506123", "2024-03-05T14:05:06.123000"),
    ],
)
def test_ways_of_writing(name: str, cell: str, utc: str):
    assert read(name, "UTC", cell) == [utc]
    assert read(name, "UTC", cell, "nonsense", cell) == [utc, "time_unknown", utc]  # beside what does not fit


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("iso", "2024-02-30"),
        ("iso", "2023-02-29"),
        ("iso", "2024-13-01"),
        ("iso", "2024-00-01"),
        ("iso", "2024-01-00"),
        ("iso", "2024-01-01T25:00"),
        ("iso", "2024-01-01T24:01"),
        ("iso", "2024-01-01T12:60"),
        ("iso", "yesterday"),
        ("dmy", "31.02.2024"),
        ("mdy/", "13/01/2024"),
        ("packed", "20241301"),
        ("seconds", "soon"),
    ],
)
def test_what_is_no_time(name: str, cell: str):
    assert read(name, "UTC", cell) == ["time_unknown"]


def test_reasons():
    assert read("iso", "offset", "2024-01-01T00:00Z", "", "2024-01-01T00:00", "0001-01-01T00:00Z") == [
        "2024-01-01T00:00:00",
        "time_empty",
        "time_without_zone",
        "time_out_of_years",
    ]
    assert read("iso", "UTC", "9999-01-01") == ["time_out_of_years"]


def test_the_quick_and_the_close_reading_agree():
    cells = [
        f"2024-{month:02d}-{day:02d}T{hour:02d}:07:00"
        for month in (1, 3, 7, 10)
        for day in (1, 28, 31)
        for hour in (0, 4, 23)
    ]
    cells = [cell for cell in cells if "-02-3" not in cell]
    for zone in ("UTC", "+01:00", "Europe/Berlin"):
        assert read("iso", zone, *cells) == read("iso", zone, *cells, "x")[:-1]


def test_a_zone_in_the_cell_wins_over_the_assumed_one():
    assert read("iso", "Europe/Berlin", "2024-07-01T12:00", "2024-07-01T12:00Z") == [
        "2024-07-01T10:00:00",
        "2024-07-01T12:00:00",
    ]


def test_days_begin_at_midnight_of_the_town():
    assert read("iso", "Europe/Berlin", "2024-01-10", "2024-07-10", "2024-10-27") == [
        "2024-01-09T23:00:00",
        "2024-07-09T22:00:00",
        "2024-10-26T22:00:00",
    ]


def test_the_skipped_hour_and_the_hour_shown_twice():
    cells = pa.array(
        ["2024-03-31T01:59", "2024-03-31T02:30", "2024-03-31T03:00", "2024-10-27T02:30", "2024-10-27T03:00"]
    )
    times = TimeReader("iso", "Europe/Berlin", **YEARS).read(cells)
    assert [REASONS.get(int(reason)) for reason in times.reason] == [None, "time_in_gap", None, None, None]
    assert times.twice.tolist() == [False, False, False, True, False]
    assert times.later[3] == 3_600_000_000


def test_dates_without_a_clock_are_told():
    assert clock_readings(pa.array(["01.02.2024", "01.02.2024 0:00", "x"]), "dmy").dated.tolist() == [
        True,
        False,
        False,
    ]
