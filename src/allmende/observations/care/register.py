"""The public register: what is measured in the town, where, why, on which ground, by whom, and for how long kept.

It shows to everybody the same: things of open datasets by name and place. Of the others it tells how many there are and
whose, because a hidden camera is not made better by being left out, but naming a pump station's sensors may harm; where
their office allows it (`name_purpose`), their purpose and ground are told too.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from allmende.accounts.actors import ANONYMOUS, Actor
from allmende.accounts.permissions import require
from allmende.catalogue.queries import Dataset, visible_datasets
from allmende.core import audit
from allmende.observations.care.devices import signal_of
from allmende.observations.care.marks import CITIZEN, RETIRED
from allmende.observations.care.tables import PersonalData, RegisterEntry
from allmende.observations.models import Thing
from allmende.observations.queries.things import visible_datastreams, visible_things

Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing in the register. personal: value of PersonalData; images, sound: None where nobody has said; point:
    (longitude, latitude); retired: the day from which on it is out of service, else empty."""

    code: str
    name: Texts
    dataset: str
    dataset_title: Texts
    owner: str
    owner_name: Texts
    contact: str
    purpose: Texts
    legal_ground: Texts
    retention_days: int | None
    personal: str
    personal_note: Texts
    images: bool | None
    sound: bool | None
    quantities: tuple[Texts, ...]
    point: tuple[float, float] | None
    simulated: bool
    citizen: bool
    retired: str


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Things that are not named: how many, whose, and where their office allows it what for."""

    count: int
    owner_name: Texts
    purpose: Texts
    legal_ground: Texts
    personal: str


def entries() -> list[Entry]:
    """Everything that may be named, in the order of registration; the same for everybody."""
    about = {entry.thing_id: entry for entry in RegisterEntry.objects.exclude(thing=None)}
    whole = {entry.dataset_id: entry for entry in RegisterEntry.objects.exclude(dataset=None)}
    measured = _measured()
    return [
        _entry(thing, about.get(thing.pk), whole.get(thing.dataset_id), tuple(measured.get(thing.pk, {}).values()))
        for thing in visible_things(ANONYMOUS).order_by("pk")
    ]


def entry(code: str) -> Entry | None:
    """The entry of a thing; None where it may not be named."""
    thing = visible_things(ANONYMOUS).filter(code=code).first()
    if thing is None:
        return None
    own = RegisterEntry.objects.filter(thing=thing).first()
    whole = RegisterEntry.objects.filter(dataset=thing.dataset_id).first()
    return _entry(thing, own, whole, tuple(_measured(thing).get(thing.pk, {}).values()))


def unnamed() -> list[Unnamed]:
    """What is not named, by office and purpose, the largest first."""
    hidden = Thing.objects.exclude(dataset__in=visible_datasets(ANONYMOUS).order_by()).select_related("dataset__owner")
    about = {entry.thing_id: entry for entry in RegisterEntry.objects.filter(name_purpose=True).exclude(thing=None)}
    whole = {entry.dataset_id: entry for entry in RegisterEntry.objects.filter(name_purpose=True).exclude(dataset=None)}
    counts: Counter[Any] = Counter()
    told: dict[Any, Unnamed] = {}
    for thing in hidden.exclude(properties__has_key=RETIRED):
        own = about.get(thing.pk) or whole.get(thing.dataset_id)
        key = (thing.dataset.owner_id, own.pk if own else None)
        counts[key] += 1
        owner = dict(thing.dataset.owner.name) if thing.dataset.owner else {}
        purpose = dict((own.purpose or thing.dataset.purpose) if own else {})
        told[key] = Unnamed(
            0, owner, purpose, _ground(own, thing.dataset) if own else {}, own.personal_data if own else ""
        )
    rows = [
        Unnamed(counts[key], row.owner_name, row.purpose, row.legal_ground, row.personal) for key, row in told.items()
    ]
    return sorted(rows, key=lambda row: -row.count)


def personal_sensors() -> dict[int, list[RegisterEntry]]:
    """What the register says of sensors that could tell something of a person, by the number of their dataset."""
    kinds = (PersonalData.ANONYMISED, PersonalData.PSEUDONYMOUS, PersonalData.PERSONAL)
    found: dict[int, list[RegisterEntry]] = {}
    for entry in RegisterEntry.objects.filter(personal_data__in=kinds).select_related("thing").order_by("pk"):
        number = entry.dataset_id or (entry.thing.dataset_id if entry.thing else 0)
        found.setdefault(number, []).append(entry)
    return found


def said(dataset: Dataset | None = None, thing: Thing | None = None) -> RegisterEntry:
    """What the register says of a dataset or a thing itself; a new, empty entry where nothing was said."""
    kept = RegisterEntry.objects.filter(dataset=dataset, thing=thing).first()
    return kept or RegisterEntry(dataset=dataset, thing=thing)


def describe(actor: Actor, about: RegisterEntry, **fields: Any) -> RegisterEntry:
    """Says something else in the register; what is not given stays. Raises Denied, ValidationError."""
    dataset = about.dataset or (about.thing.dataset if about.thing else None)
    require(actor, "observations:manage", dataset)
    for name, value in fields.items():
        setattr(about, name, value)
    about.full_clean(exclude=["dataset", "thing"])
    kind, code = ("thing", about.thing.code) if about.thing else ("dataset", dataset.code if dataset else "")
    with transaction.atomic():
        about.save()
        audit.record(actor.kind, actor.code, "register.described", kind, code, {"fields": sorted(fields)})
    return about


def _measured(thing: Thing | None = None) -> dict[int, dict[str, Texts]]:
    """By thing: what it measures, each quantity once; not what the device reports of itself."""
    streams = visible_datastreams(ANONYMOUS).select_related(None).order_by("pk")
    if thing is not None:
        streams = streams.filter(thing=thing)
    found: dict[int, dict[str, Texts]] = {}
    fields = ("thing_id", "observed_property__definition", "observed_property__name")
    for number, definition, name in streams.values_list(*fields):
        if signal_of(definition) is None:
            found.setdefault(number, {})[definition] = name
    return found


def _entry(
    thing: Thing, own: RegisterEntry | None, whole: RegisterEntry | None, quantities: tuple[Texts, ...]
) -> Entry:
    """What is said of the thing itself counts before what is said of its dataset, field by field."""
    said_of = [each for each in (own, whole) if each is not None]
    dataset = thing.dataset

    def first(name: str, otherwise: Any) -> Any:
        return next((value for each in said_of if (value := getattr(each, name)) not in ("", None, {})), otherwise)

    properties = thing.properties if isinstance(thing.properties, dict) else {}
    here = (thing.longitude, thing.latitude) if thing.longitude is not None and thing.latitude is not None else None
    return Entry(
        code=thing.code,
        name=dict(thing.name),
        dataset=dataset.slug,
        dataset_title=dict(dataset.title),
        owner=dataset.owner.code if dataset.owner else "",
        owner_name=dict(dataset.owner.name) if dataset.owner else {},
        contact=first("contact_email", dataset.contact_email),
        purpose=dict(first("purpose", dataset.purpose)),
        legal_ground=_ground(next((each for each in said_of if each.legal_ground), None), dataset),
        retention_days=dataset.retention_days,
        personal=first("personal_data", PersonalData.UNKNOWN.value),
        personal_note=dict(first("personal_note", {})),
        images=first("images", None),
        sound=first("sound", None),
        quantities=quantities,
        point=here,
        simulated=dataset.simulated,
        citizen=bool(properties.get(CITIZEN)),
        retired=str(properties.get(RETIRED) or ""),
    )


def _ground(about: RegisterEntry | None, dataset: Dataset) -> Texts:
    if about is not None and about.legal_ground:
        return dict(about.legal_ground)
    return {"de": dataset.legal_ground} if dataset.legal_ground else {}


__all__ = [
    "Entry",
    "PersonalData",
    "RegisterEntry",
    "Unnamed",
    "describe",
    "entries",
    "entry",
    "personal_sensors",
    "said",
    "unnamed",
]
