"""The base of what is asked in the browser about where a connector's messages come from."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _


class SourceForm(forms.Form):
    """Its fields are named like those of the configuration. PLAIN: what they are when nothing is said."""

    PLAIN: ClassVar[dict[str, Any]] = {}
    SECRETS: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def of(cls, config: dict[str, Any]) -> dict[str, Any]:
        """The form's values for a configuration; secrets stay out of the page."""
        known = {name: value for name, value in config.items() if name in cls.base_fields}
        return {**cls.PLAIN, **known, **dict.fromkeys(cls.SECRETS, "")}

    def config(self, before: dict[str, Any]) -> dict[str, Any]:
        """The configuration with what was filled in; of a secret that was left empty, the one before holds."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in self.SECRETS or value}
        merged = {**before, **said}
        return {
            name: value
            for name, value in merged.items()
            if name not in self.base_fields or (value not in (None, "") and value != self.PLAIN.get(name))
        }


def secret_field(label: Any) -> forms.CharField:
    """A field whose content is never shown again."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=500,
        strip=False,
        help_text=_("It is not shown again. Left empty later on, it stays as it is."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
