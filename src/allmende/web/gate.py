"""The publication gate on a version's page: what was found, the buttons that help, and the second person."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.catalogue.gate.words import Shown, remedy_words, shown
from allmende.catalogue.queries import Part, Version
from allmende.catalogue.services import (
    NotPublishable,
    approve_override,
    ask_override,
    examine_version,
    say_people,
    set_remedies,
)


@dataclass(frozen=True, slots=True)
class TableGate:
    """What the gate says of a table. remedies: those that are applied already, as (number, words); people_why: the
    column from which it was taken that rows are about people; told: whether somebody said so."""

    part: Part
    findings: list[Shown]
    stops: bool
    remedies: list[tuple[int, str]]
    people: bool
    people_why: str
    told: bool


def gate_of(actor: Actor, version: Version) -> list[TableGate]:
    """The verdict on a draft of an open dataset; nothing for others."""
    if version.state != "draft" or version.dataset.access_class != "open":
        return []
    verdicts = examine_version(actor, version)
    made = []
    for part in version.parts.select_related("table"):
        verdict = verdicts[part.table.name]
        types = {each["name"]: each["type"] for each in part.columns}
        remedies = [(number, remedy_words(each)) for number, each in enumerate(part.table.remedies)]
        told = part.table.people is not None
        made.append(
            TableGate(part, shown(verdict, types), verdict.stops, remedies, verdict.people, verdict.people_why, told)
        )
    return made


def override_of(actor: Actor, version: Version) -> dict[str, Any]:
    """Who asked that it be published all the same; mine: whether that is the reader."""
    asked = dict(version.override)
    return {**asked, "mine": asked.get("by") == actor.code} if asked else {}


def gate_do(request: HttpRequest, actor: Actor, version: Version) -> bool:
    """Does what a button of the gate says; False where it was none of them. Raises NotPublishable, ValueError."""
    do, sent = request.POST.get("do", ""), request.POST
    if do == "ask":
        ask_override(actor, version, sent.get("reason", ""))
    elif do == "approve":
        approve_override(actor, version)
    elif do in ("remedy", "undo", "people"):
        part = version.parts.select_related("table__dataset").filter(table__name=sent.get("table", "")).first()
        if part is None:
            raise NotPublishable(_("There is no such table."))
        if do == "people":
            say_people(actor, part.table, {"yes": True, "no": False}.get(sent.get("people", "")))
        elif do == "remedy":
            set_remedies(actor, part.table, [*part.table.remedies, _remedy(sent.get("remedy", ""))])
        else:
            kept = [each for n, each in enumerate(part.table.remedies) if str(n) != sent.get("number")]
            set_remedies(actor, part.table, kept)
    else:
        return False
    return True


def _remedy(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(text)
    return found
