"""Tables of the observations domain, in the terms of OGC SensorThings 1.1 (18-088) and OMS.

Observations themselves are not here: they live in `observations.store`, keyed by (Datastream.id, phenomenon time).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.core.records import Record
from allmende.core.texts import LocalTextField

GEOJSON = "application/geo+json"


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


class Location(Record):
    """Where a Thing is or was (18-088 § 8.2.2)."""

    PREFIX = "loc"

    name = LocalTextField()
    description = LocalTextField(blank=True)
    encoding_type = models.CharField(max_length=100, default=GEOJSON)
    feature = models.JSONField()
    properties = models.JSONField(default=dict, blank=True)


class HistoricalLocation(Record):
    """From when on a Thing was at which Locations (18-088 § 8.2.3)."""

    PREFIX = "hlo"

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="historical_locations")
    time = models.DateTimeField()
    locations = models.ManyToManyField(Location, related_name="historical_locations")


class Sensor(Record):
    """The instrument or procedure that produces the values (18-088 § 8.2.5)."""

    PREFIX = "sen"

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    encoding_type = models.CharField(max_length=100, default="text/html")
    metadata = models.TextField(blank=True)
    properties = models.JSONField(default=dict, blank=True)


class ObservedProperty(Record):
    """The quantity that is observed (18-088 § 8.2.6)."""

    PREFIX = "prp"

    name = LocalTextField()
    definition = models.CharField(max_length=300)
    description = LocalTextField(blank=True)
    properties = models.JSONField(default=dict, blank=True)


class Holding(models.TextChoices):
    """How a value holds over time; it decides how means are formed."""

    INSTANT = "instant", _("at the instant")
    INTERVAL = "interval", _("over the interval before")
    UNTIL_NEXT = "until_next", _("until the next value")


class Datastream(Record):
    """Observations of one ObservedProperty by one Sensor at one Thing (18-088 § 8.2.4)."""

    PREFIX = "dst"

    name = LocalTextField()
    description = LocalTextField(blank=True)
    observation_type = models.CharField(
        max_length=200, default="http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
    )
    unit = models.CharField(max_length=40, blank=True, help_text="UCUM code, such as Cel or ug/m3; see core.units")
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

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "external_key"], condition=~models.Q(external_key=""), name="datastream_key_once"
            )
        ]


class FeatureOfInterest(Record):
    """The real-world feature that the value is about (18-088 § 8.2.8)."""

    PREFIX = "foi"

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    encoding_type = models.CharField(max_length=100, default=GEOJSON)
    feature = models.JSONField()
    properties = models.JSONField(default=dict, blank=True)
