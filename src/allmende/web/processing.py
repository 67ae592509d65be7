"""The register of processing activities (Art. 30 GDPR), derived from what is set up, with the gaps that are in it."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.catalogue.processing import DatasetFacts, facts_for
from allmende.catalogue.retention import hold_of
from allmende.connectors.queries import Connector, listed
from allmende.core.texts import pick
from allmende.observations.care.register import PersonalData, RegisterEntry, personal_sensors
from allmende.web.exports import guarded
from allmende.web.platform_processing import platform_activities
from allmende.web.processing_words import categories, measures_of
from allmende.web.register_list import retention


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that nobody has said, and where it can be."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One processing activity. subjects, data: categories; gaps: what is missing in it."""

    code: str
    title: str
    url: str
    access: str
    purpose: str
    legal_ground: str
    office: str
    contact: str
    subjects: tuple[str, ...]
    data: tuple[str, ...]
    sources: tuple[str, ...]
    recipients: tuple[str, ...]
    retention: str
    measures: tuple[str, ...]
    gaps: tuple[Gap, ...] = field(default=())


def activities(actor: Actor) -> list[Activity]:
    """Of the datasets that the actor manages, those that are not open or speak of people; for administrators also what
    the platform itself does."""
    sources: dict[int, list[Connector]] = defaultdict(list)
    for connector in listed(actor) if can(actor, "observations:manage") else []:
        sources[connector.dataset_id].append(connector)
    sensors = personal_sensors()
    found = [
        _activity(facts, sources[facts.dataset.pk], sensors.get(facts.dataset.pk, []))
        for facts in facts_for(actor)
        if facts.dataset.access_class != "open" or facts.people or facts.dataset.pk in sensors
    ]
    if actor.holds("administrator"):
        found += [Activity(**each) for each in platform_activities()]
    return found


def _activity(facts: DatasetFacts, connectors: list[Connector], sensors: list[RegisterEntry]) -> Activity:
    dataset = facts.dataset
    subjects, data = categories(facts.tables)
    if sensors:
        subjects += (_("People who pass by sensors"),)
        data += tuple(dict.fromkeys(str(PersonalData(each.personal_data).label) for each in sensors))
    purpose = pick(dataset.purpose) or next((pick(each.purpose) for each in sensors if each.purpose), "")
    ground = dataset.legal_ground or next((pick(each.legal_ground) for each in sensors if each.legal_ground), "")
    held = hold_of(dataset)
    kept = retention(dataset.retention_days) if dataset.retention_days else ""
    return Activity(
        code=dataset.code,
        title=pick(dataset.title),
        url=reverse("dataset", args=[dataset.slug]),
        access=str(dataset.get_access_class_display()),
        purpose=purpose,
        legal_ground=ground,
        office=pick(dataset.owner.name) if dataset.owner else "",
        contact=", ".join(each for each in (dataset.contact_name, dataset.contact_email) if each),
        subjects=subjects,
        data=data,
        sources=tuple(f"{each.name} ({each.kind})" for each in connectors),
        recipients=_recipients(facts),
        retention=kept + (" · " + _("paused: %(reason)s") % {"reason": held.reason} if held else ""),
        measures=measures_of(facts),
        gaps=_gaps(facts, purpose, ground),
    )


def _recipients(facts: DatasetFacts) -> tuple[str, ...]:
    dataset = facts.dataset
    if dataset.access_class == "open":
        return (_("Everybody: what is left of the rows after the remedies is published as open data"),)
    office = _("The office itself")
    if dataset.access_class == "shared":
        return (office, *(pick(name) for name in facts.partners), _("Data stewards of the town"))
    return (office,)


def _gaps(facts: DatasetFacts, purpose: str, ground: str) -> tuple[Gap, ...]:
    dataset = facts.dataset
    here = reverse("processing", args=[dataset.slug])
    missing = (
        (purpose, _("No purpose is stated.")),
        (ground, _("No legal ground is stated.")),
        (dataset.retention_days, _("Nobody has said how long it is kept.")),
        (dataset.contact_name or dataset.contact_email, _("Nobody is named who answers for it.")),
        (dataset.owner, _("It belongs to no office.")),
    )
    return tuple(Gap(words, here) for there, words in missing if not there)


def to_json(found: Iterable[Activity]) -> dict[str, Any]:
    """For programs and for the record of the data protection officer."""
    return {"town": settings.TOWN_NAME, "activities": [_plain(each) for each in found]}


_COLUMNS = (
    *("code", "title", "access", "purpose", "legal_ground", "office", "contact", "subjects", "data", "sources"),
    *("recipients", "retention", "measures", "gaps"),
)


def _plain(each: Activity) -> dict[str, Any]:
    made = {name: getattr(each, name) for name in _COLUMNS}
    return made | {"gaps": [gap.words for gap in each.gaps]}


def to_csv(found: Iterable[Activity]) -> str:
    """A table with a byte order mark, so that spreadsheets read the umlauts."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    for each in found:
        cells = _plain(each).values()
        texts = [cell if isinstance(cell, str) else "; ".join(cell) for cell in cells]
        writer.writerow([guarded(text) for text in texts])
    return buffer.getvalue()
