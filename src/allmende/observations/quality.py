"""Quality flags, set on the way in and when history is looked at again; a flag never deletes a value.

Bits, so that several may hold at once. Two are facts: a value outside the plausible range and a number that stands for
«no value» are no measurements, so aggregates leave them out (UNUSABLE). The others are doubts: a jump may be a
thunderstorm, an unchanging value a calm night. Such values stay in every aggregate and carry their flag.
"""

from enum import IntFlag

from django.utils.translation import gettext_lazy as _


class Quality(IntFlag):
    """What is known against a value."""

    GOOD = 0
    OUT_OF_RANGE = 1
    NO_VALUE = 2
    STEP = 4
    STUCK = 8


WORDS = {
    Quality.OUT_OF_RANGE: _("outside the plausible range"),
    Quality.NO_VALUE: _("the source reported no value"),
    Quality.STEP: _("too large a jump from the value before"),
    Quality.STUCK: _("the same value for too long"),
}
UNUSABLE = int(Quality.OUT_OF_RANGE | Quality.NO_VALUE)
DOUBTFUL = int(Quality.STEP | Quality.STUCK)


def words(quality: int) -> list[str]:
    """The flags in the reader's language; empty for a good value."""
    return [str(text) for flag, text in WORDS.items() if quality & flag]
