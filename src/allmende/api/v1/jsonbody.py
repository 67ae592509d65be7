"""Bodies in JSON, as structs."""

from typing import TypeVar

import msgspec

from allmende.api.bodies import headers_of, read
from allmende.api.endpoints import Call
from allmende.api.problems import Problem

T = TypeVar("T", bound=msgspec.Struct)
_MOST = 4_000_000


async def body_of(call: Call, kind: type[T], *, needed: bool = True) -> T:
    """The body as a struct; where none is needed, an empty body is an empty object. Raises Problem 400 and 413."""
    given = await read(headers_of(call.request.scope), call.request.receive, _MOST)
    if not given.strip() and not needed:
        given = b"{}"
    try:
        return msgspec.json.decode(given, type=kind)
    except msgspec.ValidationError as error:
        raise Problem(400, "wrong_shape", "The JSON does not have the right shape", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(400, "broken_json", "The body is no JSON", str(error)) from error
