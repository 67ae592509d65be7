"""Tables of the catalogue. A Dataset is the catalogue entry and the boundary of rights for all that belongs to it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.core.records import Record
from allmende.core.texts import LocalTextField


class AccessClass(models.TextChoices):
    """Who may read a holding: everybody, those it is shared with, or only its office."""

    OPEN = "open", _("open")
    SHARED = "shared", _("shared")
    PROTECTED = "protected", _("protected")


class Dataset(Record):
    """A holding of the town: described, owned, licensed, with a purpose and a retention time."""

    PREFIX = "set"

    slug = models.SlugField(max_length=80, unique=True)
    title = LocalTextField()
    description = LocalTextField(blank=True)
    access_class = models.CharField(max_length=10, choices=AccessClass, default=AccessClass.OPEN)
    purpose = LocalTextField(blank=True)
    legal_ground = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=200, blank=True, help_text="A licence URI, preferably from GovData's list")
    owner = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    contact_email = models.EmailField(blank=True)
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    simulated = models.BooleanField(default=False, help_text="Made-up or example content, marked wherever it appears")

    class Meta:
        ordering = ["slug"]
        indexes = [
            models.Index(fields=["access_class"], name="dataset_by_class")
        ]  # every visible() query filters by it

    def clean(self) -> None:
        if self.access_class != AccessClass.OPEN and not self.legal_ground.strip():
            raise ValidationError({"legal_ground": _("What is withheld needs a reason: name the legal ground.")})


class DatasetShare(models.Model):
    """A shared Dataset may be read by the members of these organisations."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="shares")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "organisation"], name="share_once")]


class LoadRecipe(Record):
    """How files of one kind are read into a Dataset; made when the first was confirmed, used by those that follow."""

    PREFIX = "rcp"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="recipes")
    name = models.CharField(max_length=120, help_text="What the names of such files have in common")
    recipe = models.JSONField(help_text="See catalogue.loaders.recipe.Recipe")

    class Meta:
        ordering = ["-changed"]
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="recipe_once")]
