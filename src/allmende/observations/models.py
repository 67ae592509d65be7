"""Tables of the observations domain, in the terms of OGC SensorThings 1.1 (18-088) and OMS.

Observations themselves are not here: they live in `observations.store`, keyed by (Datastream.id, phenomenon time).
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.core.geometry import GeometryError, box_of, check_geojson
from allmende.core.records import Record
from allmende.core.texts import LocalTextField

GEOJSON = "application/geo+json"


def _box() -> list[models.FloatField]:
    """West, south, east and north of a geometry, in degrees; null where there is none."""
    return [models.FloatField(null=True, blank=True, editable=False) for _ in range(4)]


class Placed(Record):
    """A row with a place, and the box around it (null where the place is not GeoJSON)."""

    encoding_type = models.CharField(max_length=100, default=GEOJSON)
    feature = models.JSONField()
    west, south, east, north = _box()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.west = self.south = self.east = self.north = None
        try:
            check_geojson(self.feature)
            self.west, self.south, self.east, self.north = box_of(self.feature)
        except GeometryError:  # another encoding: kept as it is, but spatial filters cannot find it
            pass
        super().save(*args, **kwargs)


class Thing(Record):
    """A thing of the physical or virtual world that sensors are attached to (18-088 § 8.2.1)."""

    PREFIX = "thg"

    name = LocalTextField()
    description = LocalTextField(blank=True)
    properties = models.JSONField(default=dict, blank=True)
    dataset = models.ForeignKey("catalogue.Dataset", on_delete=models.PROTECT, related_name="+")
    external_key = models.CharField(max_length=200, blank=True, help_text="The name under which its source knows it")
    locations: models.ManyToManyField = models.ManyToManyField("Location", related_name="things", blank=True)
    # The representative point of the current location: maps and boxes ask for nothing else.
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["longitude", "latitude"], name="thing_by_place")]  # map: things in a box
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "external_key"], condition=~models.Q(external_key=""), name="thing_key_once"
            )
        ]


class Location(Placed):
    """Where a Thing is or was (18-088 § 8.2.2)."""

    PREFIX = "loc"

    dataset = models.ForeignKey("catalogue.Dataset", on_delete=models.PROTECT, related_name="+")
    name = LocalTextField()
    description = LocalTextField(blank=True)
    properties = models.JSONField(default=dict, blank=True)
    # What SensorThings makes of it for observations that name no feature of interest (18-088 § 8.2.8).
    own_feature = models.ForeignKey("FeatureOfInterest", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["west", "east"], name="location_by_box")]  # spatial filters look here first


class HistoricalLocation(Record):
    """From when on a Thing was at which Locations (18-088 § 8.2.3)."""

    PREFIX = "hlo"

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="historical_locations")
    time = models.DateTimeField()
    locations = models.ManyToManyField(Location, related_name="historical_locations")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["thing", "time"], name="way_of_a_thing")]  # where a thing was at a time


class Sensor(Record):
    """The instrument or procedure that produces the values (18-088 § 8.2.5)."""

    PREFIX = "sen"

    dataset = models.ForeignKey("catalogue.Dataset", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    description = models.TextField(blank=True)
    encoding_type = models.CharField(max_length=100, default="text/html")
    metadata = models.JSONField(default=str, blank=True, help_text="Any JSON; most often an address or a text")
    properties = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]


class ObservedProperty(Record):
    """The quantity that is observed (18-088 § 8.2.6)."""

    PREFIX = "prp"

    name = LocalTextField()
    definition = models.TextField()
    description = LocalTextField(blank=True)
    properties = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["definition"], name="property_by_definition")]  # registering a datastream


class Holding(models.TextChoices):
    """How a value holds over time; it decides how means are formed."""

    INSTANT = "instant", _("at the instant")
    INTERVAL = "interval", _("over the interval before")
    UNTIL_NEXT = "until_next", _("until the next value")


class Datastream(Record):
    """Observations of one ObservedProperty by one Sensor at one Thing (18-088 § 8.2.4).

    A MultiDatastream (18-088 § 14) is kept here too: `multi` is true, its results are lists, and its parts are in
    `components`; `observed_property` and `unit` are then those of the first part.
    """

    PREFIX = "dst"

    name = LocalTextField()
    description = LocalTextField(blank=True)
    observation_type = models.CharField(
        max_length=200, default="http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
    )
    unit = models.CharField(max_length=40, blank=True, help_text="UCUM code, such as Cel or ug/m3; see core.units")
    unit_of_measurement = models.JSONField(
        default=dict, blank=True, help_text="name, symbol and definition as SensorThings shows them"
    )
    multi = models.BooleanField(default=False)
    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="datastreams")
    sensor = models.ForeignKey(Sensor, on_delete=models.PROTECT, related_name="datastreams")
    observed_property = models.ForeignKey(ObservedProperty, on_delete=models.PROTECT, related_name="datastreams")
    dataset = models.ForeignKey("catalogue.Dataset", on_delete=models.PROTECT, related_name="+")
    external_key = models.CharField(max_length=200, blank=True, help_text="The name under which its source knows it")
    expected_interval = models.PositiveIntegerField(null=True, blank=True, help_text="Seconds between two values")
    minimum = models.FloatField(null=True, blank=True, help_text="Smallest plausible value; below it is flagged")
    maximum = models.FloatField(null=True, blank=True, help_text="Largest plausible value; above it is flagged")
    sentinels = models.JSONField(default=list, blank=True, help_text="Numbers that mean «no value», such as -9999")
    holding = models.CharField(max_length=12, choices=Holding, default=Holding.INSTANT)
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    properties = models.JSONField(default=dict, blank=True)
    # What an observation is about that names no feature; fixed once the first such observation was shown or kept.
    feature = models.ForeignKey("FeatureOfInterest", on_delete=models.SET_NULL, null=True, related_name="+")
    # Kept for filters over Datastreams (µs UTC); what is shown comes from the store's own extents.
    phenomenon_begin = models.BigIntegerField(null=True, blank=True)
    phenomenon_end = models.BigIntegerField(null=True, blank=True)
    result_begin = models.BigIntegerField(null=True, blank=True)
    result_end = models.BigIntegerField(null=True, blank=True)
    west, south, east, north = _box()  # the observed area: a box around all features of interest
    # The id of an observation is made of its first phenomenon time, and stays when that is corrected. Up to here
    # (µs UTC) an id may belong to an observation that lies elsewhere by now; null where none was ever moved.
    ids_upto = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "external_key"], condition=~models.Q(external_key=""), name="datastream_key_once"
            )
        ]


class Component(models.Model):
    """One part of a MultiDatastream: what the n-th number of its results is (18-088 § 14)."""

    datastream = models.ForeignKey(Datastream, on_delete=models.CASCADE, related_name="components")
    position = models.PositiveSmallIntegerField()
    observed_property = models.ForeignKey(ObservedProperty, on_delete=models.PROTECT, related_name="components")
    observation_type = models.CharField(max_length=200)
    unit_of_measurement = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["datastream", "position"]
        constraints = [models.UniqueConstraint(fields=["datastream", "position"], name="component_place_once")]


class FeatureOfInterest(Placed):
    """The real-world feature that the value is about (18-088 § 8.2.8)."""

    PREFIX = "foi"

    dataset = models.ForeignKey("catalogue.Dataset", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    description = models.TextField(blank=True)
    properties = models.JSONField(default=dict, blank=True)
    # Whose observations are about it; kept, so that nobody has to look through all observations.
    datastreams: models.ManyToManyField = models.ManyToManyField(Datastream, related_name="features", blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["west", "east"], name="feature_by_box")]  # spatial filters look here first


from allmende.observations.care import tables as care  # noqa: E402,F401 - Django finds the tables of care through here
