"""Times as bodies write them: instants and intervals with a zone, of the years that can be kept."""

from datetime import datetime
from typing import Any

from allmende.api.sensorthings.language import times
from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.tree import Interval
from allmende.api.sensorthings.writing.bodies import bad, kind_of
from allmende.core.clock import FIRST_YEAR, LAST_YEAR, MAX_US, MIN_US


def instant(text: Any, path: str) -> int:
    """µs UTC of an instant. Raises Problem."""
    value = _read(text, path)
    if not isinstance(value, int):
        raise bad(path, "A single time was expected, not an interval.")
    return value


def period(text: Any, path: str) -> tuple[int, int]:
    """(begin, end), µs UTC, of an interval. Raises Problem."""
    value = _read(text, path)
    if isinstance(value, int):
        raise bad(path, "An interval was expected: two times with a slash between them.")
    return value


def moment(text: Any, path: str) -> tuple[int, int | None]:
    """(begin, end) of a time that may be either; end: None for an instant. Raises Problem."""
    try:  # nine of ten are instants, and this reads those ten times as fast as what follows
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            us = round(found.timestamp() * 1e6)
            if MIN_US <= us <= MAX_US:
                return us, None
    except (TypeError, ValueError, OverflowError):
        pass
    value = _read(text, path)
    return (value, None) if isinstance(value, int) else value


def _read(text: Any, path: str) -> int | tuple[int, int]:
    if not isinstance(text, str):
        raise bad(path, f"A time in ISO 8601 was expected, not {kind_of(text)}.")
    try:
        value = times.temporal(text.strip(), 0).value
    except Fault as fault:
        raise bad(path, fault.reason) from None
    if isinstance(value, Interval) and isinstance(value.start, int) and isinstance(value.end, int):
        _check(value.start, path)
        _check(value.end, path)
        return value.start, value.end
    if isinstance(value, int) and "T" in text.upper():
        _check(value, path)
        return value
    raise bad(path, f"«{text[:40]}» is no time with a date; write it like 2026-11-23T14:05:00Z.")


def _check(us: int, path: str) -> None:
    if not MIN_US <= us <= MAX_US:
        raise bad(path, f"The time lies outside the years {FIRST_YEAR} to {LAST_YEAR}.")
