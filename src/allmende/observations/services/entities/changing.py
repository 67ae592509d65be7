"""Changing entities: single values or all of them, and what they are linked to (18-088 § 10.3)."""

from collections.abc import Mapping, Sequence
from typing import Any

from allmende.core.clock import from_us
from allmende.core.texts import pick, same
from allmende.observations.models import Datastream, HistoricalLocation, Location, ObservedProperty, Thing
from allmende.observations.services.entities.creating import check_parts, keep_parts
from allmende.observations.services.entities.drafts import BadEntity, Ref
from allmende.observations.services.entities.linking import link
from allmende.observations.services.entities.units import unit_code
from allmende.observations.services.entities.work import MODELS, Work
from allmende.observations.services.registering import is_newest, place_thing
from allmende.observations.streams import changed

_LOCAL = ("name", "description")
Links = Mapping[str, Sequence[Ref]]


def change(work: Work, kind: str, code: str, values: Mapping[str, Any], links: Links, path: str = "$") -> Any:
    """Sets these columns and links of an entity, leaves the others; returns its row. Raises LookupError where there is
    none, BadEntity, Denied."""
    row = MODELS[kind].objects.select_for_update().get(code=code)
    work.manage(row)
    before = {name: getattr(row, name, None) for name in values}
    given = dict(values)
    if kind == "MultiDatastream":
        _change_parts(work, row, given, links, path)
        links = {name: refs for name, refs in links.items() if name != "ObservedProperties"}
    _set(work, row, given)
    row.save()
    if isinstance(row, Location) and before.get("feature", row.feature) != row.feature:
        _moved(row)
    for name, refs in links.items():
        link(work, kind, row, name, refs)
    if isinstance(row, HistoricalLocation) and "time" in values and is_newest(row):
        place_thing(row.thing, list(row.locations.order_by("pk")))
    said = {name: value for name, value in values.items() if value != before[name]}
    work.note(
        kind, row, "changed", {"values": said, "links": {name: [ref.id for ref in links[name]] for name in links}}
    )
    return row


def _set(work: Work, row: Any, values: dict[str, Any]) -> None:
    local = isinstance(row, Thing | Location | Datastream | ObservedProperty)
    for name, value in values.items():
        if name == "time":
            value = from_us(value)
        elif local and name in _LOCAL:
            value = _said(getattr(row, name), value, work.language)
        setattr(row, name, value)
    if isinstance(row, Datastream) and not row.multi and "unit_of_measurement" in values:
        row.unit = unit_code(values["unit_of_measurement"])


def _said(old: Mapping[str, str], new: str, language: str) -> dict[str, str]:
    """A text in the language of who changes it; the others stay where they said something else."""
    if len({text for text in old.values() if text}) < 2:
        return same(new)
    return dict(old) if pick(old, language) == new else {**old, language: new}


def _moved(location: Location) -> None:
    """What was observed so far stays where it was; what is observed from now on is about the new place."""
    Location.objects.filter(pk=location.pk).update(own_feature=None)
    for thing in Thing.objects.filter(locations=location):
        place_thing(thing, list(thing.locations.order_by("pk")))


def _change_parts(work: Work, row: Datastream, given: dict[str, Any], links: Links, path: str) -> None:
    """The parts of a MultiDatastream; their number stays, because every result has it."""
    parts = list(row.components.select_related("observed_property").order_by("position"))
    types = given.pop("types", None) or [part.observation_type for part in parts]
    units = given.pop("units", None) or [part.unit_of_measurement for part in parts]
    properties = [part.observed_property for part in parts]
    if "ObservedProperties" in links:
        properties = [work.find("ObservedProperty", ref) for ref in links["ObservedProperties"]]
    check_parts(path, len(properties), types, units)
    if len(properties) != len(parts):
        what = f"Its results are lists of {len(parts)}, so a MultiDatastream keeps as many ObservedProperties."
        raise BadEntity(f"{path}.ObservedProperties", what)
    keep_parts(row, properties, types, units)
    row.observed_property, row.unit = properties[0], unit_code(units[0])
    row.unit_of_measurement = {"types": types, "units": units}
    changed([row.code])
