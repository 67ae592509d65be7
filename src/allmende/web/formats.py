"""Numbers and times as people write them in the reader's language: 1.234,5 and Mo, 23. Nov. 2026, 14:05."""

from datetime import date, datetime, timedelta

from django.utils import formats
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allmende.core.clock import from_us, town_zone
from allmende.core.units import symbol

NO_VALUE = "–"
_MOMENT = {"de": "D, j. N Y, H:i", "en": "D, j N Y, H:i"}
_DAY = {"de": "D, j. N Y", "en": "D, j N Y"}


def _language() -> str:
    return (get_language() or "de")[:2]


def number(value: float | None, decimals: int = 1) -> str:
    """The number with so many decimals, grouped by thousands, with a true minus sign; a dash where there is none."""
    if value is None:
        return NO_VALUE
    text = formats.number_format(round(value, decimals) + 0.0, decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return text.replace("-", "−")


def whole(value: int) -> str:
    """A counted number: 42.428."""
    return number(value, 0)


def with_unit(value: float | None, unit: str, decimals: int) -> str:
    """A number with the symbol of its unit (UCUM code), and a space between them that does not break."""
    sign = symbol(unit)
    return f"{number(value, decimals)}\u00a0{sign}" if sign and value is not None else number(value, decimals)


def moment(instant: datetime | int) -> str:
    """Date and time of an instant (or of microseconds UTC) in the town's zone: Mo, 23. Nov. 2026, 14:05."""
    local = (from_us(instant) if isinstance(instant, int) else instant).astimezone(town_zone())
    return formats.date_format(local, _MOMENT.get(_language(), _MOMENT["en"]))


def day(value: date) -> str:
    """A date: Mo, 23. Nov. 2026."""
    return formats.date_format(value, _DAY.get(_language(), _DAY["en"]))


def clock(instant: datetime) -> str:
    """Only the time of the day: 14:05."""
    return f"{instant.astimezone(town_zone()):%H:%M}"


def ago(span: timedelta) -> str:
    """How long ago in words, in the largest unit that fits; below a minute «just now»."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        count = seconds // 60
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", count) % {"count": count}
    if seconds < 48 * 3600:
        count = seconds // 3600
        return ngettext("%(count)s hour ago", "%(count)s hours ago", count) % {"count": count}
    count = seconds // 86400
    if count < 60:
        return ngettext("%(count)s day ago", "%(count)s days ago", count) % {"count": count}
    if count < 730:
        count = round(count / 30.44)
        return ngettext("%(count)s month ago", "%(count)s months ago", count) % {"count": count}
    count = round(count / 365.25)
    return ngettext("%(count)s year ago", "%(count)s years ago", count) % {"count": count}
