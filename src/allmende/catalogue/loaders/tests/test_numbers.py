"""Numbers as people and devices write them."""

import math

import pyarrow as pa
import pytest

from allmende.catalogue.loaders.numbers import MISSING, read_numbers


def read(cell: str, decimal: str, *others: str) -> float | str:
    numbers = read_numbers(pa.array([cell, *others]), decimal)
    if numbers.bad[0]:
        return "bad"
    return "missing" if numbers.missing[0] else float(numbers.values[0])


@pytest.mark.parametrize(
    ("decimal", "cell", "value"),
    [
        (".", "1.5", 1.5),
        (".", "-3", -3.0),
        (".", "+3", 3.0),
        (".", " 7 ", 7.0),
        (".", ".5", 0.5),
        (".", "5.", 5.0),
        (".", "1e3", 1000.0),
        (".", "1,5", "bad"),
        (".", "1 000", "bad"),
        (".", "0x10", "bad"),
        (".", "viel", "bad"),
        (".", "inf", "bad"),
        (".", "-Infinity", "bad"),
        (".", "1e999", "bad"),
        (",", "1,5", 1.5),
        (",", "-1.234,5", -1234.5),
        (",", "1.234.567", 1234567.0),
        (",", "3", 3.0),
        (",", ",5", 0.5),
        (",", "1.5", "bad"),
        (",", "12.34", "bad"),
        (",", "1,2,3", "bad"),
        (",", ".", "bad"),
        (",", ",", "bad"),
    ],
)
def test_ways_of_writing(decimal: str, cell: str, value: float | str):
    assert read(cell, decimal) == value
    assert read(cell, decimal, "x", "", "1") == value  # beside what does not fit


@pytest.mark.parametrize("mark", MISSING)
@pytest.mark.parametrize("decimal", [".", ","])
def test_marks_for_no_value(mark: str, decimal: str):
    assert read(mark, decimal) == "missing"


def test_many_distinct_numbers_are_read_like_few():
    cells = [f"{n},{n % 10}" for n in range(1000)] + ["NA"]
    many = read_numbers(pa.array(cells), ",")
    assert many.values[:3].tolist() == [0.0, 1.1, 2.2] and many.missing[-1] and not many.bad.any()


def test_nan_written_as_a_number_is_no_value():
    numbers = read_numbers(pa.array(["1.5", "NaN"]), ".")
    assert numbers.missing.tolist() == [False, True] and math.isnan(numbers.values[1])
