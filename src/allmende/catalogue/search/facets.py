"""Counting and sorting datasets without reading them: a copy in memory of what facets need to know of each.

The copy holds all datasets, so nothing is taken from it but by numbers that the caller got from `find` or from what an
actor sees; what is counted was filtered before.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import Count, Sum

from allmende.accounts.actors import Actor
from allmende.catalogue.search.finding import Found
from allmende.catalogue.search.reading import visible_numbers
from allmende.catalogue.search.tables import SearchEntry

AXES = ("theme", "kind", "format", "owner", "licence", "place", "rhythm", "access")
Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """numbers: of the datasets that pass all filters, sorted. counts: by axis and value, how many would pass with that
    choice. example: by axis and value a dataset that has it."""

    numbers: list[int]
    counts: dict[str, dict[str, int]]
    example: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class _Copy:
    """positions: of datasets in the arrays, by number; holders: by axis and value the positions that have it."""

    numbers: Numbers
    positions: dict[int, int]
    changed: Numbers
    titles: dict[str, list[str]]
    holders: dict[str, dict[str, Numbers]]


@dataclass(slots=True)
class _Remembered:
    """The copy, and what of the table it was made: it is made anew when that differs."""

    made_of: tuple[int, int] = (-1, 0)
    entries: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    copy: _Copy | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_remembered = _Remembered()


def narrow(
    actor: Actor,
    found: Found | None,
    wanted: Mapping[str, Sequence[str]],
    more: Mapping[tuple[str, str], Iterable[int]],
    sort: str,
    language: str,
) -> Narrowed:
    """What was found (None: everything that the actor sees) and has of each axis one of the values wanted.

    more: further values, by axis and value the numbers that have it. sort: best, newest or title.
    """
    copy = _copy()
    base = list(found.numbers) if found is not None else visible_numbers(actor)
    known = [copy.positions[number] for number in base if number in copy.positions]
    here = np.zeros(len(copy.numbers), dtype=bool)
    here[known] = True
    holders = _with_more(copy, more)
    passing = {axis: _any_of(copy, holders[axis], values) for axis, values in wanted.items() if values}
    counts: dict[str, dict[str, int]] = {}
    example: dict[str, dict[str, int]] = {}
    for axis in AXES:
        others = here.copy()
        for name, mask in passing.items():
            if name != axis:
                others &= mask
        counts[axis], example[axis] = {}, {}
        for value, places in holders[axis].items():
            left = places[others[places]]
            if len(left) or value in wanted.get(axis, ()):
                counts[axis][value] = len(left)
            if len(left):
                example[axis][value] = int(copy.numbers[left[0]])
    for mask in passing.values():
        here &= mask
    left_over = [] if passing else [number for number in base if number not in copy.positions]  # not indexed yet
    return Narrowed([*_sorted(copy, base, here, sort, language), *left_over], counts, example)


def _with_more(copy: _Copy, more: Mapping[tuple[str, str], Iterable[int]]) -> dict[str, dict[str, Numbers]]:
    holders = {axis: dict(copy.holders.get(axis, {})) for axis in AXES}
    for (axis, value), numbers in more.items():
        places = [copy.positions[number] for number in numbers if number in copy.positions]
        before = holders[axis].get(value, np.empty(0, dtype=np.int64))
        holders[axis][value] = np.union1d(before, np.array(places, dtype=np.int64))
    return holders


def _any_of(copy: _Copy, holders: dict[str, Numbers], values: Sequence[str]) -> Any:
    mask = np.zeros(len(copy.numbers), dtype=bool)
    for value in values:
        if value in holders:
            mask[holders[value]] = True
    return mask


def _sorted(copy: _Copy, base: list[int], here: Any, sort: str, language: str) -> list[int]:
    if sort == "best":
        return [number for number in base if number in copy.positions and here[copy.positions[number]]]
    places = np.flatnonzero(here)
    if sort == "title":
        titles = copy.titles[language if language in copy.titles else "de"]
        return [int(copy.numbers[place]) for place in sorted(places, key=lambda place: titles[place])]
    order = places[np.argsort(-copy.changed[places], kind="stable")]
    return [int(number) for number in copy.numbers[order]]


def _copy() -> _Copy:
    """As the table is now: one small query when nothing has changed; what is new is read when something has."""
    with _remembered.lock:
        totals = SearchEntry.objects.aggregate(count=Count("pk"), sum=Sum("mark"))
        made_of = (totals["count"], int(totals["sum"] or 0))
        if _remembered.copy is None or made_of != _remembered.made_of:
            there = dict(SearchEntry.objects.values_list("mark", "dataset_id"))
            new = there.keys() - _remembered.entries.keys()
            rows = SearchEntry.objects.values_list("mark", "dataset_id", "about")
            fresh = rows if len(new) > 500 else rows.filter(mark__in=new)
            entries = {mark: entry for mark, entry in _remembered.entries.items() if mark in there}
            entries |= {mark: (dataset, about) for mark, dataset, about in fresh}
            _remembered.entries, _remembered.made_of = entries, made_of
            _remembered.copy = _arranged(entries.values())
        return _remembered.copy


def _arranged(entries: Iterable[tuple[int, dict[str, Any]]]) -> _Copy:
    listed = sorted(entries, key=lambda entry: entry[0])
    holders: dict[str, dict[str, list[int]]] = {axis: defaultdict(list) for axis in AXES}
    for place, (_number, about) in enumerate(listed):
        for axis in AXES:
            for value in about.get(axis, ()):
                holders[axis][value].append(place)
    return _Copy(
        numbers=np.array([number for number, _about in listed], dtype=np.int64),
        positions={number: place for place, (number, _about) in enumerate(listed)},
        changed=np.array([about["changed"] for _number, about in listed], dtype=np.int64),
        titles={each: [about["title"].get(each, "") for _number, about in listed] for each in ("de", "en")},
        holders={
            axis: {value: np.array(places, dtype=np.int64) for value, places in values.items()}
            for axis, values in holders.items()
        },
    )
