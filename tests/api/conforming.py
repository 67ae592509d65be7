"""Holds every answer of the API that a test sees against the API's own description."""

import json
import re
from typing import Any

import httpx
import jsonschema_rs

from allmende.api import openapi
from allmende.api.routes import OPENAPI, SEND
from allmende.api.v1.table import OPERATIONS, PREFIX

DOCUMENT = json.loads(json.dumps(openapi.document(PREFIX, (*OPERATIONS, SEND, OPENAPI))))
# What is answered before an operation is found has no place in the description.
_OUTSIDE = {404: "no_such_address", 405: "wrong_method"}


def conforms(answer: httpx.Response) -> None:
    """Fails where status, content type or body of an answer are not described. Streams are checked by their head."""
    answer_type = answer.headers.get("content-type", "").partition(";")[0]
    whole = "content-length" in answer.headers and answer_type.endswith("json") and answer.request.method != "HEAD"
    body = json.loads(answer.read()) if whole else None
    operation = _operation(answer.request)
    if operation is None:
        assert body and body["code"] == _OUTSIDE.get(answer.status_code), f"{answer.request.url} is not described"
        return
    where = f"{answer.request.method} {answer.request.url.path}: {answer.status_code}"
    assert str(answer.status_code) in operation["responses"], f"{where} is not described"
    content = operation["responses"][str(answer.status_code)]["content"]
    assert answer_type in content, f"{where} {answer_type} is not described"
    if whole:
        schema = {**content[answer_type]["schema"], "components": DOCUMENT["components"]}
        jsonschema_rs.validate(schema, body)


def _operation(request: httpx.Request) -> dict[str, Any] | None:
    method = "get" if request.method == "HEAD" else request.method.lower()
    for template, operations in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), request.url.path):
            found: dict[str, Any] | None = operations.get(method)
            return found
    return None
