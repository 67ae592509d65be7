"""Small forms of setting a connector up: a pasted message, uplinks, the name and dataset, everything as JSON."""

import json
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.catalogue.queries import visible_datasets
from allmende.connectors.lorawan.reading import is_value
from allmende.connectors.mapping.leaves import leaves
from allmende.connectors.queries import SECRETS
from allmende.connectors.services.setting_up import checked
from allmende.core.said import said_of
from allmende.core.texts import pick


class SampleForm(forms.Form):
    """A message that somebody pastes, and the topic it came on where there are topics."""

    topic = forms.CharField(
        label=_("Topic of this message"), max_length=500, required=False, help_text=_("Such as town/market/weather")
    )
    payload = forms.CharField(
        label=_("The message"),
        max_length=250_000,
        strip=False,
        help_text=_("JSON as the device sends it, a table with a header, or a single number."),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "al-code"}),
    )

    def __init__(self, *args: Any, topics: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not topics:
            del self.fields["topic"]


class LorawanForm(forms.Form):
    """Which decoded values of uplinks are kept. rules(): what was filled in, with all else as it was.

    passed_over: fields that are never taken for values.
    """

    signals = forms.BooleanField(
        label=_("Keep battery and signal as well"),
        required=False,
        help_text=_("They show in time that a device needs attention."),
    )

    def __init__(self, data: Any, decoded: Any, rules: dict[str, Any]) -> None:
        """decoded: the decoded values of a sample, None where there are none."""
        super().__init__(data, initial={"signals": rules.get("signals", True)})
        self._rules = rules
        found = {leaf.name: str(leaf.raw)[:40] for leaf in leaves(decoded)}
        self._shown = {name: raw for name, raw in found.items() if is_value(name)}
        self._names = list(self._shown)
        self.passed_over = [name for name in found if name not in self._shown]
        left_out = {name.lower() for name in rules.get("leave_out", [])}
        for number, name in enumerate(self._names):
            self.fields[f"keep_{number}"] = forms.BooleanField(
                label=name, required=False, initial=name.lower() not in left_out
            )

    def kept(self) -> list[tuple[Any, str]]:
        """The fields of the decoded values, each with what stands there."""
        return [(self[f"keep_{number}"], self._shown[name]) for number, name in enumerate(self._names)]

    def rules(self) -> dict[str, Any]:
        """The rules, after is_valid()."""
        said = self.cleaned_data
        shown = {name.lower() for name in self._names}
        left_out = [name for name in self._rules.get("leave_out", []) if name.lower() not in shown]
        left_out += [name for number, name in enumerate(self._names) if not said[f"keep_{number}"]]
        rules = {**self._rules, "leave_out": left_out, "signals": said["signals"]}
        plain: dict[str, Any] = {"leave_out": [], "signals": True}
        return {name: value for name, value in rules.items() if name not in plain or value != plain[name]}


class FinishForm(forms.Form):
    """A name for people, and the dataset that the values belong to; a new one is made where it is named."""

    name = forms.CharField(
        label=_("Name of the connector"),
        max_length=120,
        help_text=_("For you and your colleagues: “Soil sensors north”."),
    )
    dataset = forms.ChoiceField(
        label=_("Dataset"),
        error_messages={"required": _("Please choose a dataset, or name a new one.")},
        help_text=_("What the values belong to. Its licence and class apply to them."),
    )
    title = forms.CharField(label=_("Or the title of a new dataset"), max_length=120, required=False)

    def __init__(self, data: Any, actor: Actor) -> None:
        super().__init__(data)
        self._actor = actor
        mine = [each for each in visible_datasets(actor) if can(actor, "observations:manage", each)]
        choices = sorted(((each.slug, pick(each.title)) for each in mine), key=lambda each: each[1].casefold())
        self.fields["dataset"].choices = [("", _("please choose")), *choices]  # type: ignore[attr-defined]
        if not can(actor, "catalogue:manage"):
            del self.fields["title"]

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        said = super().clean() or {}
        if said.get("title") and not self.data.get("dataset"):
            self.errors.pop("dataset", None)
            said["dataset"] = ""
        if said.get("dataset") and said.get("title"):
            self.add_error("title", _("Please choose a dataset, or name a new one, not both."))
        elif said.get("title") and not slugify(said["title"]):
            self.add_error("title", _("The title needs letters."))
        elif said.get("title") and visible_datasets(self._actor).filter(slug=slugify(said["title"])).exists():
            self.add_error("title", _("There is a dataset of this title already."))
        return said


class JsonForm(forms.Form):
    """The whole configuration as text, for what no other form shows. config(): what was written."""

    text = forms.CharField(
        label=_("Configuration"),
        max_length=500_000,
        help_text=_("All fields are explained in docs/connectors.md. Secrets are shown as “…” and stay as they are."),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "al-code"}),
    )

    def __init__(self, data: Any, kind: str, config: dict[str, Any]) -> None:
        super().__init__(data, initial={"text": json.dumps(_dotted(config), indent=2, ensure_ascii=False)})
        self._kind, self._before = kind, config

    def clean_text(self) -> str:
        """JSON that the kind takes."""
        text = str(self.cleaned_data["text"])
        try:
            config = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is no JSON: %(problem)s") % {"problem": error}) from None
        if not isinstance(config, dict):
            raise forms.ValidationError(_("A configuration is an object in braces."))
        self._config = _undotted(config, self._before)
        try:
            checked(self._kind, self._config)
        except ValueError as error:
            raise forms.ValidationError(said_of(error).here()) from None
        return text

    def config(self) -> dict[str, Any]:
        """The configuration, after is_valid()."""
        return self._config


_DOTS = "…"


def _dotted(config: dict[str, Any]) -> dict[str, Any]:
    """With its secrets as dots."""
    shown: dict[str, Any] = {}
    for name, value in config.items():
        if name.lower() in SECRETS and isinstance(value, dict):
            shown[name] = dict.fromkeys(value, _DOTS)
        else:
            shown[name] = _DOTS if name.lower() in SECRETS and value else value
    return shown


def _undotted(config: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """With the secrets from before in the place of dots."""
    whole: dict[str, Any] = {}
    for name, value in config.items():
        if value == _DOTS:
            value = before.get(name, "")
        elif name.lower() in SECRETS and isinstance(value, dict):
            inner = before.get(name, {})
            value = {key: inner.get(key, "") if each == _DOTS else each for key, each in value.items()}
        whole[name] = value
    return whole
