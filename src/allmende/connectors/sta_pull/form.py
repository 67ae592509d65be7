"""What is asked about another SensorThings server."""

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.connectors.forms import SourceForm, secret_field
from allmende.connectors.sta_pull.config import StaPullConfig, check
from allmende.core.said import said_of


class StaPullForm(SourceForm):
    """The root of its interface, how far back, and how often."""

    PLAIN = {"every": 60, "history": "all"}
    SECRETS = ("token",)

    url = forms.CharField(
        label=_("Address of the interface"), max_length=2000, help_text=_("Such as https://example.org/v1.1")
    )
    history = forms.CharField(
        label=_("History"),
        max_length=40,
        help_text=_("all, none, or from when on, such as 2025-01-01T00:00:00Z"),
    )
    every = forms.IntegerField(label=_("Seconds between two checks"), min_value=5, max_value=86_400)
    filter = forms.CharField(
        label=_("Only datastreams that match"),
        max_length=500,
        required=False,
        help_text=_("A $filter of SensorThings, such as substringof('water', name)"),
    )
    token = secret_field(_("Key (bearer token)"))

    def clean(self) -> dict[str, object]:
        """What the kind itself would refuse."""
        said = super().clean() or {}
        if not self.errors:
            try:
                check(StaPullConfig(url=str(said["url"]).strip(), history=str(said["history"]).strip()))
            except ValueError as error:
                raise forms.ValidationError(said_of(error).here()) from None
        return said
