"""The states of sensors in words. What they are and when they hold: `observations.care.rules`."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from allmende.observations.care.rules import State

__all__ = ["MEANINGS", "WORDS", "State"]

WORDS = {
    State.FRESH: pgettext_lazy("state of a sensor", "reports"),
    State.LATE: pgettext_lazy("state of a sensor", "late"),
    State.SILENT: pgettext_lazy("state of a sensor", "silent"),
    State.IMPLAUSIBLE: pgettext_lazy("state of a sensor", "implausible"),
}
MEANINGS = {
    State.FRESH: _("The last value came when it was expected."),
    State.LATE: _("The last value is older than expected."),
    State.SILENT: _("No value for a long time, or none at all."),
    State.IMPLAUSIBLE: _("Values come, but the last ones cannot be right."),
}
