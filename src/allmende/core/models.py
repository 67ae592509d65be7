"""Tables of core: links between any two things, the outbox of events, the audit trail. Private to core's modules."""

from typing import ClassVar

from django.db import models

from allmende.core.records import Record


class Link(Record):
    """Thing a stands in a relation (predicate) to thing b; stated by somebody or inferred by a rule."""

    PREFIX: ClassVar[str] = "lnk"

    a_kind = models.CharField(max_length=40)
    a_code = models.CharField(max_length=40)
    predicate = models.CharField(max_length=60)
    b_kind = models.CharField(max_length=40)
    b_code = models.CharField(max_length=40)
    stated = models.BooleanField(default=True)
    stated_by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["a_kind", "a_code", "predicate", "b_kind", "b_code"], name="link_once")
        ]
        # Links of a thing: the unique index above serves the forward direction, this one the other.
        indexes = [models.Index(fields=["b_kind", "b_code"], name="link_backwards")]


class Event(models.Model):
    """Something that happened, written with the change itself and delivered to its subscribers afterwards."""

    name = models.CharField(max_length=80)
    payload = models.JSONField()
    created = models.DateTimeField()
    due = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    handled = models.JSONField(default=list)
    done = models.BooleanField(default=False)
    error = models.TextField(blank=True)

    class Meta:
        # "The oldest event of each name that is still to be delivered": the only question the deliverer asks.
        indexes = [models.Index(fields=["name", "id"], condition=models.Q(done=False), name="event_waiting")]


class AuditEntry(models.Model):
    """One change, for ever: triggers refuse to update or delete it. Each entry holds the hash of the one before."""

    number = models.BigIntegerField(primary_key=True)
    time = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_code = models.CharField(max_length=60)
    action = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    code = models.CharField(max_length=60)
    details_hash = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["kind", "code", "number"], name="audit_of_thing")]  # the history of one thing


class AuditDetail(models.Model):
    """What exactly changed, as JSON text, and the salt of its hash. May be erased: the chain then still verifies."""

    entry = models.OneToOneField(AuditEntry, primary_key=True, on_delete=models.PROTECT, related_name="detail")
    salt = models.CharField(max_length=32)
    # Text, not jsonb: PostgreSQL would rewrite numbers such as 1e16, and the hash would no longer fit.
    details = models.TextField()
