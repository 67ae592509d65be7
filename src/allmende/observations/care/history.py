"""What became of a thing: where it has been, and how its datastreams did."""

from datetime import datetime
from typing import NamedTuple

from allmende.core.geometry import representative_point
from allmende.observations.care.rules import State
from allmende.observations.care.tables import StateChange
from allmende.observations.models import Thing

MOST = 20


class Stay(NamedTuple):
    """From when on a thing was at a place. point: (longitude, latitude), None where it cannot be shown."""

    since: datetime
    name: dict[str, str]
    point: tuple[float, float] | None


class Turn(NamedTuple):
    """A datastream went from one state to another."""

    time: datetime
    code: str
    name: dict[str, str]
    was: State
    became: State


def stays(thing: Thing, limit: int = MOST) -> list[Stay]:
    """Where a thing has been, newest first (18-088 § 8.2.3)."""
    rows = thing.historical_locations.prefetch_related("locations").order_by("-time", "-pk")[:limit]
    found = []
    for row in rows:
        places = list(row.locations.all())
        if places:
            shown = next((place for place in places if place.west is not None), None)  # the others are no GeoJSON
            found.append(Stay(row.time, dict(places[0].name), representative_point(shown.feature) if shown else None))
    return found


def turns(thing: Thing, limit: int = MOST) -> list[Turn]:
    """The last changes of state of a thing's datastreams, newest first."""
    rows = StateChange.objects.filter(datastream__thing=thing).order_by("-pk")
    found = rows.values_list("time", "datastream__code", "datastream__name", "was", "became")[:limit]
    return [Turn(time, code, name, State(was), State(became)) for time, code, name, was, became in found]
