"""Pages of a thing and of a dataset."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import can
from allmende.core.clock import from_us, now, to_us
from allmende.core.links import links_of
from allmende.core.texts import pick
from allmende.observations.care.concerns import concerns
from allmende.observations.care.devices import is_low
from allmende.observations.care.history import stays, turns
from allmende.observations.queries import Thing, UnknownThing, get_thing
from allmende.web import formats
from allmende.web.calendar import calendar
from allmende.web.care_list import row
from allmende.web.overview import Place, Stream, places
from allmende.web.readers import reader
from allmende.web.reasons import every
from allmende.web.states import WORDS
from allmende.web.views.data import ground_file

_OWN_WORDS = frozenset({"simulated", "citizen_sensor", "retired", "location_precision"})  # the page says these itself


@dataclass(frozen=True, slots=True)
class Report:
    """What the device says of itself. low: somebody should look after it."""

    name: dict[str, str]
    code: str
    value: str
    ago: str
    low: bool


def _place(request: HttpRequest, code: str) -> Place | None:
    return next((place for place in places(reader(request)) if place.code == code), None)


def _shown(name: str, value: object) -> bool:
    """Properties for people: plain values, without what the page says already."""
    return name not in _OWN_WORDS and not isinstance(value, dict | list | bool)


@declares("observations:read")
def thing(request: HttpRequest, code: str) -> HttpResponse:
    """Where it is, whose it is, what it measures and how well, and what it is linked with."""
    try:
        found = get_thing(reader(request), code)
    except UnknownThing as error:
        raise Http404(str(error)) from error
    place = _place(request, code)
    context = {
        "thing": found,
        "dataset": found.dataset,
        "place": place,
        "state_words": WORDS[place.state] if place else "",
        "streams": [(each, WORDS[each.state]) for each in place.streams if each.signal is None] if place else [],
        "properties": [(name, value) for name, value in found.properties.items() if _shown(name, value)],
        "precision": found.properties.get("location_precision", ""),
        "links": links_of("thing", code, reader(request)),
        "language": get_language(),
        "geojson_url": reverse("thing_geojson", args=[code]),
        "has_ground": ground_file().exists(),
        "crumbs": [(_("Data"), reverse("data")), (pick(found.name), "")],
        **_health(request, found, place),
    }
    return render(request, "web/thing.html", context)


def _health(request: HttpRequest, found: Thing, place: Place | None) -> dict[str, Any]:
    """How the thing does: what it needs, when it reported, how completely, and what became of it."""
    actor = reader(request)
    streams = place.streams if place else ()
    needed = [] if place and place.retired else concerns(actor, things=[found.pk])
    ways = stays(found)
    return {
        "concern": row(needed[0], to_us(now())) if needed else None,
        "reports": [_report(stream) for stream in streams if stream.signal],
        "intervals": intervals([stream for stream in streams if stream.signal is None]),
        "last": place.last if place else None,
        "calendar": calendar(found.code, streams, request.GET),
        "stays": ways if len(ways) > 1 else [],
        "turns": [(turn, WORDS[turn.was], WORDS[turn.became]) for turn in turns(found, 10)],
        **_may(actor, found),
    }


def _may(actor: Actor, found: Thing) -> dict[str, bool]:
    return {
        "may_manage": can(actor, "observations:manage", found.dataset),
        "may_follow": can(actor, "observations:follow"),
    }


def _report(stream: Stream) -> Report:
    value = stream.sample.value if stream.sample else None
    ago = formats.ago(now() - from_us(stream.sample.time)) if stream.sample else ""
    low = stream.signal is not None and is_low(stream.signal, value)
    return Report(stream.name, stream.code, stream.value_words, ago, low)


def intervals(streams: list[Stream]) -> list[tuple[str, list[str]]]:
    """How often values are expected, and of which datastreams (none named where it holds for all of them)."""
    found: dict[str, list[str]] = {}
    for stream in streams:
        habit = stream.habit
        if habit.holding == "until_next":
            words = _("whenever something changes")
        elif habit.expected:
            words = every(habit.expected)
        elif habit.learned:
            words = _("%(every)s (learned from the values, not stated)") % {"every": every(habit.learned)}
        else:
            words = _("not stated")
        found.setdefault(words, []).append(pick(stream.name))
    return [(words, names if len(found) > 1 else []) for words, names in found.items()]
