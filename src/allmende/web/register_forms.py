"""What the register says of a sensor, as a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.observations.care.register import PersonalData, RegisterEntry

_VARIANTS = (("de", _("German")), ("en", _("English")))
_SENSES = [("", _("not stated yet")), ("no", _("no")), ("yes", _("yes"))]
_SAID: dict[str, bool | None] = {"": None, "no": False, "yes": True}
_TEXTS = {
    "purpose": (_("Purpose (%s)"), _("Why is it measured? Empty: the purpose of the dataset.")),
    "legal_ground": (_("Legal ground (%s)"), _("On which ground is it measured? For example a law and its paragraph.")),
    "personal_note": (_("What happens to personal data (%s)"), ""),
}


class RegisterForm(forms.Form):
    """One field of each text per language; empty ones follow from the dataset."""

    personal_data = forms.ChoiceField(
        label=_("Personal data"), choices=PersonalData.choices, required=False, widget=forms.RadioSelect
    )
    images = forms.ChoiceField(label=_("Does it take pictures?"), choices=_SENSES, required=False)
    sound = forms.ChoiceField(label=_("Does it record sound?"), choices=_SENSES, required=False)
    contact_email = forms.EmailField(label=_("Whom can one ask? (e-mail)"), required=False)
    name_purpose = forms.BooleanField(
        label=_("Tell the purpose although the sensor itself is not named"),
        help_text=_("Only for datasets that are not open: name and place stay hidden."),
        required=False,
    )

    field_order = (
        *("purpose_de", "purpose_en", "legal_ground_de", "legal_ground_en"),
        *("personal_data", "personal_note_de", "personal_note_en", "images", "sound"),
    )

    def __init__(self, about: RegisterEntry, data: Any = None) -> None:
        words = {value: key for key, value in _SAID.items()}
        initial = {
            "personal_data": about.personal_data,
            "images": words[about.images],
            "sound": words[about.sound],
            "contact_email": about.contact_email,
            "name_purpose": about.name_purpose,
            **{
                f"{name}_{variant}": getattr(about, name).get(variant, "")
                for name in _TEXTS
                for variant, _label in _VARIANTS
            },
        }
        super().__init__(data, initial=initial)
        for name, (label, hint) in _TEXTS.items():
            for variant, language in _VARIANTS:
                self.fields[f"{name}_{variant}"] = forms.CharField(
                    label=str(label) % language,
                    help_text=str(hint) if variant == "de" else "",
                    required=False,
                    max_length=2_000,
                    widget=forms.Textarea(attrs={"rows": 2}),
                )
        self.order_fields(self.field_order)

    def fields_of_entry(self) -> dict[str, Any]:
        """The cleaned values as the register keeps them."""
        cleaned = self.cleaned_data
        texts = {
            name: {variant: text for variant, _label in _VARIANTS if (text := cleaned[f"{name}_{variant}"].strip())}
            for name in _TEXTS
        }
        return {
            **texts,
            "personal_data": cleaned["personal_data"],
            "images": _SAID[cleaned["images"]],
            "sound": _SAID[cleaned["sound"]],
            "contact_email": cleaned["contact_email"],
            "name_purpose": cleaned["name_purpose"],
        }
