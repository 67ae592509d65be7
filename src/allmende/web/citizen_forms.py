"""Forms for sensors of residents."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from allmende.observations.care.citizens import QUANTITIES, Precision
from allmende.observations.care.places import parsed

_INTERVALS = [
    ("60", gettext_lazy("every minute")),
    ("150", gettext_lazy("every 2.5 minutes")),
    ("300", gettext_lazy("every 5 minutes")),
    ("600", gettext_lazy("every 10 minutes")),
    ("900", gettext_lazy("every quarter of an hour")),
    ("3600", gettext_lazy("every hour")),
    ("0", gettext_lazy("irregularly")),
]


class OfferForm(forms.Form):
    """What a resident says of a sensor. One question each, in the order in which one thinks of them."""

    name = forms.CharField(
        label=gettext_lazy("Name of the sensor"),
        help_text=gettext_lazy(
            "Everybody will read it. For example “Balcony south side”. Please no name of a person and no address."
        ),
        max_length=80,
    )
    quantities = forms.MultipleChoiceField(
        label=gettext_lazy("What does it measure?"), widget=forms.CheckboxSelectMultiple
    )
    device = forms.CharField(
        label=gettext_lazy("Which device is it?"),
        help_text=gettext_lazy("Make or kit, so that others can judge the values."),
        max_length=120,
        required=False,
    )
    about = forms.CharField(
        label=gettext_lazy("How is it set up?"),
        help_text=gettext_lazy("Height above the ground, sun or shade, near a street."),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    interval = forms.ChoiceField(label=gettext_lazy("How often does it send?"), choices=_INTERVALS, initial="600")
    place = forms.CharField(
        label=gettext_lazy("Where is it?"),
        help_text=gettext_lazy(
            "Press on the place on the map, or write latitude and longitude, such as 50.7052, 10.9841."
        ),
        max_length=60,
    )
    precision = forms.ChoiceField(
        label=gettext_lazy("How exactly may others see the place?"),
        help_text=gettext_lazy("It is rounded before it is kept: nobody, the town included, can see more of it."),
        choices=Precision.choices,
        widget=forms.RadioSelect,
        initial=Precision.BLOCK,
    )
    consent = forms.BooleanField(
        label=gettext_lazy("I agree that name, rounded place and values are published as open data."),
        help_text=gettext_lazy("Data licence Germany – Zero. You can end it at any time and have everything erased."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = (get_language() or "de")[:2]
        choices = [(key, quantity.name[language]) for key, quantity in QUANTITIES.items()]
        self.fields["quantities"].choices = choices  # type: ignore[attr-defined]

    def clean_place(self) -> tuple[float, float]:
        """(longitude, latitude)."""
        try:
            return parsed(self.cleaned_data["place"])
        except ValueError:
            raise ValidationError(_("Please write latitude and longitude, such as 50.7052, 10.9841.")) from None

    def offered(self) -> dict[str, Any]:
        """The cleaned values as `citizens.offer` takes them."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["name"],
            "quantities": cleaned["quantities"],
            "device": cleaned["device"],
            "about": cleaned["about"],
            "interval": int(cleaned["interval"]) or None,
            "point": cleaned["place"],
            "precision": cleaned["precision"],
        }


class RefuseForm(forms.Form):
    """Why the town says no."""

    reason = forms.CharField(
        label=gettext_lazy("Why is it refused?"),
        help_text=gettext_lazy("The person reads this text."),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
