"""From numbers to a drawing: the specification, the process that draws, the picture with its words, the table."""

import os
import re
import signal
import time

import pytest
from django.utils import translation

from allmende.accounts.actors import ANONYMOUS
from allmende.observations.queries import extents, get_datastream
from allmende.web.charts.picture import picture
from allmende.web.charts.renderer import NotDrawn, Renderer
from allmende.web.charts.sparkline import sparkline
from allmende.web.charts.spec import LINE, SMALL, WIDE, interactive, specification, wall_clock
from allmende.web.charts.table import table
from allmende.web.figures import Point, Series
from allmende.web.ranges import Range, Span, named

SIMPLE = {
    "data": {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 3.5}]},
    "mark": "line",
    "encoding": {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "b", "type": "quantitative"}},
}
HOUR = 3600 * 1_000_000
RANGE = Range(1_790_000_000_000_000, 1_790_000_000_000_000 + 4 * HOUR, None)


@pytest.fixture
def renderer():
    made = Renderer(idle=0.6)
    yield made
    made.close()


def numbers(*values, kind="value", **changes) -> Series:
    points = tuple(
        Point(RANGE.begin + place * HOUR, RANGE.begin + place * HOUR, value) for place, value in enumerate(values)
    )
    known = [value for value in values if value is not None]
    given = {"step": None, "holding": "instant", "count": len(known), "flagged": 0, "total": None} | changes
    return Series(points=points, kind=kind, mean=sum(known) / len(known) if known else None, **given)


def test_an_svg_is_drawn_and_remembered(renderer):
    first = renderer.svg(SIMPLE, "de")
    assert first.startswith("<svg")
    began = time.perf_counter()
    assert renderer.svg(SIMPLE, "de") is first
    assert time.perf_counter() - began < 0.01


def test_numbers_on_axes_are_those_of_the_language(renderer):
    assert ">1,5<" in renderer.svg(SIMPLE, "de")
    assert ">1.5<" in renderer.svg(SIMPLE, "en")


def test_the_worker_ends_when_nobody_asks_and_comes_back(renderer):
    renderer.svg(SIMPLE, "de")
    assert renderer.running()
    deadline = time.monotonic() + 10
    while renderer.running() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not renderer.running()
    assert renderer.svg({**SIMPLE, "mark": "point"}, "de").startswith("<svg")


def test_a_killed_worker_is_replaced(renderer):
    renderer.svg(SIMPLE, "de")
    os.kill(renderer._worker.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert renderer.svg({**SIMPLE, "mark": "bar"}, "de").startswith("<svg")


def test_what_cannot_be_drawn_says_so(renderer):
    with pytest.raises(NotDrawn):
        renderer.svg({"mark": "nonsense"}, "de")
    assert renderer.svg(SIMPLE, "de").startswith("<svg")


def test_nothing_is_fetched(renderer):
    with pytest.raises(NotDrawn):
        renderer.svg({**SIMPLE, "data": {"url": "http://127.0.0.1:9/x.json"}}, "de")


def test_only_so_many_bytes_are_kept():
    small = Renderer(most_bytes=1)
    try:
        small.svg(SIMPLE, "de")
        small.svg({**SIMPLE, "mark": "bar"}, "de")
        assert len(small._kept) == 1
    finally:
        small.close()


def test_the_clock_of_the_town_is_drawn():
    winter, summer = 1_767_225_600_000_000, 1_782_864_000_000_000  # 1 January and 1 July 2026, midnight UTC
    assert wall_clock(winter) - winter // 1000 == 3_600_000
    assert wall_clock(summer) - summer // 1000 == 7_200_000


def test_the_axis_reaches_over_the_whole_range():
    rows = specification(numbers(1.0, 2.0), "Cel", RANGE, "de", WIDE)["data"]["values"]
    assert (rows[0]["t"], rows[-1]["t"]) == (wall_clock(RANGE.begin), wall_clock(RANGE.end))
    assert rows[0]["v"] is rows[-1]["v"] is None


@pytest.mark.parametrize(("unit", "zero"), [("Cel", False), ("ug/m3", True)])
def test_the_zero_line_depends_on_the_quantity(unit, zero):
    assert specification(numbers(5.0, 6.0), unit, RANGE, "de", WIDE)["encoding"]["y"]["scale"]["zero"] is zero


def test_frost_gets_a_line_at_zero():
    rules = [layer for layer in specification(numbers(-2.0, 3.0), "Cel", RANGE, "de", WIDE)["layer"] if "data" in layer]
    assert len(rules) == 1


def test_a_value_between_gaps_is_a_point():
    spec = specification(numbers(None, 3.0, None), "Cel", RANGE, "de", WIDE)
    assert [row for row in spec["data"]["values"] if row.get("lone")]
    assert any(layer["mark"].get("type") == "circle" for layer in spec["layer"])


def test_sums_are_bars_on_the_ground():
    spec = specification(numbers(1.0, 2.0, kind="sum", total=3.0), "mm", RANGE, "de", WIDE)
    assert spec["layer"][0]["mark"]["type"] == "rect"
    assert spec["layer"][0]["encoding"]["y2"] == {"datum": 0}


def test_values_that_hold_are_steps():
    spec = specification(numbers(1.0, 2.0, holding="until_next"), "{spaces}", RANGE, "de", WIDE)
    assert spec["layer"][0]["mark"]["interpolate"] == "step-after"


def test_the_interactive_chart_says_the_value_at_the_pointer(german):
    series = numbers(1.0, 2.0)
    spec = interactive(specification(series, "Cel", RANGE, "de", WIDE), series, "Cel", "de")
    tips = spec["layer"][-1]["encoding"]["tooltip"]
    assert [tip["title"] for tip in tips] == ["Zeit", "Wert (°C)"]
    assert spec["width"] == "container"


@pytest.fixture
def shown(measured):
    """The picture of the open station's day."""

    def show(language: str = "de", span: Span = Span.DAY):
        stream = get_datastream(ANONYMOUS, measured.open_stream.code)
        extent = extents([stream.id])[stream.id]
        with translation.override(language):
            return picture(stream, named(span, extent), extent)

    return show


def test_the_picture_speaks(shown):
    made = shown()
    assert re.match(
        r"Zwischen \d+,\d\u00a0°C \(.*\) und 28,7\u00a0°C \(.*\); im Mittel \d+,\d\u00a0°C\.", made.statement
    )
    assert made.notes[0] == "Jeder einzelne Wert ist gezeichnet."
    assert made.title == "Lufttemperatur, Station open"
    assert "Between" in shown("en").statement


def test_the_drawing_is_one_image_with_words(shown):
    for drawing, name in zip(shown().drawings, ("wide", "small"), strict=True):
        assert f'aria-labelledby="chart-title-{name} chart-desc-{name}"' in drawing
        assert "Lufttemperatur, Station open</title>" in drawing
        assert drawing.count("role=") == 1
        assert LINE in drawing
        assert "style=" not in drawing  # the page's policy would refuse it
        assert not re.search(r"\d\.\d\d", drawing.split("</desc>")[1])


def test_the_picture_is_remembered_for_a_while(shown):
    assert shown() is shown()


def test_names_cannot_break_out_of_the_drawing(town, report):
    from allmende.accounts.actors import SYSTEM
    from allmende.observations.services import register_datastream

    stream = register_datastream(
        SYSTEM, thing=town.open_thing, name="<script>", observed_property=("x", "x"), external_key="evil"
    )
    report(stream, [(3, 1.0), (2, 2.0)])
    extent = extents([stream.id])[stream.id]
    made = picture(get_datastream(ANONYMOUS, stream.code), named(Span.DAY, extent), extent)
    assert "<script>" not in made.drawings[0]


def test_missing_values_are_said(town, report, german):
    report(town.open_stream, [(minutes, 1.0 + minutes) for minutes in range(1, 1200, 20)])  # half of those expected
    stream = get_datastream(ANONYMOUS, town.open_stream.code)
    extent = extents([stream.id])[stream.id]
    notes = " ".join(picture(stream, named(Span.DAY, extent), extent).notes)
    assert re.search(r"Das sind 5\d % der erwarteten Werte\.", notes)


def test_the_table_holds_the_same_numbers(shown):
    made = shown()
    with translation.override("de"):
        found = table(made, "Cel")
        newest = found.rows[0]
    assert found.heads == ("Wert (°C)",)
    assert newest.cells == ("28,7",)
    assert len(found.rows) == made.numbers.count
    assert len(found.rows[:10]) == 10


def test_the_table_of_buckets_has_lowest_and_highest(shown, measured, report):
    report(measured.open_stream, [(minutes, 5.0) for minutes in range(2, 1200)])
    made = shown()
    with translation.override("de"):
        found = table(made, "Cel")
    assert found.heads == ("Mittel (°C)", "Kleinster Wert", "Größter Wert", "Anzahl der Werte")


def test_the_small_size_is_small():
    assert SMALL.width < 320


def test_sparklines_break_at_gaps():
    assert sparkline([None, 1.0]) is None
    line = sparkline([1.0, 2.0, None, 3.0, 2.0])
    assert line is not None
    assert len(line.pieces) == 2
    assert sparkline([4.0, 4.0]).pieces == ("0.0,24.0 200.0,24.0",)
