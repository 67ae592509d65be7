"""Request bodies: JSON as it came, within bounds that everything behind them can bear; faults with their JSON path."""

import re
from typing import Any

import msgspec

from allmende.api.problems import Problem
from allmende.api.sensorthings.language.faults import printable

DEEPEST = 100  # nested objects and lists; what is kept is read again by databases that have bounds of their own
_NUL = b"\\u0000"
# What decoding JSON can raise: for what is no JSON, and for what is no UTF-8.
BROKEN = (msgspec.DecodeError, UnicodeDecodeError)
_MEMBER = re.compile(r"\$(?:\.[^.\[]*)?")
_decode = msgspec.json.Decoder().decode


def bad(path: str, message: str, code: str = "bad_entity") -> Problem:
    """400 for a part of the body. path: such as `$.Datastreams[0].name`."""
    detail = printable(f"{path}: {message}")
    return Problem(400, code, "The body does not fit", detail, path=printable(path))


def decoded(body: bytes) -> Any:
    """The JSON of a body. Raises Problem 400."""
    if not body.strip():
        raise Problem(400, "broken_json", "The body is empty", "This needs a body in JSON; nothing was changed.")
    try:
        value = _decode(body)
    except BROKEN as error:
        raise broken(error, body) from error
    except RecursionError as error:
        raise too_deep("$") from error
    check(value, "$", nul=_NUL in body)
    return value


def broken(error: Exception, body: bytes) -> Problem:
    """400 for what is no JSON."""
    hint = ""
    if re.search(rb"\b(NaN|-?Infinity)\b", body):
        hint = " NaN and Infinity are not JSON; send null where there is no value."
    return Problem(400, "broken_json", "The JSON is broken", f"{error}; nothing was changed.{hint}")


def too_deep(path: str) -> Problem:
    """400 for JSON within JSON within JSON."""
    return bad(path, f"Objects and lists are nested more than {DEEPEST} deep.")


def harmless(body: bytes) -> bool:
    """Whether a body of flat JSON can be used without a closer look."""
    return _NUL not in body


def check(value: Any, path: str, *, nul: bool = True) -> None:
    """Raises Problem for JSON that is nested too deep or, where `nul`, holds a NUL, which databases cannot keep."""
    if not isinstance(value, dict | list | str):
        return
    waiting: list[tuple[Any, str, int]] = [(value, path, 0)]
    while waiting:
        here, where, depth = waiting.pop()
        if isinstance(here, str):
            if nul and "\0" in here:
                raise bad(where, "The text holds a NUL character (\\u0000), which cannot be kept.")
            continue
        if depth > DEEPEST:
            raise too_deep(_MEMBER.match(where)[0])  # type: ignore[index]
        if isinstance(here, dict):
            for name, inner in here.items():
                if nul and "\0" in name:
                    raise bad(where, "A name holds a NUL character (\\u0000), which cannot be kept.")
                if isinstance(inner, dict | list | str):
                    waiting.append((inner, f"{where}.{name}", depth + 1))
        else:
            for place, inner in enumerate(here):
                if isinstance(inner, dict | list | str):
                    waiting.append((inner, f"{where}[{place}]", depth + 1))


def as_object(value: Any, path: str) -> dict[str, Any]:
    """The value as a JSON object. Raises Problem."""
    if not isinstance(value, dict):
        raise bad(path, f"An object was expected, not {kind_of(value)}.")
    return value


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
