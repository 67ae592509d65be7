"""Tables of sensor care. Imported by `observations.models`, so that Django knows them; private like those."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from allmende.core.records import Record
from allmende.core.texts import LocalTextField
from allmende.observations.care.rules import State

_STATES = [(state.value, state.value) for state in State]


class StreamCare(models.Model):
    """How a datastream does, as the last look found it; kept, so that changes are noticed and told once."""

    datastream = models.OneToOneField(
        "observations.Datastream", primary_key=True, on_delete=models.CASCADE, related_name="care"
    )
    state = models.CharField(max_length=12, choices=_STATES)
    since = models.DateTimeField(help_text="From when on it has been in this state")
    learned_interval = models.PositiveIntegerField(null=True, help_text="Seconds; where nobody stated an interval")
    learned = models.DateTimeField(null=True, help_text="When the interval was learned, or tried to be")
    turns = models.JSONField(default=list, help_text="Times of the last changes, µs UTC; see care.rules.unsteady")
    late_after = models.PositiveIntegerField(null=True, help_text="Seconds; a gap rule in place of the usual patience")
    silent_after = models.PositiveIntegerField(null=True, help_text="Seconds; goes with late_after")

    class Meta:
        # The care list: everything that is not fresh, which is little.
        indexes = [models.Index(fields=["state"], condition=~models.Q(state="fresh"), name="care_needed")]


class StateChange(models.Model):
    """A datastream went from one state to another."""

    datastream = models.ForeignKey("observations.Datastream", on_delete=models.CASCADE, related_name="state_changes")
    was = models.CharField(max_length=12, choices=_STATES)
    became = models.CharField(max_length=12, choices=_STATES)
    time = models.DateTimeField()
    settled = models.BooleanField(default=False, help_text="Whether it was decided who is told at once")

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["datastream", "time"], name="changes_of_stream"),  # the history on a thing's page
            models.Index(fields=["time"], condition=models.Q(settled=False), name="change_unsettled"),  # every look
        ]


class CareNote(Record):
    """Somebody has seen what a thing needs: a note, and until when the care list need not show it."""

    PREFIX = "nte"

    thing = models.ForeignKey("observations.Thing", on_delete=models.CASCADE, related_name="care_notes")
    text = models.TextField(blank=True)
    by = models.CharField(max_length=40, help_text="Code of the person")
    until = models.DateTimeField(null=True, help_text="Empty: until all of the thing's datastreams are fresh again")
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        # "Which things are set aside now": asked by every view of the care list.
        indexes = [models.Index(fields=["thing"], condition=models.Q(ended=None), name="care_note_open")]


class FollowedKind(models.TextChoices):
    """What one may follow."""

    ALL = "all", _("everything")
    ORGANISATION = "organisation", _("an organisation")
    DATASET = "dataset", _("a dataset")
    THING = "thing", _("a thing")


class Subscription(Record):
    """A person of the staff wants mail about the sensors of an organisation, a dataset or a thing."""

    PREFIX = "sub"

    person = models.CharField(max_length=40, help_text="Code of the person")
    kind = models.CharField(max_length=12, choices=FollowedKind)
    target = models.CharField(max_length=40, blank=True, help_text="Code of what is followed; empty for everything")
    at_once = models.BooleanField(default=True, help_text="Mail as soon as a sensor falls silent")
    daily = models.BooleanField(default=True, help_text="Mail every morning where something needs care")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["person", "kind", "target"], name="follow_once")]


class CareMail(models.Model):
    """A mail that is to be sent, or was: each (person, kind, key) exists once, so nobody is told twice."""

    person = models.CharField(max_length=40, help_text="Code of the person")
    kind = models.CharField(max_length=8, choices=[("silent", "silent"), ("daily", "daily")])
    key = models.CharField(max_length=40, help_text="silent: number of the first change; daily: the day")
    changes = models.JSONField(default=list, help_text="Numbers of the StateChanges that it tells of")
    created = models.DateTimeField()
    due = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "key"], name="care_mail_once")]
        indexes = [models.Index(fields=["due"], condition=models.Q(sent=None), name="care_mail_waiting")]


class RuleKind(models.TextChoices):
    """Quality rules that need the value before. Range and sentinels are fields of the datastream, gaps of its care."""

    STEP = "step", pgettext_lazy("quality rule", "jump")
    STUCK = "stuck", pgettext_lazy("quality rule", "stuck value")


class QualityRule(Record):
    """A rule that is switched on for a datastream. parameters: see care.flagging (StepRule, StuckRule)."""

    PREFIX = "rul"

    datastream = models.ForeignKey("observations.Datastream", on_delete=models.CASCADE, related_name="quality_rules")
    kind = models.CharField(max_length=8, choices=RuleKind)
    parameters = models.JSONField()
    by = models.CharField(max_length=40, help_text="Code of who switched it on")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["datastream", "kind"], name="rule_once")]


class PersonalData(models.TextChoices):
    """Whether a sensor could tell something of a person. The order is that of concern."""

    UNKNOWN = "", _("not stated yet")
    NONE = "none", _("no personal data: nothing here can be traced to a person")
    ANONYMISED = "anonymised", _("made anonymous inside the device: only counts leave it")
    PSEUDONYMOUS = "pseudonymous", _("pseudonymous: devices or vehicles are told apart for a while, without names")
    PERSONAL = "personal", _("personal data: people can be recognised")


class RegisterEntry(models.Model):
    """What the public register says of all things of a dataset, or of one thing; empty fields follow from the dataset.

    name_purpose: for things that are not open: whether the register names their purpose, never their name and place.
    """

    dataset = models.OneToOneField("catalogue.Dataset", null=True, on_delete=models.CASCADE, related_name="+")
    thing = models.OneToOneField(
        "observations.Thing", null=True, on_delete=models.CASCADE, related_name="register_entry"
    )
    purpose = LocalTextField(blank=True)
    legal_ground = LocalTextField(blank=True)
    personal_data = models.CharField(max_length=12, choices=PersonalData, blank=True)
    personal_note = LocalTextField(blank=True)
    images = models.BooleanField(null=True, blank=True)
    sound = models.BooleanField(null=True, blank=True)
    contact_email = models.EmailField(blank=True)
    name_purpose = models.BooleanField(default=False)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(dataset=None, thing__isnull=False) | models.Q(dataset__isnull=False, thing=None),
                name="register_entry_of_one",
            )
        ]


class CitizenState(models.TextChoices):
    """How far the registration of a resident's sensor is."""

    OFFERED = "offered", pgettext_lazy("a resident's sensor", "waits for the town")
    APPROVED = "approved", pgettext_lazy("a resident's sensor", "approved")
    REFUSED = "refused", pgettext_lazy("a resident's sensor", "refused")
    STOPPED = "stopped", pgettext_lazy("a resident's sensor", "stopped; its values stay")
    ERASED = "erased", pgettext_lazy("a resident's sensor", "withdrawn; its values are erased")


class Precision(models.TextChoices):
    """How exactly a resident shows where the sensor is."""

    KILOMETRE = "1km", _("roughly: within about a kilometre")
    BLOCK = "250m", _("the neighbourhood: within about 250 metres")
    EXACT = "exact", _("exactly")


class CitizenSensor(Record):
    """A sensor that a resident offers. The place is rounded as she chose before it is kept: nobody, the town included,
    can see more than she shows."""

    PREFIX: ClassVar[str] = "cit"

    person = models.CharField(max_length=40, help_text="Code of the person")
    state = models.CharField(max_length=10, choices=CitizenState, default=CitizenState.OFFERED)
    name = models.CharField(max_length=80)
    device = models.CharField(max_length=120, blank=True)
    about = models.TextField(blank=True)
    quantities = models.JSONField(default=list, help_text="Keys of care.citizens.QUANTITIES")
    interval = models.PositiveIntegerField(null=True, blank=True, help_text="Seconds between two values")
    longitude = models.FloatField()
    latitude = models.FloatField()
    precision = models.CharField(max_length=6, choices=Precision, default=Precision.BLOCK)
    reason = models.TextField(blank=True, help_text="Why it was refused")
    decided_by = models.CharField(max_length=40, blank=True)
    decided = models.DateTimeField(null=True, blank=True)
    thing = models.OneToOneField(
        "observations.Thing", null=True, blank=True, on_delete=models.SET_NULL, related_name="citizen"
    )
    token = models.CharField(max_length=40, blank=True, help_text="Code of the key that it sends with")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state"], name="citizen_by_state"),  # the queue of the town
            models.Index(fields=["person"], name="citizen_by_person"),  # one's own sensors
        ]
