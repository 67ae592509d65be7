"""Vega-Lite specifications from numbers. Plain colours here; the stylesheet puts those of the theme in their place.

Times are drawn as the town's wall clock on a UTC scale, so that the server and every browser show the same hours;
on the night when the clocks go back, one hour is drawn over another.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from allmende.core.clock import from_us, town_zone
from allmende.core.units import symbol
from allmende.observations.queries import Step
from allmende.web.charts.locales import TOOLTIP, TOOLTIP_DAY, axis_format
from allmende.web.charts.ticks import ticks
from allmende.web.figures import Point, Series
from allmende.web.quantities import has_zero, series_decimals
from allmende.web.ranges import Range

LINE, BAND = "#0072b2", "#56b4e9"  # blue and sky blue of Okabe and Ito
INK, GRID, ZERO, PAPER = "#3b3f54", "#e2e4ec", "#70758c", "#fefefe"
_DAYS = frozenset({Step.DAY, Step.WEEK, Step.MONTH, Step.QUARTER, Step.YEAR})


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height of the plot in pixels, and how many labels its time axis takes."""

    width: int
    height: int
    ticks: int
    font: int


WIDE = Size(720, 300, 8, 16)
SMALL = Size(280, 240, 4, 15)


def _wall(us: int) -> datetime:
    """The town's wall clock, without a zone."""
    return from_us(us).astimezone(town_zone()).replace(tzinfo=None)


def wall_clock(us: int) -> int:
    """Milliseconds of the town's wall clock, as if it were UTC."""
    local = from_us(us).astimezone(town_zone())
    offset = local.utcoffset()
    return us // 1000 + (int(offset.total_seconds() * 1000) if offset else 0)


def specification(numbers: Series, unit: str, chosen: Range, language: str, size: Size) -> dict[str, Any]:
    """The whole chart as Vega-Lite with its data inside."""
    rows = [_row(point) for point in numbers.points]
    _mark_lone(rows)
    # Two empty rows stretch the axis over the whole range. (A domain written into the scale is torn apart by the
    # layers of the interactive chart: "Conflicting scale property" of Vega-Lite 6.4.)
    rows = [_edge(chosen.begin), *rows, _edge(chosen.end)]
    marks = _bars(numbers) if numbers.kind == "sum" else _lines(numbers)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": size.width,
        "height": size.height,
        "autosize": {"type": "pad", "contains": "content"},
        "background": None,
        "data": {"values": rows},
        "encoding": {
            "x": _time_axis(chosen, language, size),
            "y": _value_axis(numbers, unit),
        },
        "layer": [*_zero_line(numbers, unit), *marks],
        "config": _config(size),
    }


def interactive(spec: dict[str, Any], numbers: Series, unit: str, language: str) -> dict[str, Any]:
    """The same chart for the browser: as wide as its place, a value at the pointer."""
    when = TOOLTIP_DAY if numbers.step in _DAYS else TOOLTIP
    decimals = series_decimals(unit, [point.value for point in numbers.points])
    fields = [{"field": "t", "type": "temporal", "title": _("Time"), "format": when.get(language, when["en"])}]
    titles = {"v": value_title(numbers, unit)}
    if numbers.step is not None and numbers.kind != "sum":
        titles |= {"low": _("Lowest"), "high": _("Highest")}
    fields += [
        {"field": name, "type": "quantitative", "title": title, "format": f",.{decimals}f"}
        for name, title in titles.items()
    ]
    pointer: dict[str, Any] = {
        "transform": [{"filter": "isValid(datum.v)"}],
        "mark": {"type": "rule", "color": ZERO, "strokeWidth": 1},
        "params": [
            {"name": "near", "select": {"type": "point", "encodings": ["x"], "nearest": True, "on": "pointermove"}}
        ],
        "encoding": {
            "opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0},
            "tooltip": fields,
            "y": {"value": 0},
            "y2": {"value": spec["height"]},
        },
    }
    return {
        **spec,
        "width": "container",
        "layer": [*spec["layer"], pointer],
        "autosize": {"type": "fit-x", "contains": "padding"},
    }


def value_title(numbers: Series, unit: str) -> str:
    """What the value is, in words: for the table's head and the pointer."""
    kinds = {"value": _("Value"), "mean": _("Mean"), "weighted_mean": _("Mean over time"), "sum": _("Sum")}
    sign = symbol(unit)
    return f"{kinds[numbers.kind]} ({sign})" if sign else kinds[numbers.kind]


def _row(point: Point) -> dict[str, Any]:
    row: dict[str, Any] = {"t": wall_clock(point.start), "v": point.value}
    if point.end != point.start:
        row["e"] = wall_clock(point.end)
    if point.low is not None:
        row["low"], row["high"] = point.low, point.high
    return row


def _edge(us: int) -> dict[str, Any]:
    """A row without a value at one end of the time axis."""
    return {"t": wall_clock(us), "e": wall_clock(us), "v": None}


def _mark_lone(rows: list[dict[str, Any]]) -> None:
    """Marks values between two gaps: no line reaches them, so they are drawn as points."""
    for place, row in enumerate(rows):
        before = rows[place - 1]["v"] if place else None
        after = rows[place + 1]["v"] if place + 1 < len(rows) else None
        if row["v"] is not None and before is None and after is None:
            row["lone"] = True


def _time_axis(chosen: Range, language: str, size: Size) -> dict[str, Any]:
    begin, end = _wall(chosen.begin), _wall(chosen.end)
    marks = [int(moment.replace(tzinfo=UTC).timestamp() * 1000) for moment in ticks(begin, end, size.ticks)]
    return {
        "field": "t",
        "type": "temporal",
        "title": None,
        "scale": {"type": "utc", "nice": False},
        "axis": {
            "values": marks,
            "format": axis_format(language, end - begin),
            "labelOverlap": "greedy",
            "labelSeparation": 8,
            "labelFlush": False,
        },
    }


def _value_axis(numbers: Series, unit: str) -> dict[str, Any]:
    zero = numbers.kind == "sum" or has_zero(unit)
    values = [value for point in numbers.points for value in (point.value, point.low, point.high) if value is not None]
    decimals = series_decimals(unit, values)
    whole = decimals == 0 and bool(values) and max(values) - min(values) < 5
    return {
        "field": "v",
        "type": "quantitative",
        "title": symbol(unit) or None,
        "scale": {"zero": zero, "nice": True, "padding": 0},
        "axis": {
            "tickCount": 5,
            "titleAngle": 0,
            "titleAlign": "left",
            "titleAnchor": "end",
            "titleX": 0,
            "titleY": -12,
            **({"tickMinStep": 1, "format": ",d"} if whole else {"format": ",~f"}),
        },
    }


def _zero_line(numbers: Series, unit: str) -> list[dict[str, Any]]:
    """A line at zero where values lie on both sides of it, such as frost and thaw."""
    low, high = numbers.lowest, numbers.highest
    below = low is not None and min(low.value or 0, low.low or 0) < 0
    above = high is not None and max(high.value or 0, high.high or 0) > 0
    if not (below and above) or numbers.kind == "sum":
        return []
    return [
        {"data": {"values": [{}]}, "mark": {"type": "rule", "color": ZERO}, "encoding": {"x": None, "y": {"datum": 0}}}
    ]


def _lines(numbers: Series) -> list[dict[str, Any]]:
    stepped = numbers.step is None and numbers.holding == "until_next"
    shape = {"interpolate": "step-after"} if stepped else {}
    band = {
        "mark": {"type": "area", "color": BAND, "opacity": 0.35, "line": False},
        "encoding": {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}},
    }
    line = {"mark": {"type": "line", "color": LINE, "strokeWidth": 2, "strokeJoin": "round", **shape}}
    points = {
        "transform": [{"filter": "datum.lone"}],
        "mark": {"type": "circle", "color": LINE, "size": 30, "opacity": 1},
    }
    has_band = any(point.low is not None for point in numbers.points)
    lone = [points] if any(_is_lone(numbers.points, place) for place in range(len(numbers.points))) else []
    return [*([band] if has_band else []), line, *lone]


def _is_lone(points: tuple[Point, ...], place: int) -> bool:
    before = points[place - 1].value if place else None
    after = points[place + 1].value if place + 1 < len(points) else None
    return points[place].value is not None and before is None and after is None


def _bars(numbers: Series) -> list[dict[str, Any]]:
    wide = len(numbers.points) <= 120
    gap = {"stroke": PAPER, "strokeWidth": 1} if wide else {}
    return [
        {"mark": {"type": "rect", "color": LINE, **gap}, "encoding": {"x2": {"field": "e"}, "y2": {"datum": 0}}},
    ]


def _config(size: Size) -> dict[str, Any]:
    font = {"labelFont": "Fira Sans", "titleFont": "Fira Sans", "labelFontSize": size.font, "titleFontSize": size.font}
    return {
        "aria": False,  # the figure around the picture speaks for it
        "view": {"stroke": None},
        "axis": {
            **font,
            "labelColor": INK,
            "titleColor": INK,
            "titleFontWeight": "normal",
            "gridColor": GRID,
            "domainColor": ZERO,
            "tickColor": ZERO,
            "labelPadding": 6,
        },
        "axisX": {"grid": False},
        "axisY": {"domain": False, "ticks": False},
    }
