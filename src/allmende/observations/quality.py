"""Quality flags, set on the way in; a flag never deletes a value. Bits, so that several may hold at once."""

from enum import IntFlag

from django.utils.translation import gettext_lazy as _


class Quality(IntFlag):
    """What is known against a value. Aggregates leave out OUT_OF_RANGE and NO_VALUE."""

    GOOD = 0
    OUT_OF_RANGE = 1
    NO_VALUE = 2


WORDS = {
    Quality.OUT_OF_RANGE: _("outside the plausible range"),
    Quality.NO_VALUE: _("the source reported no value"),
}
UNUSABLE = int(Quality.OUT_OF_RANGE | Quality.NO_VALUE)


def words(quality: int) -> list[str]:
    """The flags in the reader's language; empty for a good value."""
    return [str(text) for flag, text in WORDS.items() if quality & flag]
