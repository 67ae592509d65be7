"""Registering and describing datasets, publishing and withdrawing their versions."""

from datetime import date
from typing import Any

from django.utils import translation
from msgspec import UNSET, structs
from starlette.responses import Response

from allmende.accounts.permissions import require
from allmende.accounts.queries import UnknownOrganisation, get_organisation
from allmende.api.endpoints import Call, NoQuery, json
from allmende.api.problems import Problem
from allmende.api.threads import in_thread
from allmende.api.v1 import dataset_shapes, datasets
from allmende.api.v1 import upload_shapes as shapes
from allmende.api.v1.jsonbody import body_of
from allmende.catalogue import queries, services

MANAGE = "catalogue:manage"


async def register_dataset(call: Call, query: NoQuery) -> Response:
    """Registers a dataset; one with this slug that exists already is answered as it is."""
    new = await body_of(call, shapes.NewDataset)
    made = await in_thread(_register, call, new)
    return json(made, 201, {"Location": f"/api/v1/datasets/{made.slug}"})


async def change_dataset(call: Call, query: NoQuery) -> Response:
    """Changes what is said of a dataset; what is not sent stays."""
    details = await body_of(call, shapes.Details)
    return json(await in_thread(_change, call, details))


async def publish_version(call: Call, query: NoQuery) -> Response:
    """Publishes a draft. 409 where the publication gate says stop; its findings say what helps."""
    return json(await in_thread(_publish, call))


async def withdraw_version(call: Call, query: NoQuery) -> Response:
    """Takes a version back; its address says why from then on."""
    reason = await body_of(call, shapes.Reason)
    return json(await in_thread(_withdraw, call, reason.reason))


async def examine_version(call: Call, query: NoQuery) -> Response:
    """What the publication gate says of a version as it would be published now."""
    return json(await in_thread(_examine, call))


def _register(call: Call, new: shapes.NewDataset) -> dataset_shapes.Dataset:
    details = _details(new.details)
    details.pop("title", None)
    made = services.register_dataset(call.actor, new.slug, new.title, **details)
    return datasets.shape_of(call, made, queries.current_version(made), [])


def _change(call: Call, details: shapes.Details) -> dataset_shapes.Dataset:
    found = queries.get_dataset(call.actor, call.path("id"))
    changed = services.change_dataset(call.actor, found, **_details(details))
    return datasets.shape_of(call, changed, queries.current_version(changed), [])


def _details(given: shapes.Details) -> dict[str, Any]:
    """As the services take them. Raises Problem 422 for what is no day and no organisation."""
    details = {name: value for name, value in structs.asdict(given).items() if value is not UNSET}
    for name in ("begins", "ends"):
        if details.get(name):
            details[name] = _day(name, details[name])
        elif name in details:
            details[name] = None
    if "owner" in details:
        details["owner"] = _organisation("owner", details["owner"]) if details["owner"] else None
    if "shared_with" in details:
        details["shared_with"] = [_organisation("shared_with", each) for each in details["shared_with"]]
    return details


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _wrong(name, f"'{text}' is no day; write it like 2026-01-31.") from error


def _organisation(name: str, code: str) -> int:
    try:
        return get_organisation(code).pk
    except UnknownOrganisation as error:
        raise _wrong(name, str(error)) from error


def _wrong(field: str, message: str) -> Problem:
    errors = [{"field": field, "message": message}]
    return Problem(422, "wrong_fields", "What was sent does not fit", "Nothing was changed.", errors=errors)


def _version(call: Call) -> queries.Version:
    """Raises UnknownDataset, UnknownVersion, Denied."""
    dataset = queries.get_dataset(call.actor, call.path("id"))
    require(call.actor, MANAGE, dataset)
    return queries.get_version(call.actor, dataset, call.path("number"))


def _publish(call: Call) -> shapes.Decided:
    version = _version(call)
    try:
        with translation.override("en"):
            done = services.publish_version(call.actor, version)
    except services.NotPublishable as problem:
        found = [structs.asdict(each) for each in _findings(call, version)]
        raise Problem(409, "not_publishable", "It cannot be published", str(problem), errors=found) from problem
    return shapes.Decided(done.number, str(done.state))


def _withdraw(call: Call, reason: str) -> shapes.Decided:
    with translation.override("en"):
        done = services.withdraw_version(call.actor, _version(call), reason)
    return shapes.Decided(done.number, str(done.state))


def _examine(call: Call) -> list[shapes.Finding]:
    return _findings(call, _version(call))


def _findings(call: Call, version: queries.Version) -> list[shapes.Finding]:
    return [
        shapes.Finding(table, each.weight, each.code, list(each.columns), each.count, list(each.remedies))
        for table, verdict in services.examine_version(call.actor, version).items()
        for each in verdict.findings
    ]
