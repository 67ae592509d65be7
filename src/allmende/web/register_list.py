"""The public register as its page, its files and its map show it."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allmende.core.texts import pick
from allmende.observations.care.register import Entry, PersonalData, Unnamed
from allmende.web.exports import guarded
from allmende.web.facets import Axis, Narrowed, narrow

# Short words for the filter and the files; the long ones stand on the page of an entry.
PERSONAL = {
    PersonalData.NONE.value: gettext_lazy("none"),
    PersonalData.ANONYMISED.value: gettext_lazy("made anonymous in the device"),
    PersonalData.PSEUDONYMOUS.value: gettext_lazy("pseudonymous"),
    PersonalData.PERSONAL.value: gettext_lazy("people can be recognised"),
    PersonalData.UNKNOWN.value: gettext_lazy("not stated yet"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in words."""

    entry: Entry
    measured: str
    senses: str
    personal: str
    personal_short: str
    retention: str


def personal_key(entry: Entry) -> str:
    """The value of the filter: the address cannot hold an empty one."""
    return entry.personal or "unknown"


def _axes() -> tuple[Axis[Entry], ...]:
    return (
        Axis("property", _("Measures"), lambda each: {pick(name): pick(name) for name in each.quantities}),
        Axis("owner", _("Owner"), _owner),
        Axis(
            "personal",
            _("Personal data"),
            lambda each: {personal_key(each): str(PERSONAL[each.personal])},
            ("personal", "pseudonymous", "anonymised", "none", "unknown"),
        ),
    )


def _owner(entry: Entry) -> dict[str, str]:
    if entry.citizen:
        return {"citizen": _("Residents")}
    return {entry.owner: pick(entry.owner_name)} if entry.owner else {}


def filtered(entries: Iterable[Entry], params: QueryDict) -> Narrowed[Entry]:
    """The entries that the address asks for."""
    text = params.get("q", "").strip().casefold()
    found = [entry for entry in entries if not text or any(text in name.casefold() for name in entry.name.values())]
    return narrow(found, _axes(), params)


def shown(entry: Entry) -> Shown:
    """An entry in the reader's words."""
    measured = ", ".join(pick(name) for name in entry.quantities) or _("nothing yet")
    return Shown(
        entry,
        measured,
        senses(entry),
        str(PersonalData(entry.personal).label),
        str(PERSONAL[entry.personal]),
        retention(entry.retention_days),
    )


def senses(entry: Entry) -> str:
    """Whether it takes pictures or listens."""
    if entry.images is None and entry.sound is None:
        return _("not stated yet")
    taken = [
        words for sense, words in ((entry.images, _("takes pictures")), (entry.sound, _("records sound"))) if sense
    ]
    if taken:
        return ", ".join(taken)
    if entry.images is False and entry.sound is False:
        return _("no pictures, no sound")
    return _("no pictures") if entry.images is False else _("no sound")


def retention(days: int | None) -> str:
    """How long values are kept."""
    if days is None:
        return _("no end is stated")
    if days >= 730:
        return ngettext("%(count)s year", "%(count)s years", days // 365) % {"count": days // 365}
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def record(entry: Entry) -> dict[str, Any]:
    """An entry for machines: texts in all languages, values as they are kept."""
    return {
        "id": entry.code,
        "name": entry.name,
        "page": settings.PUBLIC_URL.rstrip("/") + reverse("register_entry", args=[entry.code]),
        "measures": list(entry.quantities),
        "purpose": entry.purpose,
        "legal_ground": entry.legal_ground,
        "personal_data": entry.personal or None,
        "personal_data_note": entry.personal_note,
        "images": entry.images,
        "sound": entry.sound,
        "retention_days": entry.retention_days,
        "owner": entry.owner_name or None,
        "contact": entry.contact or None,
        "dataset": entry.dataset,
        "location": {"type": "Point", "coordinates": list(entry.point)} if entry.point else None,
        "citizen_sensor": entry.citizen,
        "retired": entry.retired or None,
        "simulated": entry.simulated,
    }


def to_json(entries: Iterable[Entry], rest: Iterable[Unnamed]) -> dict[str, Any]:
    """The register as one document: what is named, and how much is not."""
    unnamed = [
        {
            "count": row.count,
            "owner": row.owner_name or None,
            "purpose": row.purpose,
            "legal_ground": row.legal_ground,
            "personal_data": row.personal or None,
        }
        for row in rest
    ]
    return {"town": settings.TOWN_NAME, "sensors": [record(entry) for entry in entries], "not_named": unnamed}


_COLUMNS = (
    *("id", "name", "measures", "purpose", "legal_ground", "personal_data", "images", "sound", "retention_days"),
    *("owner", "contact", "dataset", "longitude", "latitude", "citizen_sensor", "retired", "simulated"),
)
_SENSE = {True: "yes", False: "no", None: ""}


def to_csv(entries: Iterable[Entry]) -> str:
    """A table of exactly these entries, with a byte order mark, so that spreadsheets read the umlauts."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    for entry in entries:
        lon, lat = entry.point or ("", "")
        texts = [
            guarded(text)
            for text in (
                pick(entry.name),
                "; ".join(pick(name) for name in entry.quantities),
                pick(entry.purpose),
                pick(entry.legal_ground),
            )
        ]
        owner = [guarded(pick(entry.owner_name)), guarded(entry.contact), entry.dataset]
        senses_said = [_SENSE[entry.images], _SENSE[entry.sound], entry.retention_days or ""]
        marks = [_SENSE[entry.citizen], entry.retired, _SENSE[entry.simulated]]
        writer.writerow([entry.code, *texts, entry.personal, *senses_said, *owner, lon, lat, *marks])
    return buffer.getvalue()
