"""The steps of setting a connector up: which ones a kind has, and how a page shows them."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from allmende.connectors.kind import Kind
from allmende.connectors.queries import Draft
from allmende.connectors.table import KINDS
from allmende.web.connecting.words import STEPS


@dataclass(frozen=True, slots=True)
class Step:
    """One step on its page. number: from 1; done: it lies before the present one."""

    name: str
    number: int
    label: Any
    url: str
    here: bool
    done: bool


def names_of(kind: Kind) -> list[str]:
    """The names of the steps of a kind, in their order."""
    names = ["source"] if kind.form else []
    return [*names, *(["message", "mapping"] if kind.decoder else []), "finish"]


def steps_of(draft: Draft, here: str) -> list[Step]:
    """All steps of a draft, for the row on top of the page."""
    names = names_of(KINDS[draft.kind])
    at = names.index(here)
    return [
        Step(name, number + 1, STEPS[name], url_of(draft, name), number == at, number < at)
        for number, name in enumerate(names)
    ]


def url_of(draft: Draft, name: str) -> str:
    """The address of a step."""
    return reverse("connector_step", args=[draft.code, name])


def after(draft: Draft, name: str) -> str:
    """The address of the step that follows."""
    names = names_of(KINDS[draft.kind])
    return url_of(draft, names[names.index(name) + 1])


def before(draft: Draft, name: str) -> str:
    """The address of the step before; for the first one, that of the choice of kinds."""
    names = names_of(KINDS[draft.kind])
    at = names.index(name)
    return url_of(draft, names[at - 1]) if at else reverse("connector_new")
