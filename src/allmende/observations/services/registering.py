"""Things and Datastreams: making them known, changing them. Idempotent by (dataset, external key)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.core import audit, outbox
from allmende.core.clock import now
from allmende.core.geometry import point as point_feature
from allmende.core.geometry import representative_point
from allmende.core.texts import same
from allmende.core.units import unit as unit_of
from allmende.observations.models import Datastream, HistoricalLocation, Location, ObservedProperty, Sensor, Thing
from allmende.observations.services.features import settle_rows
from allmende.observations.streams import changed

Text = Mapping[str, str] | str


def _text(text: Text | None) -> dict[str, str]:
    return same(text) if isinstance(text, str) else dict(text or {})


@transaction.atomic
def register_thing(
    actor: Actor,
    *,
    dataset: Any,
    name: Text,
    external_key: str = "",
    description: Text | None = None,
    properties: Mapping[str, Any] | None = None,
    point: tuple[float, float] | None = None,
    feature: Mapping[str, Any] | None = None,
) -> Thing:
    """The Thing of this dataset with this external key, made where there is none.

    point: (longitude, latitude); feature: a GeoJSON geometry instead. Raises Denied, ValueError for a bad place.
    """
    require(actor, "observations:manage", dataset)
    if external_key and (known := Thing.objects.filter(dataset=dataset, external_key=external_key).first()):
        return known
    geometry = dict(feature) if feature else (point_feature(*point) if point else None)
    thing = Thing.objects.create(
        dataset=dataset,
        name=_text(name),
        external_key=external_key,
        description=_text(description),
        properties=dict(properties or {}),
    )
    if geometry:
        move_thing(thing, [Location.objects.create(dataset=dataset, name=_text(name), feature=geometry)])
    _note(actor, "observations.thing.registered", "thing", thing.code, {"name": _text(name)})
    return thing


def move_thing(thing: Thing, locations: Sequence[Location], since: datetime | None = None) -> HistoricalLocation:
    """The Thing is at these Locations from now on; where it was stays in its history (18-088 § 8.2.3).

    since: it was there from then on; it is there now only if nothing later is known of it.
    """
    history = HistoricalLocation.objects.create(thing=thing, time=since or now())
    history.locations.set(locations)
    if since is None or is_newest(history):
        place_thing(thing, locations)
    return history


def is_newest(history: HistoricalLocation) -> bool:
    """Whether nothing later is known of the way of its Thing."""
    newest = HistoricalLocation.objects.filter(thing_id=history.thing_id).order_by("-time", "-id").first()
    return newest == history


def place_thing(thing: Thing, locations: Sequence[Location]) -> None:
    """The Thing is at these Locations now. Of several the first that is GeoJSON gives the point for maps."""
    thing.locations.set(locations)
    place = next((location for location in locations if location.west is not None), None)
    thing.longitude, thing.latitude = representative_point(place.feature) if place else (None, None)
    thing.save(update_fields=["longitude", "latitude", "changed"])
    changed(list(thing.datastreams.values_list("code", flat=True)))  # what is observed now is about the new place


def unit_of_measurement(unit: str) -> dict[str, Any]:
    """A UCUM code in the three words of SensorThings (18-088 § 8.2.4); nulls where there is no unit."""
    if not unit:
        return {"name": None, "symbol": None, "definition": None}
    known = unit_of(unit)
    return {"name": known.name["en"], "symbol": known.symbol, "definition": f"ucum:{known.code}"}


@transaction.atomic
def register_datastream(
    actor: Actor,
    *,
    thing: Thing,
    name: Text,
    observed_property: tuple[str, Text],
    unit: str = "",
    sensor: str = "",
    external_key: str = "",
    expected_interval: int | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    sentinels: Sequence[float] = (),
    holding: str = "instant",
    dataset: Any = None,
    description: Text | None = None,
    properties: Mapping[str, Any] | None = None,
) -> Datastream:
    """The Datastream of this dataset with this external key, made where there is none.

    observed_property: (definition, name); sensor: the instrument, empty where unknown; expected_interval: seconds.
    Raises Denied, ValueError for a unit that is not known or a range upside down.
    """
    dataset = dataset or thing.dataset
    require(actor, "observations:manage", dataset)
    if external_key and (known := Datastream.objects.filter(dataset=dataset, external_key=external_key).first()):
        return known
    if unit:
        unit = unit_of(unit).code
    if minimum is not None and maximum is not None and minimum > maximum:
        raise ValueError(f"The smallest plausible value {minimum} is larger than the largest {maximum}.")
    definition, property_name = observed_property
    observed, _ = ObservedProperty.objects.get_or_create(definition=definition, defaults={"name": _text(property_name)})
    instrument = Sensor.objects.filter(name=sensor, dataset=dataset).first()
    instrument = instrument or Sensor.objects.create(name=sensor, dataset=dataset)
    stream = Datastream.objects.create(
        thing=thing,
        dataset=dataset,
        name=_text(name),
        description=_text(description),
        observed_property=observed,
        sensor=instrument,
        unit=unit,
        unit_of_measurement=unit_of_measurement(unit),
        external_key=external_key,
        expected_interval=expected_interval,
        minimum=minimum,
        maximum=maximum,
        sentinels=list(sentinels),
        holding=holding,
        properties=dict(properties or {}),
    )
    settle_rows([stream])  # so that the first observation need not wait for it
    _note(actor, "observations.datastream.registered", "datastream", stream.code, {"thing": thing.code})
    return stream


def _note(actor: Actor, action: str, kind: str, code: str, details: dict[str, Any]) -> None:
    audit.record(actor.kind, actor.code, action, kind, code, details)
    outbox.publish(action, {"kind": kind, "code": code})
