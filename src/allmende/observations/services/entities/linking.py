"""Links between entities that exist: what `{"@iot.id": …}` and `$ref` say (18-088 § 10.3, OData 4.01 § 11.4.6)."""

from collections.abc import Sequence
from typing import Any

from allmende.observations.models import Datastream, HistoricalLocation, Location, ObservedProperty, Thing
from allmende.observations.services.entities.drafts import BadEntity, Ref
from allmende.observations.services.entities.work import Work
from allmende.observations.services.registering import move_thing, place_thing
from allmende.observations.streams import changed

_FIXED = {"Observations": "An Observation stays in its Datastream and about its feature; create it anew instead."}


def link(work: Work, kind: str, row: Any, name: str, refs: Sequence[Ref]) -> None:
    """Makes a navigation property lead to these entities. A link to one is replaced; Locations of a Thing too, because
    then it has moved; other links to many are added. Raises BadEntity, Denied."""
    if name in _FIXED:
        raise BadEntity(refs[0].path, _FIXED[name])
    match kind, name:
        case "Thing", "Locations":
            move_thing(row, [_target(work, "Location", ref) for ref in refs])
        case "Location", "Things":
            for ref in refs:
                move_thing(_target(work, "Thing", ref), [row])
        case "HistoricalLocation", "Locations":
            row.locations.add(*(_target(work, "Location", ref) for ref in refs))
        case "Location", "HistoricalLocations":
            for ref in refs:
                _target(work, "HistoricalLocation", ref).locations.add(row)
        case "Thing", "HistoricalLocations":
            for ref in refs:
                _point(work, "HistoricalLocation", _target(work, "HistoricalLocation", ref), "thing", row)
        case "HistoricalLocation", "Thing":
            _point(work, kind, row, "thing", _target(work, "Thing", refs[0]))
        case (("Datastream" | "MultiDatastream"), ("Thing" | "Sensor" | "ObservedProperty")):
            if not (kind == "MultiDatastream" and name == "ObservedProperty"):
                _point(work, kind, row, _FIELDS[name], _target(work, name, refs[0]))
        case (("Thing" | "Sensor" | "ObservedProperty"), ("Datastreams" | "MultiDatastreams")):
            _take(work, kind, row, name, refs)
        case _:
            raise BadEntity(refs[0].path, f"The link {name} of a {kind} cannot be changed.")


_FIELDS = {"Thing": "thing", "Sensor": "sensor", "ObservedProperty": "observed_property"}


def _take(work: Work, kind: str, row: Any, name: str, refs: Sequence[Ref]) -> None:
    """Existing (Multi)Datastreams belong to this Thing, Sensor or ObservedProperty from now on."""
    if kind == "ObservedProperty" and name == "MultiDatastreams":
        what = "A MultiDatastream lists its ObservedProperties in order; change that list instead."
        raise BadEntity(refs[0].path, what)
    for ref in refs:
        _point(work, name[:-1], _target(work, name[:-1], ref), _FIELDS[kind], row)


def _target(work: Work, kind: str, ref: Ref) -> Any:
    """A link changes both of its ends, so both must be the actor's to change; a quantity is only spoken of."""
    row = work.find(kind, ref)
    if not isinstance(row, ObservedProperty):
        work.manage(row)
    return row


def _point(work: Work, kind: str, row: Any, field: str, target: Any) -> None:
    setattr(row, field, target)
    row.save(update_fields=[field, "changed"])
    work.note(kind, row, "changed", {field: target.code})
    if isinstance(row, Datastream):
        changed([row.code])  # what is observed is about where its Thing is


def unlink(work: Work, kind: str, row: Any, name: str, target: Any) -> None:
    """Removes a link that an entity can do without. Raises BadEntity where it cannot."""
    match kind, name:
        case "Thing", "Locations":
            _leave(row, target)
        case "Location", "Things":
            _leave(target, row)
        case "HistoricalLocation", "Locations":
            _forget(row, target)
        case "Location", "HistoricalLocations":
            _forget(target, row)
        case _:
            raise BadEntity("$", f"A {kind} cannot be without its {name}; link it to another, or delete it.")


def _leave(thing: Thing, location: Location) -> None:
    """The Thing is not at this Location any more; at the others it still is."""
    if thing.locations.filter(pk=location.pk).exists():
        rest = list(thing.locations.exclude(pk=location.pk).order_by("pk"))
        if rest:
            move_thing(thing, rest)
        else:
            place_thing(thing, [])


def _forget(past: HistoricalLocation, location: Location) -> None:
    if not past.locations.exclude(pk=location.pk).exists():
        raise BadEntity("$", "A HistoricalLocation needs at least one Location; delete it instead.")
    past.locations.remove(location)
