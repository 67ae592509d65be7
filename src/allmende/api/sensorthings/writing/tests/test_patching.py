"""JSON Patch (RFC 6902): its examples, what cannot be, and laws that hold for any document."""

import contextlib
import copy

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allmende.api.sensorthings.writing.patching import BadPatch, TestFailed, patched, same


def op(name, path, **more):
    return {"op": name, "path": path, **more}


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        ({"foo": "bar"}, op("add", "/baz", value="qux"), {"foo": "bar", "baz": "qux"}),
        ({"foo": ["bar", "baz"]}, op("add", "/foo/1", value="qux"), {"foo": ["bar", "qux", "baz"]}),
        ({"foo": ["bar"]}, op("add", "/foo/-", value=["abc"]), {"foo": ["bar", ["abc"]]}),
        ({"foo": ["bar"]}, op("add", "/foo/1", value="end"), {"foo": ["bar", "end"]}),
        ({"foo": 1}, op("add", "/foo", value=2), {"foo": 2}),
        ({"foo": 1}, op("add", "", value=[1]), [1]),
        ({"baz": "qux", "foo": "bar"}, op("remove", "/baz"), {"foo": "bar"}),
        ({"foo": ["bar", "qux", "baz"]}, op("remove", "/foo/1"), {"foo": ["bar", "baz"]}),
        ({"baz": "qux"}, op("replace", "/baz", value="boo"), {"baz": "boo"}),
        ({"a": 1}, op("replace", "", value={"b": 2}), {"b": 2}),
        ({"a": [1, 2]}, op("replace", "/a/0", value=None), {"a": [None, 2]}),
        ({"a": {"b": 1}, "c": {}}, {"op": "move", "from": "/a/b", "path": "/c/d"}, {"a": {}, "c": {"d": 1}}),
        ({"a": [1, 2, 3]}, {"op": "move", "from": "/a/0", "path": "/a/2"}, {"a": [2, 3, 1]}),
        ({"a": 1}, {"op": "move", "from": "/a", "path": "/a"}, {"a": 1}),
        ({"a": {"b": [1]}}, {"op": "copy", "from": "/a", "path": "/c"}, {"a": {"b": [1]}, "c": {"b": [1]}}),
        ({"a/b": {"m~n": 1}}, op("replace", "/a~1b/m~0n", value=2), {"a/b": {"m~n": 2}}),
        ({"": 1, " ": 2}, op("remove", "/"), {" ": 2}),
        ({"a": "b"}, op("test", "/a", value="b"), {"a": "b"}),
        ({"a": {"x": 1, "y": [1.0]}}, op("test", "/a", value={"y": [1], "x": 1.0}), {"a": {"x": 1, "y": [1.0]}}),
        ({"foo": "bar"}, op("add", "/baz", value=1, xyz=123), {"foo": "bar", "baz": 1}),
    ],
)
def test_what_operations_do(before, operation, after):
    kept = copy.deepcopy(before)
    assert patched(before, [operation]) == after
    assert before == kept


@pytest.mark.parametrize(
    "operation",
    [
        op("add", "/a/b", value=1),
        op("add", "/list/5", value=1),
        op("add", "/list/01", value=1),
        op("add", "/list/-1", value=1),
        op("add", "/list/x", value=1),
        op("add", "/text/0", value=1),
        op("add", "/new"),
        op("remove", "/nothing"),
        op("remove", "/list/-"),
        op("remove", "/list/3"),
        op("remove", ""),
        op("replace", "/nothing", value=1),
        op("replace", "/text"),
        op("replace", "/list/-", value=1),
        {"op": "move", "from": "/object", "path": "/object/inner"},
        {"op": "move", "from": "/nothing", "path": "/x"},
        {"op": "move", "path": "/x"},
        {"op": "copy", "from": "/nothing", "path": "/x"},
        {"op": "copy", "from": 1, "path": "/x"},
        op("test", "/nothing", value=None),
        op("test", "/text"),
        op("invent", "/text"),
        op("add", "text", value=1),
        op("add", "/~2", value=1),
        op("add", "/~", value=1),
        {"op": "add", "value": 1},
        {"path": "/x", "value": 1},
        {"op": ["add"], "path": "/x", "value": 1},
        "add",
        None,
    ],
)
def test_what_cannot_be_done(operation):
    document = {"list": [1, 2, 3], "object": {"inner": 1}, "text": "t"}
    with pytest.raises(BadPatch) as caught:
        patched(document, [op("add", "/before", value=1), operation])
    assert caught.value.place == 1
    assert document == {"list": [1, 2, 3], "object": {"inner": 1}, "text": "t"}


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, "1"), (1, True), (0, False), (None, 0), ([], {}), ({"a": 1}, {"a": 1, "b": 1}), ([1], [1, 1])],
)
def test_what_is_not_the_same(one, other):
    assert not same(one, other)
    with pytest.raises(TestFailed):
        patched({"a": one}, [op("test", "/a", value=other)])


def test_a_patch_is_a_list_of_bounded_length():
    for bad in ({}, None, "x", [op("test", "", value={})] * 1001):
        with pytest.raises(BadPatch):
            patched({}, bad)


json = some.recursive(
    some.none() | some.booleans() | some.integers(-5, 5) | some.floats(-5, 5) | some.text("a~/0-", max_size=3),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text("a~/0-", max_size=3), inner, max_size=4),
    max_leaves=12,
)
pointers = some.text("a~/01-", max_size=6).map(lambda text: f"/{text}") | some.just("")
operations = some.fixed_dictionaries(
    {"op": some.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), "path": pointers},
    optional={"value": json, "from": pointers},
)


def places(document, at=""):
    """Every pointer into a document."""
    yield at
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for name, inner in items:
        yield from places(inner, f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}")


@given(json, some.lists(operations, max_size=6))
def test_whatever_comes_it_is_applied_or_refused(document, patch):
    kept = copy.deepcopy(document)
    with contextlib.suppress(BadPatch):
        patched(document, patch)
    assert same(document, kept)


@given(json, json, some.data())
def test_replace_and_test_agree(document, value, data):
    place = data.draw(some.sampled_from(list(places(document))))
    after = patched(document, [op("replace", place, value=value), op("test", place, value=value)])
    if place == "":
        assert same(after, value)


@given(json, json, some.text("ab~/", max_size=4))
def test_add_and_remove_undo_each_other(document, value, name):
    if not isinstance(document, dict) or name in document:
        document = {"only": document}
        name = "new" + name
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    assert same(patched(document, [op("add", pointer, value=value), op("remove", pointer)]), document)


@given(json, some.data())
def test_moving_there_and_back(document, data):
    holder = {"inside": document, "other": {}}
    place = data.draw(
        some.sampled_from([at for at in places(document) if at]) if list(places(document))[1:] else some.just("")
    )
    there = {"op": "move", "from": f"/inside{place}", "path": "/other/x"}
    back = {"op": "move", "from": "/other/x", "path": f"/inside{place}"}
    assert same(patched(holder, [there, back]), holder)
