"""Deleting entities, with all that cannot be without them (18-088 § 10.4, Table 25; § 14 for MultiDatastreams)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import ProtectedError, Q, QuerySet
from msgspec import Struct, field

from allmende.observations.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from allmende.observations.queries.searching import Among, Call, Column, Search, Value, every
from allmende.observations.services import features
from allmende.observations.services.entities.drafts import InUse
from allmende.observations.services.entities.work import Work
from allmende.observations.services.registering import place_thing
from allmende.observations.streams import changed


class Gone(Struct):
    """What of the store goes with deleted entities: searches whose observations are to be removed.

    late: those whose Datastreams go as well, so that what comes in meanwhile has to be removed afterwards.
    """

    searches: list[Search] = field(default_factory=list)
    late: list[Search] = field(default_factory=list)


def delete(work: Work, kind: str, rows: Iterable[Any]) -> Gone:
    """Deletes these rows of one entity. What `Gone` names has to be removed once the transaction is through.

    Raises Denied unless the actor may change all that goes with them; InUse.
    """
    gone = Gone()
    for row in list(rows):
        work.manage(row)
        _DELETERS[type(row)](work, row, gone)
        work.note(kind, row, "deleted")
    return gone


def _thing(work: Work, thing: Thing, gone: Gone) -> None:
    _streams(work, thing.datastreams.all(), gone)
    _delete(thing)


def _location(work: Work, location: Location, gone: Gone) -> None:
    """Its Things are where their other Locations are, or nowhere."""
    past = HistoricalLocation.objects.filter(locations=location)
    work.manage_datasets(past.values_list("thing__dataset_id", flat=True))
    things = list(Thing.objects.filter(locations=location))
    for thing in things:
        work.manage(thing)
    for one in past:
        _delete(one)
    _delete(location)
    for thing in things:
        place_thing(thing, list(thing.locations.order_by("pk")))


def _historical_location(work: Work, past: HistoricalLocation, gone: Gone) -> None:
    _delete(past)


def _sensor(work: Work, sensor: Sensor, gone: Gone) -> None:
    _streams(work, sensor.datastreams.all(), gone)
    _delete(sensor)


def _observed_property(work: Work, observed: ObservedProperty, gone: Gone) -> None:
    """Also the MultiDatastreams in which it is a part."""
    used = Q(observed_property=observed) | Q(components__observed_property=observed)
    _streams(work, Datastream.objects.filter(used).distinct(), gone)
    _delete(observed)


def _stream(work: Work, stream: Datastream, gone: Gone) -> None:
    _streams(work, Datastream.objects.filter(pk=stream.pk), gone)


def _streams(work: Work, streams: QuerySet[Datastream], gone: Gone) -> None:
    rows = list(streams.select_related("dataset").order_by("pk"))
    work.manage_datasets(row.dataset_id for row in rows)
    if not rows:
        return
    gone.searches.append(Search(streams=[row.pk for row in rows]))
    gone.late.append(gone.searches[-1])
    for row in rows:
        _delete(row)
    features.forget()
    changed()


def _feature(work: Work, feature: FeatureOfInterest, gone: Gone) -> None:
    """All observations about it, also those that do not name it because it is their Datastream's own."""
    own = list(Datastream.objects.filter(feature=feature).values_list("pk", "dataset_id"))
    named = list(feature.datastreams.values_list("pk", "dataset_id"))
    work.manage_datasets(dataset for _, dataset in [*own, *named])
    implied = [pk for pk, _ in own]
    streams = sorted({*implied, *(pk for pk, _ in named)})
    if streams:
        gone.searches.append(about(feature.pk, streams, implied))
    _delete(feature)
    features.forget()
    features.measure_again(streams)
    changed()


def about(feature: int, streams: list[int], implied: list[int]) -> Search:
    """The observations about a feature. implied: the Datastreams whose own it is."""
    column = Column("feature")
    own = every(Call("is_null", (column,)), Among(Column("stream"), implied))
    named = Call("coalesce", (Call("eq", (column, Value(feature))), Value(False)))
    return Search(streams=streams, where=Call("or", (named, own)))


def _delete(row: Any) -> None:
    try:
        row.delete()
    except ProtectedError as error:
        raise InUse(f"{row.code} cannot be deleted: something else needs it.") from error


_DELETERS: dict[type, Any] = {
    Thing: _thing,
    Location: _location,
    HistoricalLocation: _historical_location,
    Datastream: _stream,
    Sensor: _sensor,
    ObservedProperty: _observed_property,
    FeatureOfInterest: _feature,
}
