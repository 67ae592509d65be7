"""The query string of a request."""

from typing import Any

from allmende.api.sensorthings.entities import EntityType
from allmende.api.sensorthings.language import options
from allmende.api.sensorthings.language.encoding import decoded
from allmende.api.sensorthings.language.faults import Fault, QueryError, guess, shown
from allmende.api.sensorthings.language.options import Options

LONGEST = 20_000
MOST_PAIRS = 50
_SKIPTOKEN = "$skiptoken"
_KNOWN = (*options.OPTIONS, _SKIPTOKEN)


def parse_query(text: str, entity: EntityType) -> Options:
    """The options of a query string as it came (without `?`), for a request that answers entities of that type.

    Raises QueryError and nothing else.
    """
    if len(text) > LONGEST:
        raise QueryError(f"The query is longer than {LONGEST} characters.", "query", LONGEST, text)
    given: dict[str, Any] = {}
    others = []
    pairs = [pair for pair in text.split("&") if pair]
    if len(pairs) > MOST_PAIRS:
        raise QueryError(f"There are more than {MOST_PAIRS} options.", "query", 0, text)
    for pair in pairs:
        name, value = _split(pair)
        if not name.startswith("$"):
            others.append((name, value))
            continue
        field = options.FIELDS.get(name, name[1:])
        if name not in _KNOWN:
            hint = guess(name, _KNOWN)
            raise QueryError(f"There is no option {shown(name)}.{hint}", name[:40], 0, value, unsupported=True)
        if field in given:
            raise QueryError(f"{name} is given twice.", name, 0, value)
        given[field] = _read(name, value, entity)
    return Options(**given, others=tuple(others))


def _split(pair: str) -> tuple[str, str]:
    """Name and value. The sign between may be encoded too: suites send the whole pair through an encoder of forms."""
    name, sign, value = pair.partition("=")
    if not sign:
        name, _, value = decoded(pair, "query").partition("=")
        return name, value
    name = decoded(name, "query")
    return name, decoded(value, name[:40] if name.startswith("$") else "query")


def _read(name: str, value: str, entity: EntityType) -> Any:
    try:
        if name == _SKIPTOKEN:
            return _token(value)
        return options.read(name, value, entity)
    except Fault as fault:
        raise QueryError.of(fault, name, value) from None


def _token(value: str) -> str:
    """The place to go on from; only the service that wrote it knows what it means."""
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise Fault("The token of a next link is handed back as it was.", 0)
    return value
