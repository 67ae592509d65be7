"""What is asked about a web address."""

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.connectors.forms import SourceForm, secret_field
from allmende.core.outgoing import Refused, checked
from allmende.core.said import said_of


class HttpPollForm(SourceForm):
    """The address, how often it is asked, and a key where one is needed."""

    PLAIN = {"every": 300}
    SECRETS = ("token",)

    url = forms.CharField(label=_("Address"), max_length=2000, help_text=_("It answers with JSON or CSV."))
    every = forms.IntegerField(
        label=_("Seconds between two attempts"),
        min_value=5,
        max_value=604_800,
        help_text=_("300 seconds are five minutes."),
    )
    token = secret_field(_("Key (bearer token)"))

    def clean_url(self) -> str:
        """An address that may be asked, as far as its text tells."""
        url = str(self.cleaned_data["url"]).strip()
        try:
            checked(url)
        except Refused as error:
            raise forms.ValidationError(said_of(error).here()) from None
        return url
