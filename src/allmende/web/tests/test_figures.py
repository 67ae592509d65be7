"""The numbers behind a chart: raw where few, buckets where many; gaps, flags, sums, values that hold."""

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.core.clock import now, to_us
from allmende.observations.queries import Step
from allmende.observations.services import register_datastream
from allmende.web.figures import load
from allmende.web.ranges import Range
from allmende.web.tests.conftest import DAY, HOUR, MINUTE


def past(length: int) -> Range:
    present = to_us(now())
    return Range(present - length, present + MINUTE, None)


def stream_like(town, name, unit, holding, interval=3600):
    return register_datastream(
        SYSTEM,
        thing=town.open_thing,
        name=name,
        observed_property=(f"https://example.org/{name}", name),
        unit=unit,
        external_key=name,
        expected_interval=interval,
        holding=holding,
    )


def test_few_values_are_drawn_one_by_one(measured):
    found = load(measured.open_stream.id, "Cel", "instant", 600, past(DAY))
    assert found.step is None
    assert found.count == len([point for point in found.points if point.value is not None])
    assert found.highest.value == pytest.approx(28.7)
    assert found.mean == pytest.approx((found.lowest.value + found.highest.value) / 2, abs=0.1)


def test_many_values_become_buckets_with_a_band(town, report):
    report(town.open_stream, [(place, place % 60) for place in range(1, 1000)])
    found = load(town.open_stream.id, "Cel", "instant", 60, past(DAY))
    assert found.step is Step.QUARTER_HOUR
    assert found.kind == "mean"
    full = [point for point in found.points if point.count == 15]
    assert full
    assert all(point.low <= point.value <= point.high for point in full)
    assert found.count == 999


def test_a_rest_longer_than_expected_is_a_gap(town, report):
    report(town.open_stream, [(100, 1.0), (90, 2.0), (20, 3.0), (10, 4.0)])
    found = load(town.open_stream.id, "Cel", "instant", 600, past(3 * HOUR))
    assert [point.value for point in found.points] == [1.0, 2.0, None, 3.0, 4.0]


def test_an_empty_bucket_is_a_gap(town, report):
    report(town.open_stream, [*[(place, 1.0) for place in range(1, 300)], *[(place, 1.0) for place in range(600, 900)]])
    found = load(town.open_stream.id, "Cel", "instant", 60, past(DAY))
    assert any(point.value is None and point.count == 0 for point in found.points)


def test_an_implausible_value_is_left_out_and_named(town, report):
    report(town.open_stream, [(30, 10.0), (20, 99.0), (10, 12.0)])  # the stream ends at 60 degrees
    found = load(town.open_stream.id, "Cel", "instant", 600, past(HOUR))
    assert found.flagged == 1
    assert found.mean == 11.0
    assert [point.note for point in found.points if point.value is None] == ["außerhalb des plausiblen Bereichs"]


def test_values_that_hold_are_carried_in_and_on(town, report):
    stream = stream_like(town, "places", "{spaces}", "until_next", None)
    report(stream, [(180, 40.0), (30, 20.0)])
    found = load(stream.id, "{spaces}", "until_next", None, past(HOUR))
    assert [point.value for point in found.points] == [40.0, 20.0, 20.0]
    assert found.points[0].count == 0  # it was not reported within the range
    assert found.count == 1
    assert found.mean == pytest.approx(30, abs=0.5)


def test_amounts_are_added_up_in_every_range(town, report):
    stream = stream_like(town, "rain", "mm", "interval")
    report(stream, [(60 * hours + 1, 0.5) for hours in range(48)])
    found = load(stream.id, "mm", "interval", 3600, past(20 * DAY))
    assert (found.kind, found.step) == ("sum", Step.DAY)
    assert found.total == pytest.approx(24.0)
    assert all(point.low is None for point in found.points)


def test_nothing_there(town):
    found = load(town.open_stream.id, "Cel", "instant", 600, past(DAY))
    assert found.points == ()
    assert found.highest is None
    assert found.mean is None
