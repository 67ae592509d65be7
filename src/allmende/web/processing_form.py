"""What an office says about why and how long a dataset is kept, as a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.queries import Dataset


class ProcessingForm(forms.Form):
    """Purpose per language, legal ground, days, contact."""

    purpose_de = forms.CharField(
        label=_("Purpose (%s)") % _("German"),
        help_text=_("What are these data kept for?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    purpose_en = forms.CharField(
        label=_("Purpose (%s)") % _("English"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    legal_ground = forms.CharField(
        label=_("Legal ground"),
        help_text=_("A law and its paragraph, such as Art. 6 (1) (e) GDPR with § 16 ThürDSG."),
        required=False,
        max_length=200,
    )
    retention_days = forms.IntegerField(
        label=_("Days that data are kept"),
        help_text=_("After so many days versions and values are erased for good. Empty: there is no end."),
        required=False,
        min_value=1,
        max_value=36_500,
    )
    contact_name = forms.CharField(label=_("Who answers for it"), required=False, max_length=200)
    contact_email = forms.EmailField(label=_("Whom can one ask? (e-mail)"), required=False)

    def __init__(self, dataset: Dataset, data: Any = None) -> None:
        initial = {name: getattr(dataset, name) for name in ("legal_ground", "retention_days", "contact_name")}
        initial |= {f"purpose_{variant}": dataset.purpose.get(variant, "") for variant in ("de", "en")}
        super().__init__(data, initial={**initial, "contact_email": dataset.contact_email})
        self._easy = {"easy": text} if (text := dataset.purpose.get("easy")) else {}

    def changes(self) -> dict[str, Any]:
        """As `catalogue.services.change_dataset` takes them."""
        said = dict(self.cleaned_data)
        texts = {variant: said.pop(f"purpose_{variant}").strip() for variant in ("de", "en")}
        purpose = self._easy | {variant: text for variant, text in texts.items() if text}
        return {**said, "purpose": purpose, "legal_ground": said["legal_ground"].strip()}
