"""Spans of time: named ones end now or with the last value, own dates are whole days of the town."""

from datetime import UTC, datetime

import pytest

from allmende.core.clock import now, to_us
from allmende.observations.queries import Extent, Step
from allmende.web.ranges import Range, Span, asked, named, neighbours

DAY = 86_400 * 1_000_000


def us(*parts: int) -> int:
    return to_us(datetime(*parts, tzinfo=UTC))


def test_nothing_asked_for_is_a_week():
    found = asked({}, None)
    assert found.range.span is Span.WEEK
    assert found.range.moving
    assert 6 * DAY <= found.range.end - found.range.begin <= 7 * DAY + 3600 * 1_000_000


def test_a_week_begins_at_midnight_in_the_town():
    begin = named(Span.WEEK, None).begin
    local = datetime.fromtimestamp(begin / 1e6, UTC)
    assert local.hour in (22, 23)  # midnight in Berlin


def test_an_old_series_is_shown_up_to_its_end():
    last = us(2024, 2, 29, 12)
    chosen = named(Span.DAY, Extent(100, us(2020, 1, 1), last))
    assert chosen.behind
    assert not chosen.moving
    assert chosen.end == last + 1
    assert chosen.end - chosen.begin < 25 * 3600 * 1_000_000


def test_everything_begins_with_the_first_value():
    assert named(Span.ALL, Extent(2, us(2020, 1, 1), to_us(now()))).begin == us(2020, 1, 1)


def test_own_days_are_whole_and_both_included():
    found = asked({"from": "2026-03-28", "to": "2026-03-29"}, None).range
    assert found.begin == us(2026, 3, 27, 23)
    assert found.end == us(2026, 3, 29, 22)  # the day on which the clocks go forward has 23 hours
    assert found.query == "from=2026-03-28&to=2026-03-29"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"from": "2026-05-02", "to": "2026-05-01"}, "Der erste Tag liegt nach dem letzten."),
        ({"from": "2026-05-02"}, "Bitte geben Sie beide Tage an."),
        ({"from": "31.02.2026", "to": "2026-05-01"}, "Bitte geben Sie beide Tage an."),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "Bitte wählen Sie Tage zwischen den Jahren 1700 und 2200."),
    ],
)
def test_wrong_days_are_kept_and_explained(german, params, words):
    found = asked(params, None)
    assert found.error == words
    assert found.first == params.get("from", "")
    assert found.range.span is Span.WEEK


@pytest.mark.parametrize(
    ("days", "step", "sums"),
    [
        (0.2, Step.MINUTE, Step.HOUR),
        (1, Step.QUARTER_HOUR, Step.HOUR),
        (7, Step.HOUR, Step.HOUR),
        (31, Step.HOUR, Step.DAY),
        (365, Step.DAY, Step.DAY),
        (10 * 365, Step.WEEK, Step.MONTH),
        (100 * 365, Step.MONTH, Step.MONTH),
    ],
)
def test_the_step_suits_the_length(days, step, sums):
    chosen = Range(0, int(days * DAY), None)
    assert chosen.step is step
    assert chosen.sum_step is sums


def test_the_neighbours_are_as_long():
    middle = asked({"from": "2026-03-10", "to": "2026-03-12"}, None).range
    earlier, later = neighbours(middle)
    assert (str(earlier.first_day), str(earlier.last_day)) == ("2026-03-07", "2026-03-09")
    assert (str(later.first_day), str(later.last_day)) == ("2026-03-13", "2026-03-15")


def test_an_unknown_span_is_a_week():
    assert asked({"range": "century"}, None).range.span is Span.WEEK
