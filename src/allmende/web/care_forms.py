"""Forms of sensor care."""

from contextlib import suppress
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.accounts.actors import Actor
from allmende.catalogue.queries import visible_datasets
from allmende.core.texts import pick
from allmende.observations.care.following import follow
from allmende.observations.care.noting import LONGEST_TEXT
from allmende.observations.queries import UnknownThing, get_thing

UNTIL = [
    ("well", _("until it is well again")),
    ("tomorrow", _("until tomorrow morning")),
    ("week", _("for a week")),
    ("month", _("for a month")),
]
WHEN = [
    ("both", _("at once when a sensor falls silent, and every morning what needs care")),
    ("at_once", _("only at once when a sensor falls silent")),
    ("daily", _("only every morning")),
]


class NoteForm(forms.Form):
    """Setting a thing aside."""

    text = forms.CharField(
        label=_("Note"),
        help_text=_("What is being done? Only staff can read it. Please write nothing about people."),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    until = forms.ChoiceField(label=_("For how long"), choices=UNTIL, widget=forms.RadioSelect)


class FollowForm(forms.Form):
    """What to follow by mail. A target is written kind:code."""

    target = forms.ChoiceField(label=_("Mail about"))
    when = forms.ChoiceField(label=_("When"), choices=WHEN, widget=forms.RadioSelect)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        wanted = self.data.get("target") or self.initial.get("target", "")
        self.fields["target"].choices = _targets(actor, str(wanted))  # type: ignore[attr-defined]

    def follow(self) -> None:
        """Does it. The form is valid."""
        kind, _colon, code = self.cleaned_data["target"].partition(":")
        when = self.cleaned_data["when"]
        follow(self.actor, kind, code, at_once=when != "daily", daily=when != "at_once")


def _targets(actor: Actor, wanted: str) -> list[tuple[Any, Any]]:
    """Everything, each office with datasets, each dataset; and the thing from whose page the reader comes."""
    datasets = list(visible_datasets(actor).order_by("slug"))
    offices = {each.owner.code: pick(each.owner.name) for each in datasets if each.owner}
    choices: list[tuple[Any, Any]] = [("all:", _("all sensors of the town"))]
    choices += [
        (_("Offices"), [(f"organisation:{code}", name) for code, name in offices.items()]),
        (_("Datasets"), [(f"dataset:{each.code}", pick(each.title)) for each in datasets]),
    ]
    kind, _colon, code = wanted.partition(":")
    if kind == "thing":
        with suppress(UnknownThing):
            choices.append((f"thing:{code}", pick(get_thing(actor, code).name)))
    return [choice for choice in choices if choice[1]]
