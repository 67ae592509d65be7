"""Tables: connectors that are set up, messages that they could not use, how far they got, and unfinished set-ups."""

from django.db import models

from allmende.core.records import Record


class Connector(Record):
    """One way in: what kind, where from, how its messages map onto datastreams of a dataset, and how it is doing."""

    PREFIX = "con"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, help_text="The folder under connectors/, such as mqtt")
    dataset = models.ForeignKey("catalogue.Dataset", on_delete=models.CASCADE, related_name="+")
    config = models.JSONField(default=dict, help_text="Checked by the kind's own struct before it is saved")
    secret_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the secret that senders show")
    enabled = models.BooleanField(default=True)
    state = models.JSONField(default=dict, blank=True, help_text="Facts of the running connector, written now and then")
    state_at = models.DateTimeField(null=True, blank=True)
    samples = models.JSONField(default=list, blank=True, help_text="The last messages, for trying a mapping on them")

    class Meta:
        ordering = ["id"]


class FaultyMessage(Record):
    """A message that could not be used, as it came, so that it can be replayed when the mapping was corrected."""

    PREFIX = "msg"

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="faulty")
    arrival = models.BigIntegerField(help_text="µs UTC; the time of values without one, also when it is replayed")
    topic = models.CharField(max_length=500, blank=True)
    payload = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes that came; where more than are kept, it cannot be replayed")
    why = models.CharField(max_length=500)
    said = models.JSONField(default=list, blank=True, help_text="The same, to be told in the reader's language")
    attempts = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["connector", "-id"], name="faulty_newest")]  # the page of a connector, pruning


class Bookmark(models.Model):
    """How far a connector got with one thing that it reads piece by piece, such as a datastream of another server."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="bookmarks")
    name = models.CharField(max_length=300)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connector", "name"], name="bookmark_once")]


class Draft(Record):
    """A connector that somebody is setting up: one may leave and come back. It keeps its code when it becomes one, so
    that the address which senders were given goes on to hold."""

    PREFIX = "con"

    made_by = models.CharField(max_length=40, db_index=True, help_text="Code of the person")  # my drafts
    kind = models.CharField(max_length=20)
    config = models.JSONField(default=dict, blank=True)
    secret_hash = models.CharField(max_length=64, blank=True)
    sample_topic = models.CharField(max_length=500, blank=True)
    sample = models.BinaryField(default=b"", blank=True)
    sample_at = models.DateTimeField(null=True, blank=True)
    listens_until = models.DateTimeField(null=True, blank=True, help_text="Until then the server waits for a message")
    trouble = models.JSONField(default=dict, blank=True, help_text="Why none could be had: a core.said.Said")

    class Meta:
        ordering = ["-id"]
