"""Tables of web: the texts that the administrator edits (imprint, privacy, accessibility) and what readers report."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.core.records import Record
from allmende.core.texts import LocalTextField


class Page(Record):
    """A text of the town about this site, in simple Markdown; every earlier wording is kept as a PageVersion."""

    PREFIX = "pag"

    slug = models.SlugField(max_length=60, unique=True)
    title = LocalTextField()
    body = LocalTextField()

    class Meta:
        ordering = ["slug"]


class PageVersion(models.Model):
    """A wording of a Page as it once stood, and who replaced it. Codes instead of a foreign key: accounts may go."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="versions")
    title = LocalTextField()
    body = LocalTextField()
    replaced = models.DateTimeField(auto_now_add=True)
    replaced_by = models.CharField(max_length=40)

    class Meta:
        ordering = ["-id"]


class FeedbackKind(models.TextChoices):
    """What a report is about."""

    BARRIER = "barrier", _("Something is not accessible to me")
    MISTAKE = "mistake", _("Something is wrong")
    IDEA = "idea", _("I have an idea")


class Feedback(Record):
    """A report by a reader; the address is optional and only for the answer."""

    PREFIX = "fbk"

    kind = models.CharField(_("kind"), max_length=10, choices=FeedbackKind)
    message = models.TextField(_("message"), max_length=4000)
    page = models.CharField(_("page"), max_length=300, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(max_length=4, default="de")
    done = models.BooleanField(_("dealt with"), default=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
