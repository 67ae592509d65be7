"""Cells of a heading as names of columns."""

from collections.abc import Iterable

from allmende.catalogue.loaders.said import Unreadable

MOST_COLUMNS = 2000
_LONGEST = 200  # characters of a name


def unique_names(headings: Iterable[str]) -> tuple[str, ...]:
    """Headings as names: trimmed, never empty, never twice. Raises Unreadable for too many."""
    taken: dict[str, int] = {}
    names: list[str] = []
    for number, heading in enumerate(headings, 1):
        name = plain = " ".join(heading.split())[:_LONGEST] or f"column {number}"
        while name in taken:
            taken[plain] = taken.get(plain, 1) + 1
            name = f"{plain} {taken[plain]}"
        taken[name] = 1
        names.append(name)
    if len(names) > MOST_COLUMNS:
        raise Unreadable("too_many_columns", count=len(names), limit=MOST_COLUMNS)
    return tuple(names)
