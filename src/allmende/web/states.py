"""Whether a sensor reports as it should: fresh, late or silent. One rule for lists, maps and pages."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


class State(StrEnum):
    """How a datastream or thing reports."""

    FRESH = "fresh"
    LATE = "late"
    SILENT = "silent"


WORDS = {
    State.FRESH: pgettext_lazy("state of a sensor", "reports"),
    State.LATE: pgettext_lazy("state of a sensor", "late"),
    State.SILENT: pgettext_lazy("state of a sensor", "silent"),
}
MEANINGS = {
    State.FRESH: _("The last value came when it was expected."),
    State.LATE: _("The last value is older than expected."),
    State.SILENT: _("No value for a long time, or none at all."),
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How old (µs) the last value may be before a datastream counts as late, and as silent."""

    late: int
    silent: int


def patience(expected_interval: int | None, holding: str) -> Patience:
    """expected_interval: seconds or None. A stream that reports only changes may rest for a day."""
    if expected_interval is None or holding == "until_next":
        return Patience(late=DAY, silent=7 * DAY)
    interval = expected_interval * SECOND
    return Patience(late=max(3 * interval, 5 * 60 * SECOND), silent=max(24 * interval, DAY))


def state_of(last: int | None, now: int, expected_interval: int | None, holding: str) -> State:
    """last: µs UTC of the newest value, None when there is none."""
    if last is None:
        return State.SILENT
    allowed = patience(expected_interval, holding)
    age = now - last
    if age <= allowed.late:
        return State.FRESH
    return State.LATE if age <= allowed.silent else State.SILENT


def best(states: "list[State]") -> State:
    """The state of a thing is that of its most talkative datastream; without any it is silent."""
    return min(states, key=list(State).index, default=State.SILENT)
