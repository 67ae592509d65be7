"""The description of the interface as OpenAPI 3.0, which is what clients of OGC APIs look for; 3.1 they refuse."""

from typing import Any

from allmende.api import openapi
from allmende.api.endpoints import Operation
from allmende.api.ogc.asking import PREFIX


def description(operations: tuple[Operation, ...]) -> dict[str, Any]:
    """The document."""
    document = older(openapi.document(PREFIX, operations))
    document["openapi"] = "3.0.3"
    document["info"] |= {
        "title": "Allmende: OGC API",
        "description": "Layers of the catalogue: features and vector tiles. Errors are RFC 9457 problems.",
        "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
    }
    return dict(document)


def older(part: Any) -> Any:
    """A part of an OpenAPI 3.1 document as 3.0 says it: no type `null`, no media type within schemas."""
    if isinstance(part, list):
        return [older(each) for each in part]
    if not isinstance(part, dict):
        return part
    made = {name: older(value) for name, value in part.items() if name != "contentMediaType"}
    if "contentMediaType" in part and part.get("type") == "string":
        made["format"] = "binary"
    choices = made.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        others = [each for each in choices if each != {"type": "null"}]
        del made["anyOf"]
        made |= {"nullable": True, **(others[0] if len(others) == 1 else {"anyOf": others})}
    if made.get("default", "") is None and "nullable" in made:
        del made["default"]
    return made
