"""Forms of requests for data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.queries import Dataset
from allmende.core.texts import pick


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class AskForm(forms.Form):
    """What somebody would like to know."""

    title = forms.CharField(
        label=_("Which data are you looking for?"),
        help_text=_("A few words, such as “Trees felled since 2015”. Everybody will read them."),
        max_length=200,
    )
    text = forms.CharField(
        label=_("Describe it"),
        help_text=_(
            "What the data should say, for which time and area, and, if you like, what for. Everybody will read this; "
            "please write nothing about yourself or others."
        ),
        max_length=4000,
        widget=_area(6),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("Only if you would like to get the answer by mail. Nobody sees it, and it is erased afterwards."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class AnswerForm(forms.Form):
    """The town's answer."""

    answer_text = forms.CharField(label=_("Answer"), max_length=4000, widget=_area(5))
    dataset = forms.ChoiceField(label=_("Dataset that has the data"), required=False)

    def __init__(self, datasets: list[Dataset], data: Any = None) -> None:
        super().__init__(data)
        self._datasets = {each.slug: each for each in datasets}
        choices = [("", _("none"))] + [(each.slug, pick(each.title)) for each in datasets]
        self.fields["dataset"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> Dataset | None:
        """The dataset that was named."""
        return self._datasets.get(self.cleaned_data["dataset"])


class RefuseForm(forms.Form):
    """Why not."""

    legal_ground = forms.CharField(
        label=_("Legal ground"), help_text=_("The law and its paragraph; everybody reads it."), max_length=300
    )
    refuse_text = forms.CharField(
        label=_("Reason, in words that everybody understands"), max_length=4000, widget=_area(4)
    )


class ExtendForm(forms.Form):
    """When instead."""

    due = forms.DateField(label=_("New deadline"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    extend_text = forms.CharField(label=_("Why it takes longer"), max_length=1000, widget=_area(2))


class DropForm(forms.Form):
    """Why it is not shown."""

    drop_text = forms.CharField(
        label=_("Why it is not shown"), help_text=_("Only who asked reads this."), max_length=1000, widget=_area(2)
    )


class ObjectForm(forms.Form):
    """What speaks against the refusal."""

    object_text = forms.CharField(
        label=_("Why do you object?"), help_text=_("Everybody will read this."), max_length=4000, widget=_area(4)
    )
