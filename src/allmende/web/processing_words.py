"""Categories of people and of data by what columns are called, and what protects them, in words."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allmende.catalogue.gate.words import remedy_words
from allmende.catalogue.processing import DatasetFacts, TableFacts

# Part of a column's name, and whom it speaks of.
_WHO = {
    "schueler": gettext_lazy("Pupils"),
    "kind_": gettext_lazy("Children"),
    "kinder": gettext_lazy("Children"),
    "patient": gettext_lazy("Patients"),
    "antragsteller": gettext_lazy("Applicants"),
    "teilnehmer": gettext_lazy("People who take part"),
    "versicherte": gettext_lazy("Insured people"),
    "empfaenger": gettext_lazy("People who receive benefits"),
    "klient": gettext_lazy("Clients"),
    "bewohner": gettext_lazy("Residents"),
    "einwohner": gettext_lazy("Residents"),
}
_IDENTIFIERS = {
    "mail": gettext_lazy("mail addresses"),
    "phone": gettext_lazy("telephone numbers"),
    "iban": gettext_lazy("bank accounts"),
    "tax_number": gettext_lazy("tax numbers"),
    "insurance_number": gettext_lazy("insurance numbers"),
    "plate": gettext_lazy("number plates"),
    "name": gettext_lazy("names"),
}
# Parts of columns' names that tell of them where the gate has not looked, because the rows are not open.
_NAMED = {
    "mail": ("mail",),
    "phone": ("telefon", "handy", "mobilnummer", "phone"),
    "iban": ("iban", "kontonummer"),
    "tax_number": ("steuernummer", "steuer_id"),
    "insurance_number": ("versicherungsnummer", "svnr"),
    "plate": ("kennzeichen",),
}


def categories(tables: Iterable[TableFacts]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(whom the rows speak of, which kinds of data), each once."""
    who: list[str] = []
    what: list[str] = []
    for table in tables:
        roles = table.roles
        names = (*roles.direct, *roles.quasi, *roles.sensitive, *([roles.why] if roles.why else []))
        spoken = [str(words) for part, words in _WHO.items() if any(part in name for name in names)]
        who += spoken or ([_("People whom the rows are about")] if roles.people else [])
        who += [_("People who answer for a matter")] if roles.contacts else []
        groups = (
            (_("who somebody is"), roles.direct),
            (_("who answers for it"), roles.contacts),
            (_("features of people"), roles.quasi if roles.people else ()),
            (_("what is sensitive"), roles.sensitive if roles.people else ()),
        )
        what += [f"{words} ({', '.join(columns)})" for words, columns in groups if columns]
        what += [f"{_IDENTIFIERS[kind]} ({', '.join(columns)})" for kind, columns in _identifiers(table).items()]
        what += [_("places")] if table.placed and roles.people else []
    return tuple(dict.fromkeys(who)), tuple(dict.fromkeys(what))


def _identifiers(table: TableFacts) -> dict[str, list[str]]:
    """Columns by the kind of what is in them: what the gate found, and what they are called."""
    found = {kind: list(columns) for kind, columns in table.identifiers.items()}
    for kind, parts in _NAMED.items():
        for name in table.columns:
            if any(part in name for part in parts) and name not in found.get(kind, []):
                found.setdefault(kind, []).append(name)
    return found


def measures_of(facts: DatasetFacts) -> tuple[str, ...]:
    """What protects a dataset, as it is set up."""
    found = {
        "protected": _("Only clerks and data stewards of the office can read it; for others it does not exist."),
        "shared": _("Only members of the named organisations can read it; for others it does not exist."),
        "open": _("A publication gate examines rows before they become open."),
    }
    said = [found[facts.dataset.access_class]]
    for table in facts.tables:
        if table.withheld:
            said.append(_("Never published: %(columns)s.") % {"columns": ", ".join(table.withheld)})
        said += [f"{remedy_words(each)}." for each in table.remedies]
        if table.overridden:
            said.append(_("Two people published it although the gate said stop; the reason is on the audit trail."))
    if settings.PUBLIC_URL.startswith("https://"):
        said.append(_("Connections are encrypted."))
    said.append(_("Changes are kept on an audit trail that shows if somebody tampers with it."))
    return tuple(dict.fromkeys(said))
