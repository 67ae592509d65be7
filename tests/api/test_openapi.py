"""The description of the native API is true: valid OpenAPI 3.1, complete, and what the server answers fits it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from allmende.api.endpoints import NoQuery
from allmende.api.routes import HOT, OPENAPI, SEND, routes
from allmende.api.v1.table import OPERATIONS
from tests.api.conforming import conforms

EVERY = (*OPERATIONS, SEND, OPENAPI)
URL = "/api/v1/observations"


@pytest.fixture(scope="module")
def document(server) -> dict[str, Any]:
    return httpx.get(server.url + "/api/v1/openapi.json").raise_for_status().json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def test_it_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] and document["info"]["version"] and document["info"]["license"]["identifier"]
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
    parameters = [each for _, _, operation in operations(document) for each in operation["parameters"]]
    for each in parameters:
        assert each["in"] in ("path", "query") and each["schema"]
        jsonschema_rs.meta.validate(each["schema"])


def test_every_reference_leads_somewhere(document):
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document))):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, reference
            place = place[part]


def test_every_address_is_described_and_nothing_else(document):
    described = {(method, path) for path, method, _ in operations(document)}
    real = {(method, route.path) for route in routes for method in route.methods - {"HEAD"}} | set(HOT)
    # SensorThings describes itself in its service document, metadata in their own vocabularies, CKAN in its help; what
    # webhooks send is the sender's business.
    others = ("/api/sta/", "/api/hooks/", "/api/catalogue", "/catalogue.", "/api/3/", "/api/action/", "/api/ogc")
    real = {(method, path) for method, path in real if not path.startswith(others)}
    assert described == real
    assert len(EVERY) == len(described)


def test_every_operation_says_what_it_is_for(document):
    seen = set()
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"] and operation["description"], where
        assert operation["operationId"] not in seen, where
        seen.add(operation["operationId"])
        success = [code for code in operation["responses"] if code.startswith("2")]
        assert len(success) == 1 and operation["responses"][success[0]]["content"], where
        assert {"400", "401", "404", "429"} <= set(operation["responses"]), where
        in_path = re.findall(r"{(\w+)}", path)
        assert [each["name"] for each in operation["parameters"] if each["in"] == "path"] == in_path


def test_every_parameter_is_explained(document):
    for path, _, operation in operations(document):
        for each in operation["parameters"]:
            if each["in"] == "query":
                assert each["description"], f"{path} {each['name']}"


def test_operations_without_parameters_take_none():
    assert all(operation.query is NoQuery for operation in EVERY if operation.path in ("/status", "/openapi.json"))


# What is sent at random. Tokens stand in the headers, so that endpoints are reached behind the door.
CHOSEN = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
FEW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)


@pytest.fixture(scope="module")
def schema(server):
    """The server's own description, with ids that exist among those that are tried."""
    rows = [
        {"datastream": stream, "time": f"2026-01-01T00:00:0{k}Z", "value": k}
        for stream in server.seeds["datastreams"][:2]
        for k in range(5)
    ]
    with server.client() as client:
        assert client.post(URL, json=rows).status_code == 201
    return schemathesis.openapi.from_url(server.url + "/api/v1/openapi.json")


def test_schemathesis_finds_it_valid(schema):
    schema.validate()


class Asking:
    """Sends cases to one operation, and each a second time with a datastream that is there."""

    def __init__(self, server: Any, action: str) -> None:
        token = "manage" if action == "catalogue:manage" else "write"
        self.headers = {"Authorization": f"Bearer {server.seeds[token]}"}
        self.known = [server.seeds["datastreams"][0], server.seeds["datastreams"][2]]
        self.sent = 0

    def __call__(self, case: Any) -> None:
        self.sent += 1
        case.call_and_validate(headers=self.headers, checks=CHOSEN, timeout=20)
        if "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = self.known[self.sent % 2]
            case.call_and_validate(headers=self.headers, checks=CHOSEN, timeout=20)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", EVERY, ids=lambda operation: f"{operation.method} {operation.path}")
def test_whatever_is_sent_the_answer_fits(server, schema, operation, mode):
    described = schema[f"/api/v1{operation.path}"][operation.method]
    if mode == schemathesis.GenerationMode.NEGATIVE and not (operation.takes or operation.query is not NoQuery):
        return  # there is nothing to get wrong
    asking = Asking(server, operation.action)

    @FEW
    @given(case=described.as_strategy(generation_mode=mode))
    def tried(case: Any) -> None:
        asking(case)

    tried()
    assert asking.sent > 0


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/api/v1/things", 299, {"things": []}),
        ("/api/v1/things", 200, {"things": [{"id": 7}]}),
        ("/api/v1/nothing", 200, {}),
    ],
)
def test_an_answer_that_is_not_described_is_noticed(path, status, body):
    """What `conftest.every_answer_conforms` holds all answers against is no open door."""
    answer = httpx.Response(status, json=body, request=httpx.Request("GET", "http://town.example" + path))
    with pytest.raises((AssertionError, jsonschema_rs.ValidationError)):
        conforms(answer)


def test_every_client_of_these_tests_is_held_against_it(server):
    assert server.client().event_hooks["response"] == [conforms]
