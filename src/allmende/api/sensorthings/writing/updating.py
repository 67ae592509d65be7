"""PATCH, PUT and JSON Patch of entities (18-088 § 10.3). Those of Observations are in `revising`."""

from collections.abc import Callable
from typing import Any

from allmende.api.problems import Problem
from allmende.api.sensorthings.asking import Ask
from allmende.api.sensorthings.entities import EntityType
from allmende.api.sensorthings.writing.bodies import as_object, bad, decoded
from allmende.api.sensorthings.writing.drafting import check_encoded, columns, refs, take_apart
from allmende.api.sensorthings.writing.patching import BadPatch, TestFailed, patched
from allmende.api.sensorthings.writing.properties import complete
from allmende.observations.services.entities import Work, change

JSON_PATCH = "application/json-patch+json"


def update(work: Work, ask: Ask, entity: EntityType, code: str, shown: Callable[[], dict[str, Any]]) -> None:
    """Changes an entity as the request says. shown: its representation as it is now, within the transaction."""
    body, whole = wanted(ask, entity, shown)
    said = take_apart(entity, body, "$")
    values = columns(entity, said.properties, "$")
    if whole:
        values = complete(entity, values, "$")
    if "feature" in values:
        check_encoded(entity, values, values.get("encoding_type") or shown()["encodingType"], "$")
    change(work, entity.name, code, values, refs(entity, said.links, "$"))


def wanted(ask: Ask, entity: EntityType, shown: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """(the body, whether it is the whole entity or what changes); a JSON Patch becomes the whole. Raises Problem."""
    if ask.content_type == JSON_PATCH:
        if ask.method != "PATCH":
            raise Problem(415, "unknown_media_type", "JSON Patch is for PATCH", "PUT takes the whole entity as JSON.")
        return by_patch(document(entity, shown()), decoded(ask.body)), True
    return as_object(decoded(ask.body), "$"), ask.method == "PUT"


def document(entity: EntityType, made: dict[str, Any]) -> dict[str, Any]:
    """What a JSON Patch is applied to: the properties that can be written."""
    return {name: made[name] for name, found in entity.properties.items() if found.writable and name in made}


def by_patch(before: dict[str, Any], operations: Any) -> dict[str, Any]:
    """The document after a JSON Patch. Raises Problem 400; 409 where a `test` fails."""
    try:
        return as_object(patched(before, operations), "$")
    except TestFailed as fault:
        detail = f"Operation {fault.place}: {fault.message} Nothing was changed."
        raise Problem(409, "test_failed", "A test of the JSON Patch failed", detail) from None
    except BadPatch as fault:
        raise bad("$" if fault.place is None else f"$[{fault.place}]", fault.message) from None
