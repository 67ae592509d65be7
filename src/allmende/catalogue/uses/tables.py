"""Tables of uses."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.models import Dataset
from allmende.core.records import Record


class UseKind(models.TextChoices):
    """How data are used."""

    PAGE = "page", _("page views")
    DOWNLOAD = "download", _("downloads")
    PROGRAM = "program", _("requests by programs")


class DatasetUse(models.Model):
    """How often a dataset was used on a day. Nothing is kept of who did."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=UseKind)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "day", "kind"], name="use_once_a_day")]


class ShowcaseState(models.TextChoices):
    """Whether it is shown."""

    RECEIVED = "received", _("received")
    SHOWN = "shown", _("shown")
    DROPPED = "dropped", _("not shown")


class Showcase(Record):
    """Something that somebody made with the town's data. Public from when it was looked at."""

    PREFIX = "use"

    title = models.CharField(max_length=120)
    text = models.TextField(max_length=2000)
    url = models.URLField(max_length=500)
    maker = models.CharField(max_length=120, blank=True, help_text="As the maker wants to be named, for everybody")
    state = models.CharField(max_length=10, choices=ShowcaseState, default=ShowcaseState.RECEIVED)
    datasets = models.ManyToManyField(Dataset, related_name="showcases", blank=True)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "-id"], name="showcase_by_state")]  # the public list
