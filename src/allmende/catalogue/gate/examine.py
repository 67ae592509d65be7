"""Looks at a table before it becomes open."""

from allmende.catalogue.gate.disclosure import K, alike, small_counts
from allmende.catalogue.gate.identifiers import identifiers
from allmende.catalogue.gate.people import Roles, roles_of
from allmende.catalogue.gate.verdict import STOP, WARN, Finding, Verdict
from allmende.catalogue.holdings.columns import ColumnFacts

_HEAVY = ("mail", "iban", "phone", "tax_number", "insurance_number", "name")
_FEW = 0.05  # share of rows that may be unlike others before it is a stop rather than a warning


def examine(
    source: str, columns: tuple[ColumnFacts, ...], rows: int, *, placed: bool, people: bool | None = None
) -> Verdict:
    """The verdict on what would be published. source: what stands behind FROM; columns: those that would be; people:
    what somebody said about the rows, None for nothing."""
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
    named = any(each.code == "identifier_name" for each in found)
    known = {each.columns[0] for each in found}
    found += [
        Finding(STOP, "names_somebody", (name,), rows, {}, ("withhold",))
        for name in roles.contacts
        if name not in known
    ]
    if roles.people or (people is None and named):
        found += _about_people(source, roles, rows, placed=placed, known=known)
    found += _counts(source, roles, rows)
    why = roles.why or (next(each.columns[0] for each in found if each.code == "identifier_name") if named else "")
    return Verdict(tuple(found), roles.people or (people is None and named), why)


def _about_people(source: str, roles: Roles, rows: int, *, placed: bool, known: set[str]) -> list[Finding]:
    found = [
        Finding(STOP, "names_somebody", (name,), rows, {}, ("withhold", "year"))
        for name in roles.direct
        if name not in known
    ]
    if placed:
        found.append(Finding(STOP, "precise_place", (), rows, {}, ("grid",)))
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


def _counts(source: str, roles: Roles, rows: int) -> list[Finding]:
    """Small numbers of people or cases in a table of counts."""
    found = []
    for name in roles.counts:
        small = small_counts(source, name)
        if small:
            found.append(Finding(WARN, "small_counts", (name,), small, {"k": K}, ("hide_small",)))
    return found
