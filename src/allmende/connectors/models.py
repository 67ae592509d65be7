"""The table of connectors that are set up."""

from django.db import models

from allmende.core.records import Record


class Connector(Record):
    """One way in: what kind, where from, how its messages map onto datastreams of a dataset, and how it is doing."""

    PREFIX = "con"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, help_text="The folder under connectors/, such as mqtt")
    dataset = models.ForeignKey("catalogue.Dataset", on_delete=models.CASCADE, related_name="+")
    config = models.JSONField(default=dict, help_text="Checked by the kind's own struct before it is saved")
    enabled = models.BooleanField(default=True)
    state = models.JSONField(default=dict, blank=True, help_text="Facts of the running connector, written now and then")
    state_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
