"""Looks at a table before it becomes open."""

from dataclasses import replace
from typing import Any

from allmende.catalogue.gate.contingency import Build, build_of, hidden_cells, reckonable
from allmende.catalogue.gate.disclosure import K, alike, lonely_places, precise, small_counts
from allmende.catalogue.gate.identifiers import identifiers
from allmende.catalogue.gate.people import Roles, roles_of
from allmende.catalogue.gate.verdict import STOP, WARN, Finding, Verdict
from allmende.catalogue.holdings.columns import ColumnFacts

_HEAVY = ("mail", "iban", "phone", "tax_number", "insurance_number", "name")
_FEW = 0.05  # share of rows that may be unlike others before it is a stop rather than a warning


def examine(
    source: str,
    columns: tuple[ColumnFacts, ...],
    rows: int,
    *,
    placed: bool,
    people: bool | None = None,
    emptied: bool = False,
) -> Verdict:
    """The verdict on what would be published. source: what stands behind FROM; columns: those that would be; people:
    what somebody said about the rows, None for nothing; emptied: whether cells were left empty to protect somebody."""
    found = [
        Finding(
            STOP if each.kind in _HEAVY else WARN,
            f"identifier_{each.kind}",
            (each.column,),
            each.count,
            {"example": each.example},
            ("withhold",),
        )
        for each in identifiers(source, columns)
    ]
    roles = roles_of(columns, people)
    build = build_of(source, columns, roles.counts)
    if build and people is None and not roles.direct:  # a table with totals counts people; its rows are none
        roles = replace(roles, people=False, why="")
    named = any(each.code == "identifier_name" for each in found)
    known = {each.columns[0] for each in found}
    found += [
        Finding(STOP, "names_somebody", (name,), rows, {}, ("withhold",))
        for name in roles.contacts
        if name not in known
    ]
    if roles.people or (people is None and named):
        found += _about_people(source, roles, rows, placed=placed, known=known)
    found += _counts(source, build, roles, emptied)
    why = roles.why or (next(each.columns[0] for each in found if each.code == "identifier_name") if named else "")
    return Verdict(tuple(found), roles.people or (people is None and named), why)


def _about_people(source: str, roles: Roles, rows: int, *, placed: bool, known: set[str]) -> list[Finding]:
    found = [
        Finding(STOP, "names_somebody", (name,), rows, {}, ("withhold", "year"))
        for name in roles.direct
        if name not in known
    ]
    lonely = lonely_places(source) if placed else 0
    if lonely:
        found.append(Finding(STOP, "precise_place", (), lonely, {"k": K}, ("grid",)))
    for name in roles.coordinates:
        if alone := precise(source, name):
            found.append(Finding(STOP, "precise_column", (name,), alone, {"k": K}, ("withhold",)))
    if roles.quasi:
        together = alike(source, roles.quasi, roles.sensitive)
        share = together.rows / max(rows, 1)
        params = {"k": K, "least": together.least, "unique": together.unique, "share": round(100 * share)}
        if together.rows:
            weight = STOP if share > _FEW or together.unique else WARN
            remedies = ("suppress", "withhold", "coarsen")
            found.append(Finding(weight, "few_alike", roles.quasi, together.rows, params, remedies))
        if together.poor and roles.sensitive:
            columns = (*roles.quasi, *roles.sensitive)
            found.append(Finding(WARN, "all_the_same", columns, together.poor, params, ("withhold", "coarsen")))
    return found


def _counts(source: str, build: Build | None, roles: Roles, emptied: bool) -> list[Finding]:
    """Small numbers of people or cases in a table of counts, and empty ones that its totals give away."""
    found = []
    counting = dict.fromkeys((*roles.counts, *(build.counts if build else ())))
    small = {name: count for name in counting if (count := small_counts(source, name))}
    together = _together(source, build) if build and small else None
    if together:
        found.append(Finding(WARN, "small_counts", tuple(small), sum(small.values()), together, ("cells",)))
    else:
        found += [Finding(WARN, "small_counts", (each,), n, {"k": K}, ("hide_small",)) for each, n in small.items()]
    if build and (open_ := _reckonable(source, build)):
        weight = STOP if emptied else WARN  # what came empty may have been lost rather than hidden
        found.append(Finding(weight, "reckonable", build.columns(), open_, {"k": K}, ("undo",)))
    return found


def _together(source: str, build: Build) -> dict[str, Any] | None:
    """What a finding says of secondary suppression, such as how many cells it empties; None where it cannot be done."""
    try:
        emptied = sum(map(len, hidden_cells(source, build, K).values()))
    except ValueError:
        return None
    return {"k": K, "emptied": emptied, "build": build.to_json()}


def _reckonable(source: str, build: Build) -> int:
    try:
        return reckonable(source, build)
    except ValueError:
        return 0
