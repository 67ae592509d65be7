"""JSON Patch (RFC 6902) with JSON Pointers (RFC 6901), on a copy: either all operations hold or none."""

import copy
import re
from typing import Any

MOST_OPERATIONS = 1_000
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_TILDE = re.compile(r"~(?![01])")


class BadPatch(ValueError):
    """An operation that cannot be applied. place: which one, from 0, None for the document as a whole."""

    def __init__(self, message: str, place: int | None = None) -> None:
        super().__init__(message)
        self.message, self.place = message, place


class TestFailed(BadPatch):
    """A `test` found another value."""

    __test__ = False  # for pytest: this is no test case


def patched(document: Any, operations: Any) -> Any:
    """The document after the operations; the one given is not touched. Raises BadPatch."""
    if not isinstance(operations, list):
        raise BadPatch("A JSON Patch is a list of operations.")
    if len(operations) > MOST_OPERATIONS:
        raise BadPatch(f"A JSON Patch has at most {MOST_OPERATIONS} operations.")
    holder = [copy.deepcopy(document)]  # so that the whole document can be replaced like any part of it
    for place, operation in enumerate(operations):
        try:
            _apply(holder, operation)
        except BadPatch as fault:
            fault.place = place
            raise
    return holder[0]


def _apply(holder: list[Any], operation: Any) -> None:
    if not isinstance(operation, dict):
        raise BadPatch("An operation is an object.")
    name, path = operation.get("op"), _pointer(operation.get("path"), "path")
    match name:
        case "add":
            _add(holder, path, _value(operation))
        case "remove":
            _remove(holder, path)
        case "replace":
            value = _value(operation)
            _get(holder, path)
            _put(holder, path, value)
        case "move":
            source = _pointer(operation.get("from"), "from")
            if path[: len(source)] == source and path != source:
                raise BadPatch("A value cannot be moved into itself.")
            value = _get(holder, source)
            if path != source:
                _remove(holder, source)
                _add(holder, path, value)
        case "copy":
            _add(holder, path, copy.deepcopy(_get(holder, _pointer(operation.get("from"), "from"))))
        case "test":
            if not same(_get(holder, path), _value(operation)):
                raise TestFailed(f"The value at «{operation['path']}» is another.")
        case _:
            raise BadPatch("«op» is one of add, remove, replace, move, copy and test.")


def _value(operation: dict[str, Any]) -> Any:
    if "value" not in operation:
        raise BadPatch(f"«{operation['op']}» needs a value.")
    return copy.deepcopy(operation["value"])


def _pointer(text: Any, name: str) -> list[str]:
    """The steps of a pointer, behind the 0 that leads into the holder."""
    if not isinstance(text, str):
        raise BadPatch(f"«{name}» is a JSON Pointer, such as /properties/colour.")
    if text and not text.startswith("/"):
        raise BadPatch(f"The pointer «{text[:80]}» does not begin with a slash.")
    if _TILDE.search(text):
        raise BadPatch(f"The pointer «{text[:80]}» has a ~ that is not followed by 0 or 1.")
    return ["0", *(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])]


def _get(holder: list[Any], path: list[str]) -> Any:
    here: Any = holder
    for part in path:
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and _INDEX.fullmatch(part) and int(part) < len(here):
            here = here[int(part)]
        else:
            raise BadPatch(f"There is nothing at «/{'/'.join(path[1:])}».")
    return here


def _add(holder: list[Any], path: list[str], value: Any) -> None:
    parent, last = _get(holder, path[:-1]), path[-1]
    if len(path) == 1:
        holder[0] = value
    elif isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list) and (last == "-" or (_INDEX.fullmatch(last) and int(last) <= len(parent))):
        parent.insert(len(parent) if last == "-" else int(last), value)
    else:
        raise BadPatch(f"Nothing can be added at «/{'/'.join(path[1:])}».")


def _put(holder: list[Any], path: list[str], value: Any) -> None:
    parent, last = _get(holder, path[:-1]), path[-1]
    parent[int(last) if isinstance(parent, list) else last] = value


def _remove(holder: list[Any], path: list[str]) -> None:
    _get(holder, path)
    if len(path) == 1:
        raise BadPatch("The whole document cannot be removed.")
    parent, last = _get(holder, path[:-1]), path[-1]
    del parent[int(last) if isinstance(parent, list) else last]


def same(a: Any, b: Any) -> bool:
    """Equal as JSON: true is not 1, but 1 is 1.0 (RFC 6902 § 4.6)."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(value, b[name]) for name, value in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a == b
    return type(a) is type(b) and bool(a == b)
