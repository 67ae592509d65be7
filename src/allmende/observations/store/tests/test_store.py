"""The store against a model: a dictionary by (ds, t) in which the last write wins. Directly and through the socket."""

import json
import os
import random
from itertools import pairwise

import pytest

from allmende.observations.store import runtime
from allmende.observations.store.errors import StoreBusy, StoreClosed, StoreOwned, WritesRefused
from allmende.observations.store.listener import socket_path
from allmende.observations.store.owner import Store
from allmende.observations.store.remote import RemoteStore
from allmende.observations.store.rows import GONE, Extent, Sample, table_of

STREAMS = (1, 2, 7)
LONG = os.environ.get("ALLMENDE_LONG", "") in ("1", "true", "yes")


class Model:
    """What the store should hold."""

    def __init__(self):
        self.rows = {}

    def write(self, rows):
        for ds, t, v, q, x, k in rows:
            if q == GONE:
                self.rows.pop((ds, t, k), None)
            else:
                self.rows[ds, t, k] = (v, q, x, k)

    def of(self, ds, begin=None, end=None):
        keys = sorted(
            key
            for key in self.rows
            if key[0] == ds and (begin is None or key[1] >= begin) and (end is None or key[1] < end)
        )
        return [(key[1], *self.rows[key]) for key in keys]

    def erase(self, ds, begin, end):
        gone = [(ds, row[0], row[-1]) for row in self.of(ds, begin, end)]
        for key in gone:
            del self.rows[key]
        return len(gone)


def rows_of(port, ds, begin=None, end=None):
    table = port.series(ds, begin, end)
    times = [t.value for t in table.column("time")]
    rest = (table.column(name).to_pylist() for name in ("value", "quality", "extra", "rank"))
    return list(zip(times, *rest, strict=True))


def some_rows(chance, count):
    extra = ['{"a":1}', None, None, None, '{"@r":70}', '{"b":2,"@r":-5}']
    return [
        (
            chance.choice(STREAMS),
            chance.randrange(200),
            chance.choice([None, 1.5, -2.25, 1e300]),
            chance.randrange(3),
            chance.choice(extra),
            chance.choice([0, 0, 0, 0, 1, 2, 700]),
        )
        for _ in range(count)
    ]


def some_deletions(chance, model):
    """Of keys that are there, and of one that is not."""
    keys = [*chance.sample(sorted(model.rows), min(3, len(model.rows))), (chance.choice(STREAMS), 5_000, 0)]
    return [(ds, t, None, GONE, None, k) for ds, t, k in keys]


@pytest.fixture(params=["here", "socket"])
def port(request, tmp_path):
    runtime.release()
    store = runtime.own(tmp_path / "o", memory_limit="256MB", drain_seconds=3600)
    yield store if request.param == "here" else RemoteStore(socket_path(store.folder))
    runtime.release()


@pytest.mark.parametrize("seed", range(10 if LONG else 4))  # a seed takes seconds; the long run tries all
def test_any_sequence_of_deeds_agrees_with_the_model(port, seed):
    chance, model = random.Random(seed), Model()
    for _ in range(40):
        deed = chance.choice(["append", "append", "append", "delete", "table", "drain", "erase", "read"])
        if deed == "append":
            rows = some_rows(chance, chance.randrange(1, 30))
            port.append(rows)
            model.write(rows)
        elif deed == "delete":
            rows = some_deletions(chance, model)
            port.append(rows)
            model.write(rows)
        elif deed == "table":
            rows = some_rows(chance, chance.randrange(1, 200))
            written = port.append_table(table_of(rows))
            keys = {(row[0], row[1], row[5]) for row in rows}
            assert sum(written) == len(keys) and written.inserted == len(keys - model.rows.keys())
            model.write(rows)
        elif deed == "drain":
            port.drain()
        elif deed == "erase" and chance.random() < 0.3:
            ds, begin = chance.choice(STREAMS), chance.choice([None, 50])
            assert port.erase(ds, begin, 120) == model.erase(ds, begin, 120)
        check(port, model, chance)


def check(port, model, chance):
    ds = chance.choice(STREAMS)
    begin, end = chance.choice([(None, None), (20, 150), (100, 100)])
    assert rows_of(port, ds, begin, end) == model.of(ds, begin, end)
    whole = {ds: model.of(ds) for ds in STREAMS}
    extents = port.extents(list(STREAMS))
    assert {ds: extent[:3] for ds, extent in extents.items()} == {
        ds: Extent(len(rows), rows[0][0], rows[-1][0])[:3] for ds, rows in whole.items() if rows
    }
    for ds, extent in extents.items():  # they may be wider than what is there, never narrower
        times = [json.loads(row[3])["@r"] for row in whole[ds] if row[3] and "@r" in row[3]]
        assert all(extent.result_first <= time <= extent.result_last for time in times)
    assert port.latest(list(STREAMS)) == {ds: Sample(*rows[-1]) for ds, rows in whole.items() if rows}
    usable = [v for _, v, q, *_ in model.of(ds, 0, 100) if not q & 3 and v is not None]
    buckets = port.buckets(ds, 0, 100, (0, 1000))
    assert sum(buckets.column("count").to_pylist()) == len(usable)
    edges = port.buckets(ds, 0, 100, [0, 30, 60]).to_pylist()
    for (start, stop), row in zip([(0, 30), (30, 60), (60, 100)], edges, strict=False) if len(edges) == 3 else []:
        inside = [v for t, v, q, *_ in model.of(ds, start, stop) if not q & 3 and v is not None]
        assert (row["start"], row["count"]) == (start, len(inside))
        assert row["maximum"] == (max(inside) if inside else None)


def test_streams_and_limits(port):
    port.append([(1, t, float(t), 0, None, 0) for t in range(1000)])
    assert sum(batch.num_rows for batch in port.series_batches(1, None, None)) == 1000
    first = port.series(1, None, None, limit=3)
    last = port.series(1, None, None, limit=3, descending=True)
    assert first.column("value").to_pylist() == [0, 1, 2] and last.column("value").to_pylist() == [999, 998, 997]
    for _ in pairwise(range(3)):  # a consumer that leaves half-way must not hold anything up
        next(iter(port.series_batches(1, None, None)))
    port.rebuild()
    assert port.series(1, None, None).num_rows == 1000


def test_what_was_acknowledged_outlives_a_stop(tmp_path):
    store = Store(tmp_path, drain_seconds=3600)
    store.append([(1, 1, 1.0, 0, None, 0)])
    store.drain()
    store.append([(1, 1, 2.0, 0, None, 0), (1, 2, 3.0, 0, None, 0)])
    store.close()
    again = Store(tmp_path, drain_seconds=3600)
    assert rows_of(again, 1) == [(1, 2.0, 0, None, 0), (2, 3.0, 0, None, 0)]
    assert again.extents([1]) == {1: Extent(2, 1, 2)}
    again.close()


def test_a_drain_that_was_cut_off_before_it_forgot_the_log_repeats_nothing(tmp_path):
    store = Store(tmp_path, drain_seconds=3600)
    store.append([(1, t, 1.0, 0, None, 0) for t in range(10)])
    store._log.forget = lambda upto: None  # as if the process had died between the two commits
    store.drain()
    store.close()
    again = Store(tmp_path, drain_seconds=3600)
    assert again.extents([1]) == {1: Extent(10, 0, 9)} and again.status()["tail_rows"] == 0
    again.close()


def test_a_drain_that_fails_keeps_the_rows_and_is_tried_again(tmp_path):
    store = Store(tmp_path, drain_seconds=3600)
    store.append([(1, 1, 1.0, 0, None, 0)])
    write, store._columnar.write = store._columnar.write, None
    with pytest.raises(TypeError):
        store.drain()
    store.append([(1, 2, 2.0, 0, None, 0)])
    assert len(rows_of(store, 1)) == 2
    store._columnar.write = write
    assert (store.drain(), store.drain(), store.drain()) == (1, 1, 0)
    assert len(rows_of(store, 1)) == 2
    store.close()


def test_counts_are_right_at_every_moment_of_a_drain(tmp_path):
    store = Store(tmp_path, drain_seconds=3600)
    store.append([(1, 0, 1.0, 0, None, 0)])
    store.drain()
    store.append([(1, t, 1.0, 0, None, 0) for t in range(100)])
    seen, remember = [], store._columnar._remember

    def in_between(*found):  # committed, and not yet told to those who count
        seen.append(store.extents([1])[1])
        remember(*found)
        seen.append(store.extents([1])[1])

    store._columnar._remember = in_between
    store.drain()
    assert [*seen, store.extents([1])[1]] == [Extent(100, 0, 99)] * 3
    store.close()


def test_erased_values_are_gone_from_every_file(tmp_path):
    store = Store(tmp_path, drain_seconds=3600)
    canary = '{"who":"canary-7f3a"}'
    store.append([(1, t, 1.0, 0, canary, 0) for t in range(500)] + [(2, 1, 1.0, 0, None, 0)])
    store.drain()
    store.append([(1, 501, 1.0, 0, canary, 0)])
    assert store.erase(1) == 501
    store.close()
    for path in tmp_path.iterdir():
        assert b"canary-7f3a" not in path.read_bytes(), path


def test_a_stalled_download_does_not_stop_readers_and_is_told_to_who_erases(tmp_path, monkeypatch):
    monkeypatch.setattr("allmende.observations.store.columnar.REBUILD_SECONDS", 0.3)
    store = Store(tmp_path, drain_seconds=3600)
    store.append([(1, t, 1.0, 0, '{"who":"canary-7f3a"}', 0) for t in range(500)])
    store.drain()
    download = store.series_batches(1, None, None, size=10)
    next(download)
    with pytest.raises(StoreBusy, match="once more"):
        store.erase(1)
    assert rows_of(store, 1) == [] and store.extents([1]) == {}
    download.close()
    assert store.erase(1) == 0
    store.close()
    assert all(b"canary-7f3a" not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_second_owner_is_refused(tmp_path):
    store = Store(tmp_path)
    with pytest.raises(StoreOwned):
        Store(tmp_path)
    store.close()
    Store(tmp_path).close()


def test_a_full_queue_says_busy(tmp_path, monkeypatch):
    store = Store(tmp_path)
    monkeypatch.setattr("allmende.observations.store.owner.MAX_TAIL_ROWS", 0)
    store.append([(1, 1, 1.0, 0, None, 0)])
    with pytest.raises(StoreBusy):
        store.append([(1, 2, 1.0, 0, None, 0)])
    store.close()


def test_a_writer_that_fails_answers_instead_of_hanging(tmp_path):
    store = Store(tmp_path)
    append = store._log.append
    store._log.append = lambda rows: (_ for _ in ()).throw(WritesRefused("no room"))
    with pytest.raises(WritesRefused):
        store.append([(1, 1, 1.0, 0, None, 0)])
    assert store.status()["writes_refused"] == "no room"
    with pytest.raises(WritesRefused):  # at once, without trying the disk again
        store.append([(1, 1, 1.0, 0, None, 0)])
    store._log.append = append
    store._writer._refused_until = 0.0
    store.append([(1, 1, 1.0, 0, None, 0)])
    assert store.status()["writes_refused"] == ""
    store._log.append = lambda rows: 1 / 0
    with pytest.raises(Exception, match="not known"):
        store.append([(1, 2, 1.0, 0, None, 0)])
    store._log.append = append
    store.close()
    with pytest.raises(StoreClosed):
        store.append([(1, 3, 1.0, 0, None, 0)])


def test_nobody_answers_where_no_owner_is(tmp_path):
    with pytest.raises(StoreClosed):
        RemoteStore(socket_path(tmp_path))


class TestAt:
    """What stands at exactly some times, in the log's tail and in the file."""

    @pytest.fixture
    def owner(self, tmp_path):
        store = Store(tmp_path / "data", drain_seconds=3600)
        yield store
        store.close()

    def test_a_clock_that_was_once_far_off_does_not_mislead(self, owner, monkeypatch):
        monkeypatch.setattr("allmende.observations.store.reading._FEW_ROWS", 5)
        close = [(1, 10**15 + n, float(n), 0, None, 0) for n in range(500)]
        owner.append([(1, 0, 0.0, 0, None, 0), *close])
        owner.drain()
        wanted = {10**15 + 3, 10**15 + 490}  # by the extent next to nothing should lie between them
        assert sorted(owner.at({1: wanted})) == [close[3], close[490]]

    def test_many_of_one_time(self, owner):
        rows = [(1, time, float(rank), 0, None, rank) for time in (5, 6, 7) for rank in range(300 if time == 6 else 1)]
        owner.append(rows)
        assert sorted(owner.at({1: {5, 7, 9}})) == [rows[0], rows[-1]]
        assert len(owner.at({1: {6}})) == 300
        owner.drain()
        owner.append([(1, 6, None, GONE, None, 7), (2, 5, 1.0, 0, None, 0)])
        assert len(owner.at({1: {6}})) == 299
        assert owner.at({2: {5}, 3: {5}}) == [(2, 5, 1.0, 0, None, 0)]

    def test_bounds_are_the_latest_times_wherever_they_lie(self, owner):
        owner.append([(1, 5, 1.0, 0, None, 0), (2, 9, 1.0, 0, None, 0)])
        owner.drain()
        owner.append(
            [(1, 7, 1.0, 0, None, 0), (1, 6, 1.0, 0, None, 0), (2, 3, 1.0, 0, None, 0), (3, -4, 1.0, 0, None, 0)]
        )
        assert owner.bounds([1, 2, 3, 4]) == {1: 7, 2: 9, 3: -4}
