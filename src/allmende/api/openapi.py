"""OpenAPI 3.1 generated from the table of operations and their structs, so that it cannot lag behind the code."""

from collections.abc import Iterable
from typing import Any

import msgspec

from allmende import __version__
from allmende.api.endpoints import Operation

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "parameter": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_FAULTS = {
    "400": "What was sent cannot be read",
    "401": "A token is needed, or is not valid",
    "403": "Not allowed",
    "404": "Not found",
    "429": "Too much at once; see Retry-After",
}


def document(prefix: str, operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole description."""
    operations = tuple(operations)
    structs = [kind for operation in operations for kind in _structs(operation)]
    _, components = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    paths: dict[str, Any] = {}
    for operation in operations:
        path = paths.setdefault(prefix + operation.path.replace(":path}", "}"), {})
        path[operation.method.lower()] = _operation(operation, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Allmende",
            "version": __version__,
            "description": "The town's live data: things, datastreams, observations. Errors are RFC 9457 problems.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _PROBLEM_SCHEMA},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "alm_…"}},
        },
    }


def _structs(operation: Operation) -> list[Any]:
    kinds = [*operation.answers.values(), *operation.takes.values(), operation.query]
    return [kind for kind in kinds if kind is not None]


def _operation(operation: Operation, components: dict[str, Any]) -> dict[str, Any]:
    in_path = [part[1:-1].removesuffix(":path") for part in operation.path.split("/") if part.startswith("{")]
    described: dict[str, Any] = {
        "operationId": operation.name or operation.handler.__name__,
        "summary": operation.summary,
        "description": (operation.handler.__doc__ or "").strip(),
        "parameters": [_path_parameter(name) for name in in_path] + _query_parameters(operation.query, components),
        "responses": {
            str(operation.status): {"description": "Done", "content": _content(operation.answers)},
            **{code: {"description": text, "content": _PROBLEM} for code, text in _FAULTS.items()},
        },
        "security": [{"token": []}] if operation.method != "GET" else [{}, {"token": []}],
    }
    if operation.method != "GET":
        described["responses"]["409"] = {"description": "Not in the state it is in", "content": _PROBLEM}
    if operation.takes:
        described["requestBody"] = {"required": True, "content": _content(operation.takes)}
        for code, text in (("413", "Too large"), ("415", "Unknown type"), ("422", "Rows cannot be kept")):
            described["responses"][code] = {"description": text, "content": _PROBLEM}
        for code, text in (("503", "The store is not ready"), ("507", "The disk refuses writes")):
            described["responses"][code] = {"description": text, "content": _PROBLEM}
    return described


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(query: type[msgspec.Struct], components: dict[str, Any]) -> list[dict[str, Any]]:
    schema = components[query.__name__]
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": property_.get("description", ""),
            "schema": {key: value for key, value in property_.items() if key != "description"},
        }
        for name, property_ in schema.get("properties", {}).items()
    ]


def _content(kinds: Any) -> dict[str, Any]:
    """Media types with their schema; None stands for a stream of bytes."""
    found: dict[str, Any] = {}
    for media, kind in kinds.items():
        if kind is None:
            found[media] = {"schema": {"type": "string", "contentMediaType": media}}
        else:
            (schema,), _ = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
            found[media] = {"schema": schema}
    return found
