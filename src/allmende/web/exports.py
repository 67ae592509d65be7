"""The list of things as CSV and GeoJSON: exactly what the page lists, small enough to be made in one piece."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from allmende.core.clock import from_us
from allmende.core.texts import pick
from allmende.web.overview import Place, Stream
from allmende.web.states import WORDS

_COLUMNS = (
    *("code", "name", "dataset", "measures", "state", "longitude", "latitude", "last_value"),
    *("citizen_sensor", "simulated"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def summary(place: Place) -> str:
    """What a thing measures, with its newest values: «Air temperature 7.4 °C, Humidity 81 %»."""
    quantities: dict[str, list[Stream]] = {}
    for stream in place.streams:
        if stream.signal is not None:  # what the device reports of itself stands on its page
            continue
        quantities.setdefault(pick(stream.property_name), []).append(stream)
    return ", ".join(f"{name} {_values(streams)}" for name, streams in list(quantities.items())[:4])


def _values(streams: list[Stream]) -> str:
    """The newest values of the same quantity at different depths or lanes: «9.3 · 9.1 · 18.1 kPa»."""
    words = [stream.value_words for stream in streams[:4]]
    last = words.pop()
    return " · ".join([*(word.partition("\u00a0")[0] for word in words), last])


def to_csv(places: Iterable[Place]) -> str:
    """A table with a byte order mark, so that spreadsheets read the umlauts."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    for place in places:
        lon, lat = place.point or ("", "")
        last = "" if place.last is None else from_us(place.last).isoformat(timespec="seconds")
        measures = "; ".join(dict.fromkeys(pick(stream.property_name) for stream in place.streams))
        texts = [guarded(text) for text in (pick(place.name), place.dataset, measures)]
        marks = ["yes" if mark else "no" for mark in (place.citizen, place.simulated)]
        writer.writerow([place.code, *texts, place.state.value, lon, lat, last, *marks])
    return buffer.getvalue()


def to_geojson(places: Iterable[Place]) -> dict[str, Any]:
    """A FeatureCollection (RFC 7946) of the things that have a place."""
    return {"type": "FeatureCollection", "features": [_feature(place) for place in places if place.point]}


def _feature(place: Place) -> dict[str, Any]:
    lon, lat = place.point or (0.0, 0.0)
    properties = {
        "code": place.code,
        "name": pick(place.name),
        "dataset": place.dataset,
        "state": place.state.value,
        "state_words": str(WORDS[place.state]),
        "summary": summary(place),
        "page": reverse("thing", args=[place.code]),
        "last_value": None if place.last is None else from_us(place.last).isoformat(timespec="seconds"),
        "citizen_sensor": _("Citizen sensor") if place.citizen else None,
        "simulated": _("Simulated data") if place.simulated else None,
    }
    return {
        "type": "Feature",
        "id": place.code,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }
