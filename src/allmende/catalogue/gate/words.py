"""What the gate says, in plain words."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from allmende.catalogue.gate.verdict import Finding, Verdict

_FINDINGS = {
    "identifier_mail": _("%(count)s cells of “%(columns)s” hold mail addresses, such as %(example)s."),
    "identifier_iban": _("%(count)s cells of “%(columns)s” hold bank accounts, such as %(example)s."),
    "identifier_phone": _("%(count)s cells of “%(columns)s” hold telephone numbers, such as %(example)s."),
    "identifier_tax_number": _("%(count)s cells of “%(columns)s” hold tax numbers, such as %(example)s."),
    "identifier_insurance_number": _("%(count)s cells of “%(columns)s” hold insurance numbers, such as %(example)s."),
    "identifier_plate": _("%(count)s cells of “%(columns)s” look like number plates, such as %(example)s."),
    "identifier_name": _("%(count)s cells of “%(columns)s” hold names of people, such as %(example)s."),
    "names_somebody": _("By its name the column “%(columns)s” tells who somebody is."),
    "precise_place": _(
        "The rows are about people, and %(count)s of them are at a place that fewer than %(k)s of them have."
    ),
    "precise_column": _(
        "The rows are about people, and “%(columns)s” tells of %(count)s of them where they are, more closely than of "
        "%(k)s together."
    ),
    "reckonable": _(
        "%(count)s empty cells can be reckoned from the totals. If they are to protect somebody, undo what left them "
        "empty, and let small numbers be hidden together with others."
    ),
    "remedy_unfit": _("A remedy does not fit these rows any more. Undo it, and look at what is found then."),
    "few_alike": _(
        "By %(columns)s together %(count)s rows (%(share)s %%) are like fewer than %(k)s others, and %(unique)s like "
        "nobody else: who knows these of somebody finds the row."
    ),
    "all_the_same": _(
        "In %(count)s groups all who are alike share the same sensitive value (%(columns)s): it can be told of each "
        "of them."
    ),
    "small_counts": _("%(count)s numbers in “%(columns)s” are smaller than %(k)s: they may speak of single people."),
}
_REMEDIES = {
    "withhold": _("Leave “%(column)s” out"),
    "year": _("Keep only the year of “%(column)s”"),
    "grid": _("Move places to the middle of cells of %(metres)s metres"),
    "suppress": _("Leave out rows that are like fewer than five"),
    "hide_small": _("Leave small numbers in “%(column)s” empty"),
    "cells": _("Leave small numbers empty, and as many others that no total gives them away"),
    "bin": _("Put “%(column)s” into steps of %(width)s"),
    "digits": _("Keep only the first %(keep)s characters of “%(column)s”"),
}
_FEWER: dict[str, dict[str, Any]] = {
    "integer": {"kind": "bin", "width": 10},
    "text": {"kind": "digits", "keep": 3},
    "date": {"kind": "year"},
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A remedy that a button stands for."""

    remedy: dict[str, Any]
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding in words, with what would help."""

    weight: str
    words: str
    offers: tuple[Offer, ...]


def shown(verdict: Verdict, types: dict[str, str]) -> list[Shown]:
    """The findings for people, the weightiest first. types: of the columns, by name."""
    order = {"stop": 0, "warn": 1, "note": 2}
    findings = sorted(verdict.findings, key=lambda each: order[each.weight])
    return [Shown(each.weight, finding_words(each), tuple(offers(each, types))) for each in findings]


def finding_words(finding: Finding) -> str:
    """The sentence."""
    params = {**finding.params, "count": finding.count, "columns": ", ".join(finding.columns)}
    return str(_FINDINGS[finding.code] % params)


def remedy_words(remedy: dict[str, Any]) -> str:
    """What a remedy does."""
    return str(_REMEDIES[remedy["kind"]] % remedy)


def offers(finding: Finding, types: dict[str, str]) -> list[Offer]:
    """What would help, one button each."""
    made: list[dict[str, Any]] = []
    for kind in finding.remedies:
        if kind == "suppress":
            made.append({"kind": kind, "columns": list(finding.columns)})
        elif kind == "cells":
            made.append({"kind": kind, **finding.params["build"]})
        elif kind == "undo":
            continue  # nothing to add: a remedy has to go
        elif kind == "grid":
            made += [{"kind": kind, "metres": metres} for metres in (250, 1000)]
        elif kind == "coarsen":
            coarser = ((name, _FEWER.get(types.get(name, ""))) for name in finding.columns)
            made += [{**fewer, "column": name} for name, fewer in coarser if fewer]
        elif kind == "year":
            made += [{"kind": kind, "column": name} for name in finding.columns if types.get(name) == "date"]
        else:
            made += [{"kind": kind, "column": name} for name in finding.columns]
    return [Offer(each, _offer_words(each, finding)) for each in made]


def _offer_words(remedy: dict[str, Any], finding: Finding) -> str:
    if remedy["kind"] != "cells":
        return remedy_words(remedy)
    more = {"small": finding.count, "more": finding.params["emptied"] - finding.count}
    return str(
        _("Leave small numbers empty (%(small)s), and others with them (%(more)s), so that no total gives them away")
        % more
    )
