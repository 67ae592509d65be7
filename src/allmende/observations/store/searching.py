"""Questions over many Datastreams with conditions and an order: pages of rows, counts, which Datastreams match.

A page is found without looking at everything: rows are sought in windows of time, or Datastream by Datastream, that
begin where the page begins and widen eightfold until it is full. So a page costs what it holds, however much is stored
and however deep it lies. Every search has a time limit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

import duckdb
import pyarrow as pa
from msgspec import Struct, structs

from allmende.core.deadlines import Watch
from allmende.observations.store.columnar import Columnar
from allmende.observations.store.errors import TooCostly
from allmende.observations.store.reading import MAX_TIME, MIN_TIME, shown_tail
from allmende.observations.store.rows import GONE
from allmende.observations.store.tail import Tail
from allmende.observations.store.terms import Call, Column, Sql, Term, Value, every

SECONDS = 10.0
_FEW = 32  # so many Datastreams are named in the statement; more are joined
_WIDER = 8
_SPARE = 2  # the first window should hold this many times the page, if rows lay evenly
_DEEPEST_WINDOWED_SKIP = 100_000
_KEY = (Column("stream"), Column("time"), Column("rank"))
_TIME = Column("time")


class Search(Struct, frozen=True):
    """streams: internal numbers, None for all; begin <= time < end (µs UTC); where: a boolean term.

    order: (term, descending); the key (stream, time, rank) decides between equals, rising, or falling where the first
    term falls. after: what `position` said of the last row of the page before.
    """

    streams: list[int] | None = None
    begin: int = MIN_TIME
    end: int = MAX_TIME
    where: Term | None = None
    order: tuple[tuple[Term, bool], ...] = ()
    after: list[Any] | None = None
    limit: int = 100
    skip: int = 0
    seconds: float = SECONDS


def position(search: Search, row: dict[str, Any]) -> list[Any]:
    """Where a row of `rows` stands in the order of the search: what `after` of the next page needs."""
    return [*(row[f"o{place}"] for place in range(len(search.order))), row["ds"], row["t"], row["k"]]


class Searching:
    """Searches for the owner of the store. A search sees every acknowledged write."""

    def __init__(self, columnar: Columnar, tail: Tail) -> None:
        self._columnar = columnar
        self._tail = tail

    def rows(self, search: Search) -> pa.Table:
        """One page: ds, t, v, q, x, k and the values of the order's terms as o0, o1, …. Raises TooCostly."""
        deadline = monotonic() + search.seconds
        if search.streams == [] or search.limit <= 0:
            search = structs.replace(search, streams=[-1], limit=max(search.limit, 0))
        first = search.order[0] if search.order else None
        if search.skip > _DEEPEST_WINDOWED_SKIP or (first and first[0] != _TIME):
            return self._ask(search, deadline, offset=search.skip)
        pages = list(self._by_time(search, deadline) if first else self._by_stream(search, deadline))
        if not pages:
            return self._ask(search, deadline, limit=0)
        return pa.concat_tables(pages).slice(search.skip, search.limit) if len(pages) > 1 or search.skip else pages[0]

    def count(self, search: Search) -> int:
        """How many rows match; kept counts where nothing but Datastreams is asked for. Raises TooCostly."""
        return int(self._one_column(search, "count(*)")[0])

    def streams(self, search: Search) -> list[int]:
        """Which Datastreams have a row that matches. Raises TooCostly."""
        return self._one_column(search, "DISTINCT o.ds")

    def features(self, search: Search) -> list[tuple[int, int | None]]:
        """(Datastream, feature of interest that its matching rows name, or None for its own), each pair once."""
        sql = Sql()
        feature = sql.of(Column("feature"))
        with self._asking(search, sql, monotonic() + search.seconds) as (connection, source):
            return connection.execute(f"SELECT DISTINCT o.ds, {feature} FROM {source}", sql.values).fetchall()

    def _one_column(self, search: Search, what: str) -> list[int]:
        sql = Sql()
        with self._asking(search, sql, monotonic() + search.seconds) as (connection, source):
            return [row[0] for row in connection.execute(f"SELECT {what} FROM {source}", sql.values).fetchall()]

    # Windows

    def _by_time(self, search: Search, deadline: float) -> Iterator[pa.Table]:
        """Pages from window after window of time, in the order's direction, until there are enough rows."""
        falling = search.order[0][1]
        begin, end, count = self._spread(search.streams)
        missing = search.limit + search.skip
        width = max((end - begin) * missing * _SPARE // max(count, 1), 1)  # of the whole: a later page is no rarer
        begin, end = max(begin, search.begin), min(end, search.end)
        if search.after:
            at = search.after[0]
            begin, end = (begin, min(end, at + 1)) if falling else (max(begin, at), end)
        while missing > 0 and begin < end:
            low, high = (max(begin, end - width), end) if falling else (begin, min(end, begin + width))
            found = self._ask(structs.replace(search, begin=low, end=high), deadline, limit=missing)
            yield found
            missing -= found.num_rows
            begin, end = (begin, low) if falling else (high, end)
            width *= _WIDER

    def _by_stream(self, search: Search, deadline: float) -> Iterator[pa.Table]:
        """Pages from one Datastream after the other; small ones are asked for together."""
        waiting = sorted(self._existing() if search.streams is None else search.streams)
        if search.after:
            waiting = [ds for ds in waiting if ds >= search.after[0]]
        missing = search.limit + search.skip
        budget = missing * _SPARE
        while waiting and missing > 0:
            together = self._chunk(waiting, budget)
            waiting = waiting[len(together) :]
            part = structs.replace(search, streams=together)
            if len(together) == 1:
                after = search.after if search.after and search.after[0] == together[0] else None
                part = structs.replace(part, order=((_TIME, False),), after=[after[1], *after] if after else None)
                part = structs.replace(part, skip=0, limit=missing)
                tables = [table.drop_columns("o0") for table in self._by_time(part, deadline)]
            else:
                tables = [self._ask(part, deadline, limit=missing)]
            for table in tables:
                yield table
                missing -= table.num_rows
            budget *= _WIDER

    def _chunk(self, waiting: list[int], budget: int) -> list[int]:
        together, size = 1, self._size(waiting[0])
        while together < len(waiting) and (size := size + self._size(waiting[together])) <= budget:
            together += 1
        return waiting[:together]

    def _size(self, ds: int) -> int:
        extent = self._columnar.extents.get(ds)
        return extent.count if extent else 1

    def _existing(self) -> set[int]:
        return self._columnar.extents.keys() | self._tail.streams()

    def _spread(self, streams: Sequence[int] | None) -> tuple[int, int, int]:
        """(first time, last time + 1, about how many rows) over these Datastreams."""
        known = self._columnar.extents
        extents = list(known.values()) if streams is None else [known[ds] for ds in streams if ds in known]
        low, high, count = self._tail.spread()
        firsts, lasts = [extent.first for extent in extents], [extent.last for extent in extents]
        if count:
            firsts.append(low)
            lasts.append(high)
        if not firsts:
            return 0, 0, 0
        return min(firsts), max(lasts) + 1, sum(extent.count for extent in extents) + count

    # Statements

    def _ask(self, search: Search, deadline: float, limit: int | None = None, offset: int = 0) -> pa.Table:
        """One statement for the search as it stands."""
        sql = Sql()
        order = [(sql.of(term), falling) for term, falling in search.order]
        columns = "".join(f", {text} AS o{place}" for place, (text, _) in enumerate(order))
        falling = bool(search.order) and search.order[0][1]
        by = [f"o{place} {'DESC NULLS LAST' if down else 'ASC NULLS FIRST'}" for place, (_, down) in enumerate(order)]
        if search.streams is not None and len(search.streams) == 1 and by and search.order[0][0] == _TIME:
            by, rest = [], ["o.t", "o.k"]  # the same order, said so that the sort has less to compare
        else:
            rest = ["o.ds", "o.t", "o.k"]
        by += [f"{column} {'DESC' if falling else 'ASC'}" for column in rest]
        with self._asking(search, sql, deadline) as (connection, source):
            statement = (
                f"SELECT o.ds, o.t, o.v, o.q, o.x, o.k{columns} FROM {source} ORDER BY {', '.join(by)} "
                f"LIMIT {search.limit if limit is None else limit:d} OFFSET {offset:d}"
            )
            return connection.execute(statement, sql.values).to_arrow_table()

    @contextmanager
    def _asking(self, search: Search, sql: Sql, deadline: float) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """(a connection, the matching rows as `o`, with their condition). Stops it at the deadline: TooCostly."""
        conditions = [search.where] if search.where else []
        if search.after:
            conditions.append(_beyond(search))
        bounds = f"o.t >= {search.begin:d} AND o.t < {search.end:d}{_among(search.streams)}"
        late = self._tail.between(search.streams, search.begin, search.end)  # before the columnar read
        with self._columnar.reading() as connection, shown_tail(connection, late):
            source = f"obs o WHERE {bounds}"
            if search.streams is not None and len(search.streams) > _FEW:
                wanted = pa.table({"ds": pa.array(search.streams, pa.int32())})
                connection.register("wanted", wanted)
                source = f"obs o SEMI JOIN wanted USING (ds) WHERE {bounds}"
            if late:
                source = (
                    f"(SELECT o.* FROM ({'SELECT o.* FROM ' + source}) o ANTI JOIN tail USING (ds, t, k) UNION ALL "
                    f"SELECT ds, t, v, q, x, k FROM tail WHERE q <> {GONE}) o"
                )
            if conditions:
                source = f"(SELECT o.* FROM {source}) o WHERE {sql.of(every(*conditions))}"
            with _limited(connection, deadline):
                yield connection, source


def _among(streams: list[int] | None) -> str:
    if streams is None:
        return ""
    if len(streams) == 1:
        return f" AND o.ds = {streams[0]:d}"
    if len(streams) <= _FEW:
        return f" AND o.ds IN ({', '.join(f'{ds:d}' for ds in streams)})"
    return f" AND o.ds BETWEEN {min(streams):d} AND {max(streams):d}"


def _beyond(search: Search) -> Term:
    """That a row stands behind `after` in the order; nulls come first when rising, last when falling (OData 4.01)."""
    assert search.after is not None
    falling = bool(search.order) and search.order[0][1]
    keys = [*search.order, *((column, falling) for column in _KEY)]
    alone = search.streams is not None and len(search.streams) == 1
    decisive: list[tuple[Term, bool, Any]] = []  # a term that comes again decides nothing any more
    for (term, down), value in zip(keys, search.after, strict=True):
        if not (alone and term == Column("stream")) and all(term != earlier for earlier, _, _ in decisive):
            decisive.append((term, down, value))
    found: Term | None = None
    for term, down, value in reversed(decisive):
        equal = Call("is_null", (term,)) if value is None else Call("eq", (term, Value(value)))
        further = _further(term, down, value)
        same = every(equal, found) if found else None
        choices = [choice for choice in (further, same) if choice]
        found = Call("or", tuple(choices)) if len(choices) > 1 else (choices[0] if choices else Value(False))
    assert found is not None
    return found


def _further(term: Term, down: bool, value: Any) -> Term | None:
    if value is None:
        return None if down else Call("is_not_null", (term,))
    if not down:
        return Call("gt", (term, Value(value)))
    lower = Call("lt", (term, Value(value)))
    return lower if term in _KEY else Call("or", (lower, Call("is_null", (term,))))  # those of the key are never null


@contextmanager
def _limited(connection: duckdb.DuckDBPyConnection, deadline: float) -> Iterator[None]:
    """Interrupts what runs on the connection at the deadline (of `monotonic`)."""
    if deadline <= monotonic():
        raise TooCostly(_TOO_COSTLY)
    with _watch.over(connection, deadline):
        try:
            yield
        except duckdb.InterruptException as error:
            raise TooCostly(_TOO_COSTLY) from error


_watch = Watch("observation-watch")


_TOO_COSTLY = (
    "The search took too long and was stopped. Ask for fewer datastreams, a shorter time or a simpler filter; "
    "conditions on phenomenonTime and on one datastream are the quickest."
)
