"""How a connector does, in words; one table for the list, its page and the tests."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# state (connectors.queries.state_of) → (which sign stands before it, word, sentence)
STATES = {
    "receiving": ("fresh", pgettext_lazy("state of a connector", "receiving"), _("Values come in and are kept.")),
    "waiting": ("late", pgettext_lazy("state of a connector", "waiting"), _("It is ready; nothing has come yet.")),
    "flooded": (
        "late",
        pgettext_lazy("state of a connector", "slowing a device down"),
        _("A device sends more than it may. Only that one is held back."),
    ),
    "trouble": (
        "implausible",
        pgettext_lazy("state of a connector", "not connected"),
        _("The other side cannot be reached. The server goes on trying by itself."),
    ),
    "paused": ("silent", pgettext_lazy("state of a connector", "paused"), _("Somebody has switched it off.")),
    "unattended": (
        "silent",
        pgettext_lazy("state of a connector", "not running"),
        _("No server has looked after it for a while."),
    ),
}
STEPS = {
    "source": _("Source"),
    "message": _("A message"),
    "mapping": _("What it means"),
    "finish": _("Name and dataset"),
}
