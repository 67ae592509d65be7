"""Searches against the same questions asked of a plain list; rows lie in the columnar file, in the tail, or in both."""

import json
import random

import pytest

from allmende.observations.store import runtime
from allmende.observations.store.errors import TooCostly
from allmende.observations.store.listener import socket_path
from allmende.observations.store.remote import RemoteStore
from allmende.observations.store.rows import GONE
from allmende.observations.store.searching import Search, position
from allmende.observations.store.terms import Among, Call, Column, Inside, PerStream, Value, every

TIME, VALUE, STREAM = Column("time"), Column("value"), Column("stream")


def rows_for(chance):
    rows = {}
    for _ in range(600):
        ds, t, k = chance.choice([1, 2, 3, 9]), chance.randrange(300) * 1000, chance.choice([0, 0, 0, 1])
        extra = {}
        if chance.random() < 0.4:
            extra["@r"] = t + chance.randrange(5)
        if chance.random() < 0.3:
            extra["colour"] = chance.choice(["red", "blue", 5, None])
        if chance.random() < 0.2:
            extra["@f"] = chance.choice([11, 12])
        rows[ds, t, k] = (chance.choice([None, 1.5, -3.0, 20.0]), 0, json.dumps(extra) if extra else None)
    return rows


@pytest.fixture(params=["here", "socket"])
def filled(request, tmp_path):
    runtime.release()
    store = runtime.own(tmp_path / "o", memory_limit="256MB", drain_seconds=3600)
    chance = random.Random(7)
    first, second = rows_for(chance), rows_for(chance)
    store.append([(ds, t, *rest, k) for (ds, t, k), rest in first.items()])
    store.drain()
    gone = chance.sample(sorted(first.keys() - second.keys()), 40)
    store.append([(ds, t, *rest, k) for (ds, t, k), rest in second.items()])
    store.append([(ds, t, None, GONE, None, k) for ds, t, k in gone])
    held = {key: rest for key, rest in (first | second).items() if key not in gone}
    yield (store if request.param == "here" else RemoteStore(socket_path(store.folder))), held
    runtime.release()


def pages(port, search):
    """Keys in order, fetched page by page."""
    keys, after = [], None
    while True:
        page = port.search(Search(**{**{f: getattr(search, f) for f in search.__struct_fields__}, "after": after}))
        rows = page.to_pylist()
        keys += [(row["ds"], row["t"], row["k"]) for row in rows]
        if len(rows) < search.limit:
            return keys
        after = position(search, rows[-1])


def extra(held, key):
    return json.loads(held[key][2] or "{}")


CASES = [
    (None, lambda held, key: True),
    (Call("gt", (VALUE, Value(1))), lambda held, key: (held[key][0] or 0) > 1),
    (Call("not", (Call("gt", (VALUE, Value(1))),)), lambda held, key: held[key][0] is not None and held[key][0] <= 1),
    (
        every(Call("ge", (TIME, Value(100_000))), Call("is_null", (VALUE,))),
        lambda held, key: key[1] >= 100_000 and held[key][0] is None,
    ),
    (
        Call("eq", (Call("json_text", (Inside(("colour",)),)), Value("red"))),
        lambda held, key: extra(held, key).get("colour") == "red",
    ),
    (
        Call("eq", (Call("json_number", (Inside(("colour",)),)), Value(5))),
        lambda held, key: extra(held, key).get("colour") == 5,
    ),
    (Among(Column("feature"), [11]), lambda held, key: extra(held, key).get("@f") == 11),
    (Call("gt", (Column("result_time"), TIME)), lambda held, key: extra(held, key).get("@r", 0) > key[1]),
    (Call("gt", (VALUE, PerStream([1, 2], [10.0, -5.0]))), lambda held, key: (held[key][0] is not None)
     and held[key][0] > {1: 10.0, 2: -5.0}.get(key[0], 1e9)),
    (Call("eq", (Call("mod", (Call("second", (TIME,)), Value(2))), Value(0))), lambda held, key: True),
]  # fmt: skip

ORDERS = {
    "key": ((), lambda held: lambda key: key),
    "time": (((TIME, False),), lambda held: lambda key: (key[1], key[0], key[2])),
    "time falling": (((TIME, True),), lambda held: lambda key: (-key[1], -key[0], -key[2])),
    "value": (
        ((VALUE, False),),
        lambda held: lambda key: (held[key][0] is not None, held[key][0] or 0, *key),
    ),
    "value falling, then time": (
        ((VALUE, True), (TIME, False)),
        lambda held: lambda key: (held[key][0] is None, -(held[key][0] or 0), key[1], -key[0], -key[2]),
    ),
}


@pytest.mark.parametrize("streams", [None, [2], [1, 9], list(range(1, 50))])
@pytest.mark.parametrize("order", ORDERS)
def test_pages_hold_what_a_list_would(filled, order, streams):
    port, held = filled
    terms, key_of = ORDERS[order]
    for where, holds in CASES:
        wanted = [key for key in held if holds(held, key) and (streams is None or key[0] in streams)]
        wanted.sort(key=key_of(held))
        search = Search(streams=streams, where=where, order=terms, limit=170)
        assert pages(port, search) == wanted, where
        assert port.count(search) == len(wanted)
        rest = port.search(Search(streams=streams, where=where, order=terms, limit=30, skip=40)).to_pylist()
        assert [(row["ds"], row["t"], row["k"]) for row in rest] == wanted[40:70]


def test_which_streams_and_features_match(filled):
    port, held = filled
    where = Call("eq", (VALUE, Value(20.0)))
    found = [key for key in held if held[key][0] == 20.0]
    assert sorted(port.matching_streams(Search(where=where))) == sorted({key[0] for key in found})
    features = {(key[0], extra(held, key).get("@f")) for key in found}
    assert set(port.matching_features(Search(where=where))) == features


def test_bounds_and_empty_sets(filled):
    port, held = filled
    keys = [(row["ds"], row["t"], row["k"]) for row in port.search(Search(begin=5_000, end=9_000)).to_pylist()]
    assert keys == sorted(key for key in held if 5_000 <= key[1] < 9_000)
    assert port.search(Search(streams=[])).num_rows == 0 and port.count(Search(streams=[])) == 0
    assert port.search(Search(streams=[77])).num_rows == 0


def test_a_search_that_takes_too_long_is_stopped(tmp_path):
    runtime.release()
    store = runtime.own(tmp_path / "o", drain_seconds=3600)
    store.append([(1, t, float(t), 0, None, 0) for t in range(20_000)])
    store.drain()
    heavy = Call("gt", (Call("length", (Call("text", (VALUE,)),)), Value(-1)))
    with pytest.raises(TooCostly):
        store.search(Search(where=heavy, order=((VALUE, False),), seconds=0.0))
    assert store.search(Search(where=heavy, order=((VALUE, False),), limit=3)).num_rows == 3
    runtime.release()


@pytest.mark.parametrize("name", ['a"b', "a'b", "a\\b", "$.x", "a.b", "[0]", "ä", "%s", "?"])
def test_names_of_any_kind_stay_names(tmp_path, name):
    runtime.release()
    store = runtime.own(tmp_path / "o", drain_seconds=3600)
    store.append([(1, 1, 1.0, 0, json.dumps({name: "x"}), 0), (1, 2, 1.0, 0, json.dumps({"other": "x"}), 0)])
    where = Call("eq", (Call("json_text", (Inside((name,)),)), Value("x")))
    assert [row["t"] for row in store.search(Search(where=where)).to_pylist()] == [1]
    runtime.release()
