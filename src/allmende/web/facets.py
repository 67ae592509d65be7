"""Filters of a list: for each a row of links with counts, kept in the address. One rule for every list of the house."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import QueryDict

from allmende.web.paging import with_params

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter: a link with the number of rows behind it. The chosen one's link takes it away again."""

    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter, named as the address names it."""

    name: str
    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Axis(Generic[Item]):
    """By what one may filter. values: those of an item, key and label (it may have several); order: of the keys, where
    it is not that of the alphabet."""

    name: str
    title: str
    values: Callable[[Item], dict[str, str]]
    order: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Narrowed(Generic[Item]):
    """The items that pass all filters, and the filters. active: how many are set."""

    items: tuple[Item, ...]
    facets: tuple[Facet, ...]
    active: int


def narrow(items: Iterable[Item], axes: Sequence[Axis[Item]], params: QueryDict) -> Narrowed[Item]:
    """Applies the filters named in the address. A count says how many items would be left with that choice."""
    wanted = {axis.name: params.get(axis.name, "") for axis in axes}
    known = [(item, {axis.name: axis.values(item) for axis in axes}) for item in items]
    facets = []
    for axis in axes:
        others = [values for _item, values in known if _passes(values, wanted, ignoring=axis.name)]
        facets.append(Facet(axis.name, axis.title, _choices(axis, others, wanted[axis.name], params)))
    left = tuple(item for item, values in known if _passes(values, wanted))
    return Narrowed(left, tuple(facets), sum(bool(value) for value in wanted.values()))


def _passes(values: dict[str, dict[str, str]], wanted: dict[str, str], ignoring: str = "") -> bool:
    return all(not key or name == ignoring or key in values[name] for name, key in wanted.items())


def _choices(
    axis: Axis[Item], values: list[dict[str, dict[str, str]]], chosen: str, params: QueryDict
) -> tuple[Choice, ...]:
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for value in values:
        counts.update(value[axis.name].keys())
        labels |= value[axis.name]
    if axis.order:
        keys = [key for key in axis.order if key in counts]
    else:
        keys = sorted(counts, key=lambda key: labels[key].casefold())
    return tuple(
        Choice(
            labels[key],
            counts[key],
            with_params(params, page=None, **{axis.name: None if key == chosen else key}),
            key == chosen,
        )
        for key in keys
    )
