"""The reading door of the observations domain."""

from allmende.observations.models import Datastream, Holding, ObservedProperty, Thing
from allmende.observations.queries.series import buckets, extents, latest, series, series_batches, store_status
from allmende.observations.queries.things import (
    UnknownDatastream,
    UnknownThing,
    codes_by_key,
    get_datastream,
    get_readable,
    get_thing,
    visible_datastreams,
    visible_things,
)
from allmende.observations.steps import STEPS, Step
from allmende.observations.store.rows import Extent, Sample

__all__ = [
    "STEPS",
    "Datastream",
    "Extent",
    "Holding",
    "ObservedProperty",
    "Sample",
    "Step",
    "Thing",
    "UnknownDatastream",
    "UnknownThing",
    "buckets",
    "codes_by_key",
    "extents",
    "get_datastream",
    "get_readable",
    "get_thing",
    "latest",
    "series",
    "series_batches",
    "store_status",
    "visible_datastreams",
    "visible_things",
]
