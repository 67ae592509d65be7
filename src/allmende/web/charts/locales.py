"""How d3 writes numbers and dates in our two languages; the same dictionaries serve the server and the browser."""

from datetime import timedelta
from typing import Any

from allmende.web.charts.ticks import LONGEST_IN_DAYS

_NUMBERS = {
    "de": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", "\u00a0€"], "minus": "−"},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""], "minus": "−"},
}
_TIMES = {
    "de": {
        "dateTime": "%A, %-d. %B %Y, %X",
        "date": "%d.%m.%Y",
        "time": "%H:%M",
        "periods": ["", ""],
        "days": ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
        "shortDays": ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
        "months": [
            "Januar", "Februar", "März", "April", "Mai", "Juni",
            "Juli", "August", "September", "Oktober", "November", "Dezember",
        ],
        "shortMonths": ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sep.", "Okt.", "Nov.", "Dez."],
    },
    "en": {
        "dateTime": "%A, %-d %B %Y, %X",
        "date": "%d/%m/%Y",
        "time": "%H:%M",
        "periods": ["AM", "PM"],
        "days": ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        "shortDays": ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
        "months": [
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ],
        "shortMonths": ["Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sep", "Oct", "Nov", "Dec"],
    },
}  # fmt: skip
# What an axis writes at a tick, by the coarsest unit of time that begins there.
AXIS = {
    "de": {
        "hours": "%H:%M", "minutes": "%H:%M", "seconds": "%H:%M:%S", "milliseconds": "%H:%M:%S",
        "day": "%-d. %b", "date": "%-d. %b", "week": "%-d. %b", "month": "%b", "quarter": "%b", "year": "%Y",
    },
    "en": {
        "hours": "%H:%M", "minutes": "%H:%M", "seconds": "%H:%M:%S", "milliseconds": "%H:%M:%S",
        "day": "%-d %b", "date": "%-d %b", "week": "%-d %b", "month": "%b", "quarter": "%b", "year": "%Y",
    },
}  # fmt: skip
_DAYS_ONLY = ("day", "date", "week", "month", "quarter", "year")
TOOLTIP = {"de": "%a, %-d. %b %Y, %H:%M", "en": "%a, %-d %b %Y, %H:%M"}
TOOLTIP_DAY = {"de": "%a, %-d. %b %Y", "en": "%a, %-d %b %Y"}


def number_locale(language: str) -> dict[str, Any]:
    """d3-format's locale."""
    return dict(_NUMBERS.get(language, _NUMBERS["en"]))


def time_locale(language: str) -> dict[str, Any]:
    """d3-time-format's locale."""
    return dict(_TIMES.get(language, _TIMES["en"]))


def axis_format(language: str, length: timedelta) -> dict[str, str]:
    """What an axis of this length writes at its ticks: days up to a quarter, months and years beyond."""
    formats = dict(AXIS.get(language, AXIS["en"]))
    return formats | dict.fromkeys(_DAYS_ONLY, formats["date"]) if length <= LONGEST_IN_DAYS else formats
