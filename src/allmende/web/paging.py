"""Pages of a list: which rows, and the links to the others, keeping all other choices of the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest, QueryDict

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Entry:
    """A number in the row of pages; without a url it is the present page or a gap (number 0)."""

    number: int
    url: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Pages(Generic[Row]):
    """One page of rows. first, last_row: numbers (from 1) of the rows shown; last: number of the last page."""

    rows: Sequence[Row]
    total: int
    number: int
    last: int
    first: int
    last_row: int
    entries: tuple[Entry, ...]
    previous_url: str
    next_url: str


def with_params(params: QueryDict, **changes: str | None) -> str:
    """The query with some parameters set or (None) taken out; `?` alone when nothing is left."""
    query = params.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"


def paged(request: HttpRequest, rows: Sequence[Row], size: int, anchor: str = "") -> Pages[Row]:
    """The page that `?page=` asks for; a number that does not exist leads to the nearest page."""
    total = len(rows)
    last = max(-(-total // size), 1)
    wanted = request.GET.get("page", "1")
    number = min(max(int(wanted), 1), last) if wanted.isdecimal() and len(wanted) < 8 else 1

    def url(page: int) -> str:
        return with_params(request.GET, page=str(page) if page > 1 else None) + anchor

    near = sorted({1, last, *range(max(number - 1, 1), min(number + 1, last) + 1)})
    entries: list[Entry] = []
    for page in near:
        if entries and page - entries[-1].number > 1:
            entries.append(Entry(0))
        entries.append(Entry(page, url(page), page == number))
    begin = (number - 1) * size
    return Pages(
        rows=rows[begin : begin + size],
        total=total,
        number=number,
        last=last,
        first=begin + 1 if total else 0,
        last_row=min(begin + size, total),
        entries=tuple(entries),
        previous_url=url(number - 1) if number > 1 else "",
        next_url=url(number + 1) if number < last else "",
    )
