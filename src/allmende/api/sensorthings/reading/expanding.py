"""`$expand`: what the links of entities lead to, inside their objects (18-088 § 9.3.2.1).

Everything on one level is read together, not entity by entity; only pages of observations are read by their owners.
"""

from collections.abc import Iterable
from typing import Any

from msgspec import structs

from allmende.api.sensorthings.compiling.columns import HOPS, PARTS
from allmende.api.sensorthings.compiling.entities import filtered, ordered
from allmende.api.sensorthings.entities import EntityType, Navigation
from allmende.api.sensorthings.language.options import Expand, Options
from allmende.api.sensorthings.language.writing import query
from allmende.api.sensorthings.reading.context import Reader
from allmende.api.sensorthings.reading.fetching import fetch
from allmende.api.sensorthings.reading.pages import newest, newest_first, page_of_observations, size_of
from allmende.api.sensorthings.reading.scope import features_of, observations_of
from allmende.api.sensorthings.reading.shapes import (
    STREAMS,
    Object,
    Observed,
    address,
    observations_as_objects,
    rows_as_objects,
)
from allmende.observations.queries.entities import rows_of

MOST_PARENTS = 2_000  # whose observations are looked for one by one in one request


class TooMuch(Exception):
    """The expansion would need too many searches."""


def expand(reader: Reader, entity: EntityType, rows: list[Any], objects: list[Object], links: Iterable[Expand]) -> None:
    """Puts what the links lead to into the objects of these rows. Raises TooMuch, Fault, TooCostly."""
    for one in links:
        if not rows:
            return
        if entity.name == "Observation":
            _of_observations(reader, rows, objects, one)
        elif one.navigation.target.name == "Observation":
            _observations(reader, entity, rows, objects, one)
        elif one.navigation.many:
            _many(reader, entity, rows, objects, one)
        else:
            _one(reader, entity, rows, objects, one)


def shown(reader: Reader, entity: EntityType, rows: list[Any], options: Options) -> list[Object]:
    """Rows of any entity as objects, with what is expanded in them."""
    objects = (
        observations_as_objects(reader, rows, options.select)
        if entity.name == "Observation"
        else rows_as_objects(reader, entity, rows, options.select)
    )
    expand(reader, entity, rows, objects, options.expand)
    return objects


def _put(made: Object, name: str, value: Any) -> None:
    made.pop(f"{name}@iot.navigationLink", None)
    made[name] = value


def _one(reader: Reader, entity: EntityType, rows: list[Any], objects: list[Object], one: Expand) -> None:
    """A link to one: the rows hold its number."""
    link = one.navigation
    numbers = [getattr(row, f"{HOPS[entity.name][link.name].field}_id") for row in rows]
    _assign(reader, link, numbers, objects, one.options)


def _assign(reader: Reader, link: Navigation, numbers: list[int], objects: list[Object], options: Options) -> None:
    targets = rows_of(link.target.name, reader.datasets).filter(pk__in=set(numbers))
    targets = filtered(targets, options.filter, link.target, reader.datasets, reader.language)
    found = fetch(link.target.name, targets)
    made = dict(zip((row.pk for row in found), shown(reader, link.target, found, options), strict=True))
    for number, target in zip(numbers, objects, strict=True):
        if number in made:
            _put(target, link.name, made[number])


def _of_observations(reader: Reader, rows: list[Observed], objects: list[Object], one: Expand) -> None:
    link = one.navigation
    numbers = [row.ds for row in rows] if link.name in STREAMS else features_of(rows)
    _assign(reader, link, numbers, objects, one.options)


def _many(reader: Reader, entity: EntityType, rows: list[Any], objects: list[Object], one: Expand) -> None:
    """A link to many: all pairs at once, then each parent's page of them."""
    link, options = one.navigation, one.options
    field = HOPS[entity.name][link.name].field
    wanted = filtered(
        rows_of(link.target.name, reader.datasets), options.filter, link.target, reader.datasets, reader.language
    )
    parents = rows_of(entity.name, None).filter(pk__in=[row.pk for row in rows], **{f"{field}__in": wanted})
    children: dict[int, list[int]] = {}
    by_place = ("components__position",) if field == PARTS else ()
    for parent, child in parents.order_by(*by_place).values_list("pk", field):
        children.setdefault(parent, []).append(child)
    every = rows_of(link.target.name, None).filter(pk__in=set().union(*children.values()))
    order = ordered(every, options.orderby, link.target, reader.datasets, reader.language)
    sequence = list(order.values_list("pk", flat=True)) if children else []
    start, size = options.skip or 0, size_of(options)
    pages: dict[int, list[int]] = {}
    for parent, members in children.items():
        pages[parent] = _in_order(members, sequence, as_they_are=bool(by_place) and not options.orderby)
    needed = {child for page in pages.values() for child in page[start : start + size]}
    found = {row.pk: row for row in fetch(link.target.name, rows_of(link.target.name, None).filter(pk__in=needed))}
    kept = [found[child] for child in sequence if child in found]
    made = dict(zip((row.pk for row in kept), shown(reader, link.target, kept, options), strict=True))
    for row, target in zip(rows, objects, strict=True):
        page = pages.get(row.pk, [])
        if options.count:
            target[f"{link.name}@iot.count"] = len(page)
        _put(target, link.name, [made[child] for child in page[start : start + size] if child in made])
        if len(page) > start + size:
            _next(reader, entity, row, link, options, target, f"$skip={start + size}")


def _in_order(members: list[int], sequence: list[int], *, as_they_are: bool) -> list[int]:
    """The members in the order of the sequence, which may hold others as well."""
    if as_they_are or len(members) == 1:
        return members
    wanted = set(members)
    return [child for child in sequence if child in wanted]


def _observations(reader: Reader, entity: EntityType, rows: list[Any], objects: list[Object], one: Expand) -> None:
    options = one.options
    if entity.name in STREAMS and _only_newest(options):
        return _newest(reader, rows, objects, one)
    if len(rows) > MOST_PARENTS:
        raise TooMuch(f"Observations of more than {MOST_PARENTS} entities at once; ask for fewer with $top.")
    pages = [page_of_observations(reader, observations_of(reader, entity, [row.pk]), options) for row in rows]
    together = [row for page in pages for row in page.rows]
    made = iter(shown(reader, one.navigation.target, together, options))
    for row, target, page in zip(rows, objects, pages, strict=True):
        if page.total is not None:
            target["Observations@iot.count"] = page.total
        _put(target, "Observations", [next(made) for _ in page.rows])
        if page.after is not None:
            _next(reader, entity, row, one.navigation, options, target, f"$skiptoken={page.after}")
    return None


def _only_newest(options: Options) -> bool:
    plain = not (options.filter or options.skip or options.count)
    return plain and options.top == 1 and newest_first(options.orderby)


def _newest(reader: Reader, rows: list[Any], objects: list[Object], one: Expand) -> None:
    """The newest observation of many Datastreams: from memory, nothing is searched."""
    found = newest([row.pk for row in rows])
    names = {row.pk: (row.code, row.multi) for row in rows}
    made = observations_as_objects(reader, found, one.options.select, names)
    expand(reader, one.navigation.target, found, made, one.options.expand)
    by_stream = {row.ds: object_ for row, object_ in zip(found, made, strict=True)}
    for row, target in zip(rows, objects, strict=True):
        _put(target, "Observations", [by_stream[row.pk]] if row.pk in by_stream else [])


def _next(
    reader: Reader, entity: EntityType, row: Any, link: Navigation, options: Options, target: Object, onward: str
) -> None:
    rest = query(structs.replace(options, skip=None, skiptoken=None))
    text = "&".join(part for part in (rest, onward) if part)
    target[f"{link.name}@iot.nextLink"] = f"{address(reader, entity, row.code)}/{link.name}?{text}"
