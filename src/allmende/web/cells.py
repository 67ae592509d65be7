"""Values of tables as people read them, in the reader's language."""

from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _

from allmende.core.clock import town_zone
from allmende.web import formats

_LONGEST = 160


def shown_cell(value: Any) -> str:
    """A cell as text; empty where there is no value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.moment(value.astimezone(town_zone()))
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, int):
        return str(value)  # no thousands apart: it may be a year or a number of something
    if isinstance(value, float):
        return str(localize(round(value, 6)))
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
