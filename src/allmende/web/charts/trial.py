"""The chart of a rule on trial: the values that it looked at, and marked among them those that it would flag."""

from typing import Any

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from allmende.observations.care.trying import Trial
from allmende.web.charts.picture import drawing
from allmende.web.charts.renderer import NotDrawn
from allmende.web.charts.spec import SMALL, WIDE, Size, specification, wall_clock
from allmende.web.figures import Point, Series
from allmende.web.ranges import Range

MOST_POINTS, MOST_MARKS = 400, 300
MARK = "#d55e00"  # vermilion of Okabe and Ito; a triangle, so that the form says it too


def trial_drawings(trial: Trial, unit: str, chosen: Range, title: str, statement: str) -> tuple[SafeString, ...]:
    """The drawing, wide and small; none where there is nothing to draw or drawing failed."""
    if not trial.seen:
        return ()
    language = (get_language() or "de")[:2]
    numbers = series_of(trial)
    try:
        return tuple(
            drawing(trial_spec(numbers, trial, unit, chosen, language, size), language, size, title, statement)
            for size in (WIDE, SMALL)
        )
    except NotDrawn:
        return ()


def trial_spec(numbers: Series, trial: Trial, unit: str, chosen: Range, language: str, size: Size) -> dict[str, Any]:
    """The specification: the usual chart, and a layer of marks with data of its own."""
    places = np.flatnonzero(trial.flags)
    if len(places) > MOST_MARKS:
        places = places[np.linspace(0, len(places) - 1, MOST_MARKS).astype(np.int64)]
    marks = [{"t": wall_clock(int(trial.times[place])), "v": float(trial.values[place])} for place in places]
    spec = specification(numbers, unit, chosen, language, size)
    mark = {"type": "point", "shape": "triangle-up", "filled": True, "size": 70, "color": MARK, "opacity": 1}
    spec["layer"] = [*spec["layer"], *([{"data": {"values": marks}, "mark": mark}] if marks else [])]
    return spec


def series_of(trial: Trial) -> Series:
    """What the rule looked at and would leave alone, as a line; of many values means with a band around them."""
    good = trial.flags == 0
    times, values = trial.times[good], trial.values[good]
    if len(times) <= MOST_POINTS:
        points = [Point(time, time, value) for time, value in zip(times.tolist(), values.tolist(), strict=True)]
    else:
        parts = np.array_split(np.arange(len(times)), MOST_POINTS)
        points = [
            Point(
                int(times[part[0]]),
                int(times[part[-1]]),
                float(values[part].mean()),
                float(values[part].min()),
                float(values[part].max()),
                len(part),
            )
            for part in parts
        ]
    mean = float(values.mean()) if len(values) else None
    return Series(tuple(points), None, "mean", "instant", len(times), trial.flagged, mean, None)
