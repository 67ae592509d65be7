"""The care list as its page, its file and its feed show it: the same filters, the same rows."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.core.clock import from_us, now, to_us
from allmende.core.texts import pick
from allmende.observations.care.concerns import Concern, Need, concerns
from allmende.web.exports import guarded
from allmende.web.facets import Axis, Facet, narrow
from allmende.web.reasons import NEEDS, reason, since

SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. state: name of its mark; since: µs UTC."""

    concern: Concern
    state: str
    words: str
    reason: str
    since: int


@dataclass(frozen=True, slots=True)
class CareList:
    """What passes the filters. shown: whether things that somebody has set aside are shown instead of the others."""

    rows: tuple[Row, ...]
    facets: tuple[Facet, ...]
    active: int
    shown: str
    open: int
    seen: int
    simulated: bool


def _axes() -> tuple[Axis[Concern], ...]:
    return (
        Axis("need", _("What is the matter"), _needs, list(Need)),
        Axis("owner", _("Owner"), lambda each: {each.owner: pick(each.owner_name)} if each.owner else {}),
        Axis("dataset", _("Dataset"), lambda each: {each.dataset: pick(each.dataset_title)}),
    )


def _needs(concern: Concern) -> dict[str, str]:
    return {concern.need.value: str(NEEDS[concern.need])}


def care_list(actor: Actor, params: QueryDict) -> CareList:
    """What needs care now, as the address asks for it."""
    found = concerns(actor)
    seen = [concern for concern in found if concern.seen]
    shown = SEEN if params.get("show") == SEEN else ""
    narrowed = narrow(seen if shown else [each for each in found if not each.seen], _axes(), params)
    present = to_us(now())
    rows = tuple(row(concern, present) for concern in narrowed.items)
    simulated = bool(rows) and all(each.concern.simulated for each in rows)
    return CareList(rows, narrowed.facets, narrowed.active, shown, len(found) - len(seen), len(seen), simulated)


def row(concern: Concern, present: int) -> Row:
    """A concern in words. present: µs UTC."""
    need = concern.need
    return Row(concern, need.value, str(NEEDS[need]), reason(concern, present), since(concern))


def to_csv(rows: Iterable[Row]) -> str:
    """A table of exactly these rows, with a byte order mark, so that spreadsheets read the umlauts."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow(
        ["thing", "name", "need", "since", "reason", "owner", "dataset", "datastreams", "citizen_sensor", "simulated"]
    )
    for each in rows:
        concern = each.concern
        codes = " ".join([*(stream.code for stream in concern.streams), *(weak.code for weak in concern.weak)])
        texts = [guarded(text) for text in (each.reason, pick(concern.owner_name), concern.dataset)]
        moment = from_us(each.since).isoformat(timespec="seconds")
        marks = ["yes" if mark else "no" for mark in (concern.citizen, concern.simulated)]
        writer.writerow([concern.code, guarded(pick(concern.name)), concern.need.value, moment, *texts, codes, *marks])
    return buffer.getvalue()
