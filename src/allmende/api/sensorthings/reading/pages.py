"""Pages of collections: filter, order, `$top`, `$skip`, `$count`, and the link to the next page."""

import base64
from typing import Any, NamedTuple

import msgspec

from allmende.api.sensorthings.compiling.entities import filtered, ordered
from allmende.api.sensorthings.compiling.observations import ObservationDialect, asked
from allmende.api.sensorthings.compiling.operands import Open, Span
from allmende.api.sensorthings.entities import ID
from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.options import Options, Order
from allmende.api.sensorthings.language.tree import Path
from allmende.api.sensorthings.reading.context import Reader
from allmende.api.sensorthings.reading.fetching import fetch
from allmende.api.sensorthings.reading.scope import Observations, Rows, observed
from allmende.api.sensorthings.reading.shapes import Observed
from allmende.observations.queries import latest
from allmende.observations.queries.searching import Column, Search, Term, count, every, position, search

PAGE = 100  # entities on a page where the client names no number
MOST = 10_000  # on any page


class Page(NamedTuple):
    """rows: of the page; total: of all, where it was asked for; after: where the next page begins, None on the last:
    a number of rows to skip, or a token."""

    rows: list[Any]
    total: int | None
    after: int | str | None


def size_of(options: Options) -> int:
    """How many entities a page has."""
    return PAGE if options.top is None else min(options.top, MOST)


def page_of_rows(reader: Reader, scope: Rows, options: Options) -> Page:
    """A page of entities."""
    rows = filtered(scope.rows, options.filter, scope.entity, reader.datasets, reader.language)
    total = rows.count() if options.count else None
    rows = ordered(rows, options.orderby, scope.entity, reader.datasets, reader.language, scope.order)
    start, size = (options.skip or 0), size_of(options)
    found = fetch(scope.entity.name, rows, start, start + size + 1)
    more = len(found) > size and size > 0
    return Page(found[:size], total, start + size if more else None)


def page_of_observations(reader: Reader, scope: Observations, options: Options) -> Page:
    """A page of observations; the next is found by the key of the last row, however deep it lies."""
    if (quick := _latest(scope, options)) is not None:
        return quick
    filter_ = asked(options.filter, scope.streams, reader.datasets, reader.language)
    parts = [part for part in (scope.where, filter_.where) if part]
    filter_ = filter_._replace(where=every(*parts) if parts else None)
    size = size_of(options)
    wanted = filter_.search(
        order=_order(reader, options.orderby),
        limit=size + 1,
        skip=0 if options.skiptoken else (options.skip or 0),
        after=_position(options.skiptoken),
    )
    total = count(filter_.search()) if options.count else None
    if size == 0:
        return Page([], total, None)
    table = search(wanted)
    more = table.num_rows > size
    after = _token(wanted, table.slice(size - 1, 1).to_pylist()[0]) if more else None
    return Page(observed(table.slice(0, size)), total, after)


def _latest(scope: Observations, options: Options) -> Page | None:
    """The newest observation of one Datastream: in memory, so nothing is searched."""
    streams = scope.streams
    if streams is None or len(streams) != 1 or scope.where or options.top != 1:
        return None
    if options.filter or options.skip or options.skiptoken or options.count or not newest_first(options.orderby):
        return None
    rows = newest(streams)
    # A second one may be there; who follows the link gets an empty page if not.
    return Page(rows, None, _token(_NEWEST, {"o0": rows[0].t, **rows[0]._asdict()}) if rows else None)


def newest_first(keys: tuple[Order, ...]) -> bool:
    """Whether the order is the falling phenomenon time alone."""
    if len(keys) != 1 or not keys[0].descending:
        return False
    path = keys[0].expression
    return isinstance(path, Path) and not path.hops and path.leaf.name == "phenomenonTime"


def newest(streams: list[int]) -> list[Observed]:
    """The newest observation of each of these Datastreams that has one."""
    return [Observed(ds, s.time, s.value, s.quality, s.extra, s.rank) for ds, s in latest(streams).items()]


_NEWEST = Search(order=((Column("time"), True),))


def _order(reader: Reader, keys: tuple[Order, ...]) -> tuple[tuple[Term, bool], ...]:
    dialect = ObservationDialect(reader.datasets, reader.language)
    order: list[tuple[Term, bool]] = []
    for key in keys:
        if isinstance(key.expression, Path) and not key.expression.hops and key.expression.leaf is ID:
            order += [(Column("stream"), key.descending), (Column("time"), key.descending)]
            continue
        operand = dialect.compiler.operand(key.expression)
        if isinstance(operand, Span):
            order.append((operand.begin, key.descending))
        elif isinstance(operand, Open):
            order += [(operand.number, key.descending), (operand.text, key.descending)]
        else:
            order.append((operand.value, key.descending))  # type: ignore[union-attr]
    return tuple(order)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[int | float | str | None]).decode


def _token(wanted: Search, row: dict[str, Any]) -> str:
    row = {"ds": row.get("ds"), "t": row.get("t"), "k": row.get("k"), **row}
    return base64.urlsafe_b64encode(_encode(position(wanted, row))).decode().rstrip("=")


def _position(token: str | None) -> list[Any] | None:
    if token is None:
        return None
    try:
        return _decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, msgspec.DecodeError) as error:
        raise Fault("The token of a next link is handed back as it was.", 0) from error
