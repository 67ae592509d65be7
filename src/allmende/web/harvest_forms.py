"""The form of a source that is harvested."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allmende.accounts.actors import Actor
from allmende.catalogue.harvest.sources import Kind, Source
from allmende.catalogue.queries import owners_for
from allmende.core.texts import pick

_HOURS = [
    (1, gettext_lazy("every hour")),
    (24, gettext_lazy("every day")),
    (168, gettext_lazy("every week")),
    (0, gettext_lazy("only when asked for")),
]


class SourceForm(forms.Form):
    """Where it is, what kind it is, what is done with what it has."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind.choices)
    url = forms.URLField(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("Of the portal, of the DCAT file, or of the service."),
        max_length=500,
        assume_scheme="https",
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    owner = forms.ChoiceField(label=gettext_lazy("Owner of its datasets here"), required=False)
    every_hours = forms.TypedChoiceField(label=gettext_lazy("How often"), choices=_HOURS, coerce=int, initial=24)
    take_data = forms.BooleanField(
        label=gettext_lazy("Load the data as well"),
        help_text=gettext_lazy("Without this only descriptions are listed, with the address of the original."),
        required=False,
    )
    publish = forms.BooleanField(
        label=gettext_lazy("Publish what was loaded"),
        help_text=gettext_lazy("Unless the publication gate says stop."),
        required=False,
    )
    enabled = forms.BooleanField(label=gettext_lazy("Switched on"), required=False, initial=True)

    def __init__(self, actor: Actor, source: Source | None, data: Any = None) -> None:
        names = ("kind", "url", "name", "every_hours", "take_data", "publish", "enabled")
        initial = {name: getattr(source, name) for name in names} if source else {}
        if source and source.owner:
            initial["owner"] = source.owner.code
        super().__init__(data, initial=initial or None)
        offices = owners_for(actor)
        self._offices = {each.code: each for each in offices}
        choices = [("", _("none"))] + [(each.code, pick(each.name)) for each in offices]
        self.fields["owner"].choices = choices  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """As the services take it."""
        return {**self.cleaned_data, "owner": self._offices.get(self.cleaned_data["owner"])}

    def blame(self, problem: ValidationError) -> None:
        """Puts what a service objected to beside its field."""
        for name, errors in problem.message_dict.items():
            self.add_error(name if name in self.fields else None, errors)
