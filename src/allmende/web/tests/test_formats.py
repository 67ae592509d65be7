"""Numbers, dates and spans in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from allmende.web import formats
from allmende.web.quantities import decimals, has_zero, is_amount, series_decimals


@pytest.mark.parametrize(
    ("value", "digits", "german", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (-3.04, 1, "−3,0", "−3.0"),
        (-0.04, 1, "0,0", "0.0"),  # never a minus before nothing
        (42428, 0, "42.428", "42,428"),
        (None, 1, "–", "–"),
    ],
)
def test_numbers(value, digits, german, english):
    with translation.override("de"):
        assert formats.number(value, digits) == german
    with translation.override("en"):
        assert formats.number(value, digits) == english


def test_units_stay_with_their_number(german):
    assert formats.with_unit(7.36, "Cel", 1) == "7,4\u00a0°C"
    assert formats.with_unit(12, "1", 0) == "12"
    assert formats.with_unit(None, "Cel", 1) == "–"


def test_dates_are_those_of_the_towns_zone():
    instant = datetime(2026, 11, 23, 23, 5, tzinfo=UTC)
    with translation.override("de"):
        assert formats.moment(instant) == "Di, 24. Nov. 2026, 00:05"
        assert formats.day(date(2026, 3, 1)) == "So, 1. März 2026"
    with translation.override("en"):
        assert formats.moment(instant) == "Tue, 24 Nov. 2026, 00:05"
    assert formats.clock(instant) == "00:05"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "gerade eben"),
        (timedelta(minutes=1), "vor 1 Minute"),
        (timedelta(minutes=59), "vor 59 Minuten"),
        (timedelta(hours=47), "vor 47 Stunden"),
        (timedelta(days=3), "vor 3 Tagen"),
        (timedelta(days=90), "vor 3 Monaten"),
        (timedelta(days=800), "vor 2 Jahren"),
    ],
)
def test_how_long_ago(german, span, words):
    assert formats.ago(span) == words


@pytest.mark.parametrize(
    ("unit", "value", "digits"),
    [
        ("Cel", 7.25, 1),
        ("Cel", 0.2, 1),
        ("{people}", 12.0, 0),
        ("ug/m3", 0.31, 2),
        ("hPa", 1013.25, 0),
        ("Cel", None, 0),
    ],
)
def test_decimals_of_one_value(unit, value, digits):
    assert decimals(unit, value) == digits


def test_decimals_of_a_series_are_the_same_for_all():
    assert series_decimals("ug/m3", [0.2, 7.4]) == 1
    assert series_decimals("{spaces}", [3, 106.7]) == 1
    assert series_decimals("{spaces}", [3, 106]) == 0
    assert series_decimals("Cel", []) == 0


def test_what_adds_up_and_what_has_a_zero():
    assert is_amount("mm", "interval")
    assert is_amount("{people}", "interval")
    assert not is_amount("{people}", "until_next")  # a count of free places is no amount
    assert not is_amount("ug/m3", "interval")
    assert has_zero("ug/m3")
    assert not has_zero("Cel")
