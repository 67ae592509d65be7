"""Creating entities, with whatever they bring along and in whichever direction (18-088 § 10.2: deep insert)."""

from collections.abc import Callable, Iterable
from typing import Any

from allmende.accounts.permissions import require
from allmende.catalogue.queries import Dataset
from allmende.core.clock import from_us
from allmende.core.texts import same
from allmende.observations.models import (
    Component,
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from allmende.observations.services import features
from allmende.observations.services.entities.datasets import dataset_for, named_dataset
from allmende.observations.services.entities.drafts import BadEntity, Draft, Ref
from allmende.observations.services.entities.linking import link
from allmende.observations.services.entities.units import unit_code
from allmende.observations.services.entities.work import NewObservation, Work, dataset_of
from allmende.observations.services.registering import move_thing

Given = dict[str, list[Any]]  # rows that the new entity is linked to, by its navigation property
_STREAMS = ("Datastreams", "MultiDatastreams")


def create(work: Work, draft: Draft, given: Given | None = None, inherited: Dataset | None = None) -> Any:
    """The row of the new entity; what observations come with it is in `work`. For an Observation: None.

    given: what it is linked to by its address. Raises BadEntity, Denied.
    """
    return _MAKERS[draft.kind](work, draft, given or {}, inherited)


def _thing(work: Work, draft: Draft, given: Given, inherited: Dataset | None) -> Thing:
    dataset = dataset_for(work.actor, draft, _inherited(given) or inherited)
    thing = work.add("Thing", Thing.objects.create(dataset=dataset, **_values(draft, "name", "description")))
    places = _many(work, draft, "Locations", given, dataset, {})
    if places:
        move_thing(thing, places)
    for name in ("HistoricalLocations", *_STREAMS):
        _children(work, draft, name, thing, {"Thing": [thing]}, dataset)
    return thing


def _location(work: Work, draft: Draft, given: Given, inherited: Dataset | None) -> Location:
    dataset = dataset_for(work.actor, draft, _inherited(given) or _of_refs(work, draft) or inherited)
    location = Location.objects.create(dataset=dataset, **_values(draft, "name", "description"))
    work.add("Location", location)
    for thing in given.get("Things", []):
        move_thing(thing, [location])
    for past in given.get("HistoricalLocations", []):
        past.locations.add(location)
    for name in ("Things", "HistoricalLocations"):
        _children(work, draft, name, location, {"Locations": [location]}, dataset)
    return location


def _historical_location(work: Work, draft: Draft, given: Given, inherited: Dataset | None) -> HistoricalLocation:
    thing: Thing = _one(work, draft, "Thing", given, named_dataset(work.actor, draft) or inherited)
    places = _many(work, draft, "Locations", given, thing.dataset, {"Things": []})
    if not places:
        raise BadEntity(f"{draft.path}.Locations", "A HistoricalLocation needs at least one Location.")
    work.manage(thing)
    past = move_thing(thing, places, from_us(draft.values["time"]))
    return work.add("HistoricalLocation", past)


def _datastream(work: Work, draft: Draft, given: Given, inherited: Dataset | None) -> Datastream:
    thing: Thing = _one(work, draft, "Thing", given, named_dataset(work.actor, draft) or inherited)
    dataset = dataset_for(work.actor, draft, thing.dataset)
    stream = Datastream(
        thing=thing,
        dataset=dataset,
        sensor=_one(work, draft, "Sensor", given, dataset),
        observed_property=_one(work, draft, "ObservedProperty", given, dataset),
        unit=unit_code(draft.values["unit_of_measurement"]),
        **_values(draft, "name", "description"),
    )
    stream.save()
    work.add("Datastream", stream)
    _children(work, draft, "Observations", stream, {"Datastream": [stream]}, dataset)
    return stream


def _multi_datastream(work: Work, draft: Draft, given: Given, inherited: Dataset | None) -> Datastream:
    thing: Thing = _one(work, draft, "Thing", given, named_dataset(work.actor, draft) or inherited)
    dataset = dataset_for(work.actor, draft, thing.dataset)
    sensor = _one(work, draft, "Sensor", given, dataset)
    properties = _many(work, draft, "ObservedProperties", given, dataset, {"MultiDatastreams": []})
    values = _values(draft, "name", "description")
    types, units = values.pop("types"), values.pop("units")
    if not properties:
        raise BadEntity(f"{draft.path}.ObservedProperties", "A MultiDatastream needs at least one ObservedProperty.")
    check_parts(draft.path, len(properties), types, units)
    stream = Datastream(
        thing=thing,
        dataset=dataset,
        sensor=sensor,
        multi=True,
        observed_property=properties[0],
        unit=unit_code(units[0]),
        unit_of_measurement={"types": types, "units": units},
        **values,
    )
    stream.save()
    keep_parts(stream, properties, types, units)
    work.add("MultiDatastream", stream)
    _children(work, draft, "Observations", stream, {"MultiDatastream": [stream]}, dataset)
    return stream


def check_parts(path: str, count: int, types: list[str], units: list[Any]) -> None:
    """Raises BadEntity unless a MultiDatastream names as many types and units as quantities (§ 14)."""
    if not count == len(types) == len(units):
        raise BadEntity(
            path,
            "A MultiDatastream has as many multiObservationDataTypes and unitOfMeasurements as ObservedProperties; "
            f"here are {len(types)}, {len(units)} and {count}.",
        )


def keep_parts(stream: Datastream, properties: list[ObservedProperty], types: list[str], units: list[Any]) -> None:
    """Makes the parts of a MultiDatastream be these."""
    stream.components.all().delete()
    Component.objects.bulk_create(
        Component(
            datastream=stream, position=place, observed_property=one, observation_type=kind, unit_of_measurement=unit
        )
        for place, (one, kind, unit) in enumerate(zip(properties, types, units, strict=True))
    )


def _sensor(work: Work, draft: Draft, given: Given, inherited: Dataset | None) -> Sensor:
    dataset = dataset_for(work.actor, draft, _inherited(given) or _of_refs(work, draft) or inherited)
    sensor = work.add("Sensor", Sensor.objects.create(dataset=dataset, **_values(draft)))
    for name in _STREAMS:
        _children(work, draft, name, sensor, {"Sensor": [sensor]}, dataset)
    return sensor


def _observed_property(work: Work, draft: Draft, given: Given, inherited: Dataset | None) -> ObservedProperty:
    inherited = named_dataset(work.actor, draft) or inherited
    require(work.actor, "observations:manage", inherited)
    observed = ObservedProperty.objects.create(**_values(draft, "name", "description"))
    work.add("ObservedProperty", observed)
    _children(work, draft, "Datastreams", observed, {"ObservedProperty": [observed]}, inherited)
    _children(work, draft, "MultiDatastreams", observed, {"ObservedProperties": [observed]}, inherited)
    return observed


def _feature(work: Work, draft: Draft, given: Given, inherited: Dataset | None) -> FeatureOfInterest:
    dataset = dataset_for(work.actor, draft, _inherited(given) or inherited)
    feature = work.add("FeatureOfInterest", FeatureOfInterest.objects.create(dataset=dataset, **_values(draft)))
    _children(work, draft, "Observations", feature, {"FeatureOfInterest": [feature]}, dataset)
    return feature


def _observation(work: Work, draft: Draft, given: Given, inherited: Dataset | None) -> None:
    """Kept later: the store is not part of the transaction."""
    names = [name for name in ("Datastream", "MultiDatastream") if given.get(name) or draft.links.get(name)]
    if len(names) != 1:
        what = "both a Datastream and a MultiDatastream" if names else "no Datastream and no MultiDatastream"
        raise BadEntity(draft.path, f"An Observation belongs to exactly one of the two; this one names {what}.")
    stream = _stream_of(work, draft, names[0], given, inherited)
    require(work.actor, "observations:write", stream.dataset)
    sent = draft.sent
    assert sent is not None
    if given.get("FeatureOfInterest") or draft.links.get("FeatureOfInterest"):
        feature = _one(work, draft, "FeatureOfInterest", given, stream.dataset)
        sent = sent.about(feature.pk)
        features.remember(work.actor, feature.code, feature.pk)
    work.observations.append(NewObservation(stream.code, sent, draft.path))


def _stream_of(work: Work, draft: Draft, name: str, given: Given, inherited: Dataset | None) -> Datastream:
    """Whoever may write to a Datastream need not be allowed to change it."""
    target = None if given.get(name) else draft.links[name][0]
    ref = target if isinstance(target, Ref) else target.known if target else None
    if ref is not None:
        return work.find(name, ref, "observations:write")
    return _one(work, draft, name, given, inherited)


_MAKERS: dict[str, Callable[[Work, Draft, Given, Dataset | None], Any]] = {
    "Thing": _thing,
    "Location": _location,
    "HistoricalLocation": _historical_location,
    "Datastream": _datastream,
    "MultiDatastream": _multi_datastream,
    "Sensor": _sensor,
    "ObservedProperty": _observed_property,
    "FeatureOfInterest": _feature,
    "Observation": _observation,
}
TARGETS = {
    "Things": "Thing",
    "Locations": "Location",
    "HistoricalLocations": "HistoricalLocation",
    "Datastreams": "Datastream",
    "MultiDatastreams": "MultiDatastream",
    "ObservedProperties": "ObservedProperty",
    "Observations": "Observation",
}


def _values(draft: Draft, *local: str) -> dict[str, Any]:
    """The columns; texts that are kept in several languages are the same in all of them."""
    values = dict(draft.values)
    for name in local:
        values[name] = same(values[name])
    return values


def _one(work: Work, draft: Draft, name: str, given: Given, inherited: Dataset | None) -> Any:
    """What a link to one leads to. Raises BadEntity where there is no link."""
    if given.get(name):
        return given[name][0]
    targets = draft.links.get(name)
    if not targets:
        raise BadEntity(f"{draft.path}.{name}", f"A {draft.kind} needs a {name}: its id, or one to be created with it.")
    return _row(work, name, targets[0], inherited, {})


def _many(work: Work, draft: Draft, name: str, given: Given, inherited: Dataset | None, back: Given) -> list[Any]:
    """What a link to many leads to, those from the address first."""
    found = [*given.get(name, [])]
    for target in draft.links.get(name, ()):
        found.append(_row(work, TARGETS[name], target, inherited, back))
    return found


def _row(work: Work, kind: str, target: Draft | Ref, inherited: Dataset | None, given: Given) -> Any:
    row = _existing(work, kind, target)
    if row is None:
        assert isinstance(target, Draft)
        return create(work, target, given, inherited)
    if kind not in ("ObservedProperty", "FeatureOfInterest"):  # those are only spoken of; others change by a link
        require(work.actor, "observations:manage", dataset_of(row))
    return row


def _existing(work: Work, kind: str, target: Draft | Ref) -> Any:
    """The row that a link names; None where an entity is to be created. Raises BadEntity."""
    if isinstance(target, Ref):
        return work.find(kind, target)
    try:
        return work.find(kind, target.known) if target.known else None
    except BadEntity:
        return None


def _children(work: Work, draft: Draft, name: str, parent: Any, given: Given, inherited: Dataset | None) -> None:
    """What belongs to the new entity: created with it, or linked to it from now on."""
    for target in draft.links.get(name, ()):
        if name == "Observations" and isinstance(target, Draft):
            create(work, target, given, inherited)
        elif isinstance(target, Ref):
            link(work, draft.kind, parent, name, [target])
        elif _existing(work, TARGETS[name], target) is None:
            create(work, target, given, inherited)
        elif target.known:
            link(work, draft.kind, parent, name, [target.known])


def _inherited(given: Given) -> Dataset | None:
    """The dataset of what the entity was created below."""
    rows: Iterable[Any] = (row for name, several in given.items() if name != "ObservedProperties" for row in several)
    return next((dataset for row in rows if (dataset := dataset_of(row)) is not None), None)


def _of_refs(work: Work, draft: Draft) -> Dataset | None:
    """The dataset of the first existing entity that the body links to."""
    for name, targets in draft.links.items():
        for target in targets:
            if isinstance(target, Ref) and name in TARGETS and name not in ("ObservedProperties", "Observations"):
                return dataset_of(work.find(TARGETS[name], target))
    return None
