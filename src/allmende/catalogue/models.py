"""Tables of the catalogue. A Dataset is the catalogue entry and the boundary of rights for all that belongs to it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.vocabulary import FREQUENCIES, HVD_CATEGORIES, THEMES
from allmende.core.records import Record
from allmende.core.texts import LocalTextField

RESERVED = frozenset(
    {"harvest", "load", "new", "requests", "uses"}
)  # pages of the catalogue at the place where slugs stand


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
    contact_name = models.CharField(max_length=200, blank=True)
    themes = models.JSONField(default=list, blank=True, help_text="Keys of catalogue.vocabulary.THEMES")
    keywords = models.JSONField(default=list, blank=True)
    place = models.CharField(max_length=200, blank=True, help_text="What area it is about, in words")
    place_uri = models.URLField(max_length=300, blank=True, help_text="The area's politicalGeocoding or GeoNames URI")
    begins = models.DateField(null=True, blank=True, help_text="First day that the data speak of")
    ends = models.DateField(null=True, blank=True)
    frequency = models.CharField(max_length=20, blank=True, help_text="A key of catalogue.vocabulary.FREQUENCIES")
    attribution = models.CharField(max_length=300, blank=True, help_text="The name to state where the licence asks so")
    source_url = models.URLField(max_length=500, blank=True, help_text="Where it comes from, if it was harvested")
    hvd = models.JSONField(default=list, blank=True, help_text="Keys of catalogue.vocabulary.HVD_CATEGORIES")

    class Meta:
        ordering = ["slug"]
        indexes = [
            models.Index(fields=["access_class"], name="dataset_by_class")
        ]  # every visible() query filters by it

    def clean(self) -> None:
        if self.access_class != AccessClass.OPEN and not self.legal_ground.strip():
            raise ValidationError({"legal_ground": _("What is withheld needs a reason: name the legal ground.")})
        if self.slug in RESERVED:
            raise ValidationError({"slug": _("This name is taken by a page.")})
        if unknown := [theme for theme in self.themes if theme not in THEMES]:
            raise ValidationError({"themes": _("Not a theme: %(names)s.") % {"names": ", ".join(map(str, unknown))}})
        if unknown := [key for key in self.hvd if key not in HVD_CATEGORIES]:
            names = ", ".join(map(str, unknown))
            raise ValidationError({"hvd": _("Not a category of high-value data: %(names)s.") % {"names": names}})
        if self.frequency and self.frequency not in FREQUENCIES:
            raise ValidationError({"frequency": _("Not an update rhythm: %(name)s.") % {"name": self.frequency}})
        if self.begins and self.ends and self.begins > self.ends:
            raise ValidationError({"ends": _("The time span ends before it begins.")})


class DatasetShare(models.Model):
    """A shared Dataset may be read by the members of these organisations."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="shares")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "organisation"], name="share_once")]


class Hold(Record):
    """Why nothing of a Dataset may be erased for now, such as a lawsuit; while it lasts retention times pause."""

    PREFIX = "hld"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="holds")
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=40, help_text="Code of who said so")
    ended = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset"], condition=models.Q(ended=None), name="hold_once_at_a_time")
        ]


class LoadRecipe(Record):
    """How files of one kind are read into a Dataset; made when the first was confirmed, used by those that follow."""

    PREFIX = "rcp"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="recipes")
    name = models.CharField(max_length=120, help_text="What the names of such files have in common")
    recipe = models.JSONField(help_text="See catalogue.loaders.recipe.Recipe")

    class Meta:
        ordering = ["-changed"]
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="recipe_once")]


class Table(Record):
    """A table or layer of features in a Dataset, under a name that stays the same from version to version."""

    PREFIX = "tbl"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="tables")
    name = models.SlugField(max_length=80)
    title = LocalTextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    remedies = models.JSONField(default=list, blank=True, help_text="See catalogue.gate.remedies")
    people = models.BooleanField(null=True, blank=True, help_text="Whether its rows are about people, if somebody said")

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="table_once")]


class Column(models.Model):
    """An entry of the data dictionary: what a column of a Table means, and whether it may be seen."""

    table = models.ForeignKey(Table, on_delete=models.CASCADE, related_name="dictionary")
    name = models.CharField(max_length=100, help_text="As in files and interfaces: lower case, ASCII")
    title = LocalTextField(blank=True)
    description = LocalTextField(blank=True)
    unit = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    withheld = models.BooleanField(default=False, help_text="Never part of what is published")

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["table", "name"], name="column_once")]


class VersionState(models.TextChoices):
    """What became of a Version. Its content never changes; erased: it is gone, and why is kept."""

    DRAFT = "draft", _("not published yet")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ERASED = "erased", _("erased")


class Version(Record):
    """What a Dataset held at one time. Immutable and citable: its number and code are never given again."""

    PREFIX = "ver"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VersionState, default=VersionState.DRAFT)
    note = LocalTextField(blank=True)
    verdict = models.JSONField(default=dict, blank=True, help_text="By table, see catalogue.gate.verdict.Verdict")
    override = models.JSONField(default=dict, blank=True, help_text="Who wants it published all the same, and why")
    published = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True, help_text="When it was withdrawn or erased")
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="version_once")]
        indexes = [
            models.Index(fields=["dataset", "state", "-number"], name="version_newest")
        ]  # the current version of a dataset is asked for with every row, tile and page


class Part(models.Model):
    """The content of one Table in one Version.

    holding: SHA-256 of the file with all there is, for the office only; published: of the file that readers get, which
    the publication gate may have made poorer; both name files of `catalogue.holdings.files`.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="parts")
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="parts")
    holding = models.CharField(max_length=64)
    published = models.CharField(max_length=64, blank=True)
    rows = models.BigIntegerField()
    size = models.BigIntegerField(help_text="Bytes of the holding")
    columns = models.JSONField(default=list, help_text="See catalogue.holdings.columns.ColumnFacts")
    published_columns = models.JSONField(default=list, help_text="The same facts of the published file")
    published_rows = models.BigIntegerField(default=0)
    key = models.JSONField(default=list, help_text="Names of the columns that tell rows apart")
    geometry = models.JSONField(default=dict, blank=True, help_text="types, bbox and the CRS it came in; empty: none")
    changes = models.JSONField(default=dict, blank=True, help_text="Counts against the version before")
    recipe = models.JSONField(default=dict, help_text="See catalogue.loaders.tabular.recipe.TableRecipe")
    source = models.JSONField(default=dict, help_text="name, size and sha256 of the file it came from")
    aside = models.PositiveIntegerField(default=0, help_text="Rows that did not fit")

    class Meta:
        ordering = ["table__position", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "table"], name="part_once")]
        indexes = [
            models.Index(fields=["holding"], name="part_by_holding"),
            models.Index(fields=["published"], name="part_by_published"),
        ]  # before a file is erased it is asked whether another version holds the same


class UploadState(models.TextChoices):
    """How far a file is on its way in."""

    NEW = "new", _("being looked at")
    LOADING = "loading", _("being loaded")
    DONE = "done", _("loaded")
    FAILED = "failed", _("not loaded")


class Upload(Record):
    """A file that somebody sent and that is not loaded yet. The file lies at `catalogue.uploads.path_of`."""

    PREFIX = "upl"

    person = models.CharField(max_length=40, help_text="Code of who sent it; nobody else sees it")
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    hints = models.JSONField(default=dict, help_text="See catalogue.loaders.tabular.recipe.TableHints")
    dataset = models.ForeignKey(Dataset, null=True, blank=True, on_delete=models.CASCADE, related_name="uploads")
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.NEW)
    done_bytes = models.BigIntegerField(default=0)
    done_rows = models.BigIntegerField(default=0)
    problem = models.JSONField(default=dict, blank=True, help_text="A Said: why it could not be loaded")
    report = models.JSONField(default=dict, blank=True, help_text="What was kept and set aside, by table")
    version = models.ForeignKey(Version, null=True, blank=True, on_delete=models.SET_NULL, related_name="uploads")
    seen = models.DateTimeField(null=True, blank=True, help_text="When the loading last gave a sign of life")

    class Meta:
        ordering = ["-created"]
        indexes = [
            models.Index(fields=["person", "-created"], name="upload_by_person")
        ]  # one's own files not loaded yet


class RequestState(models.TextChoices):
    """Where a request for data stands. dropped: it was no request that can be shown, and was never public."""

    RECEIVED = "received", _("received")
    OPEN = "open", _("being worked on")
    ANSWERED = "answered", _("answered")
    REFUSED = "refused", _("refused")
    APPEALED = "appealed", _("objected to")
    FINAL = "final", _("refused after objection")
    DROPPED = "dropped", _("not shown")


class DataRequest(Record):
    """Somebody asks for data. Public from when it was looked at; who asked never is."""

    PREFIX = "req"

    title = models.CharField(max_length=200)
    text = models.TextField(max_length=4000)
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.RECEIVED)
    due = models.DateField(help_text="By when the town answers")
    dataset = models.ForeignKey(Dataset, null=True, blank=True, on_delete=models.SET_NULL, related_name="requests")
    person = models.CharField(max_length=40, blank=True, help_text="Code of who asked, if signed in; never shown")
    email = models.EmailField(blank=True, help_text="For the answers only; never shown, erased when it is over")
    key = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the secret by which the asker comes back")
    language = models.CharField(max_length=4, default="de")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "-id"], name="request_by_state")]  # the public list


class StepKind(models.TextChoices):
    """What happened with a request."""

    ASKED = "asked", _("asked")
    ADMITTED = "admitted", _("taken up")
    EXTENDED = "extended", _("deadline moved")
    ANSWERED = "answered", _("answered")
    REFUSED = "refused", _("refused")
    APPEALED = "appealed", _("objected")
    FINAL = "final", _("refused after objection")
    DROPPED = "dropped", _("not shown")


class RequestStep(models.Model):
    """A step of a request, never changed. mailed: whether the asker was told, None where there is nothing to tell."""

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=StepKind)
    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField(max_length=4000, blank=True)
    legal_ground = models.CharField(max_length=300, blank=True)
    due = models.DateField(null=True, blank=True)
    mailed = models.BooleanField(null=True, default=None)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["mailed"], name="step_to_mail")]  # asked twice a minute


class RequestSupport(models.Model):
    """Somebody needs the same data; once a person."""

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="supports")
    person = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "person"], name="support_once")]


class HarvestKind(models.TextChoices):
    """How a source is read."""

    CKAN = "ckan", "CKAN"
    DCAT = "dcat", "DCAT"
    FEATURES = "features", "OGC API Features"
    WFS = "wfs", "WFS"
    SENSORTHINGS = "sensorthings", "SensorThings"


class HarvestSource(Record):
    """A catalogue or service elsewhere whose datasets are listed here."""

    PREFIX = "hrv"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=HarvestKind)
    url = models.URLField(max_length=500)
    owner = models.ForeignKey("accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT)
    every_hours = models.PositiveIntegerField(default=24, help_text="0: only when somebody asks for it")
    take_data = models.BooleanField(default=False, help_text="Load the data as well, not the description alone")
    publish = models.BooleanField(default=False, help_text="Publish what was loaded, unless the gate says stop")
    enabled = models.BooleanField(default=True)
    due = models.DateTimeField(null=True, blank=True, help_text="When it is harvested next")

    class Meta:
        ordering = ["name", "id"]


class HarvestRun(Record):
    """One time that a source was read. ended: None while it goes on, or where it was cut off and will be resumed."""

    PREFIX = "run"

    source = models.ForeignKey(HarvestSource, on_delete=models.CASCADE, related_name="runs")
    ended = models.DateTimeField(null=True, blank=True)
    cursor = models.JSONField(default=dict, blank=True, help_text="Where to go on")
    report = models.JSONField(default=dict, blank=True, help_text="See catalogue.harvest.report.Report")

    class Meta:
        ordering = ["-id"]


class HarvestItem(models.Model):
    """A dataset as a source knows it. digest: of its description as it was last read; files: by address, what tells
    whether the file is another."""

    source = models.ForeignKey(HarvestSource, on_delete=models.CASCADE, related_name="items")
    remote = models.CharField(max_length=500)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    files = models.JSONField(default=dict, blank=True)
    run = models.PositiveBigIntegerField(default=0, help_text="Number of the run that saw it last")
    gone = models.BooleanField(default=False, help_text="The source does not list it any more")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "remote"], name="harvested_once")]


# Tables of parts that have a folder of their own; Django finds them here.
from allmende.catalogue.search import tables as search  # noqa: E402,F401
from allmende.catalogue.uses import tables as uses  # noqa: E402,F401
