"""Finding datasets by what is described of them, in the small part of Solr's language that CKAN's clients use.

    Baum -tags:alt organization:(parks OR "city works") metadata_modified:[2026-01-01T00:00:00Z TO *]

Words look at titles, descriptions and keywords; all conditions must hold, except where OR stands between them.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import IContains
from django.utils.dateparse import parse_datetime

from allmende.catalogue.licences import BASE
from allmende.catalogue.models import Dataset, Part, Version, VersionState
from allmende.core.texts import VARIANTS


class WrongQuery(ValueError):
    """The query cannot be read; the message says where."""


FACETS = ("organization", "groups", "tags", "license_id", "res_format")
_TERM = re.compile(
    r"""(?P<sign>[+\-!])?(?:(?P<field>[A-Za-z_.]+):)?
    (?:"(?P<quoted>[^"]*)"|\[(?P<low>\S+)\s+TO\s+(?P<high>\S+)\]|\((?P<group>[^()]*)\)|(?P<word>[^\s()"\[\]]+))""",
    re.VERBOSE,
)
_LONGEST = 2000
_PLACED = ("GEOJSON", "GPKG", "GEOPACKAGE")
_FILES = ("CSV", "JSON", "PARQUET")


def search(datasets: QuerySet[Dataset], *queries: str) -> QuerySet[Dataset]:
    """Those of the datasets that fit all queries. Raises WrongQuery."""
    for query in queries:
        if len(query) > _LONGEST:
            raise WrongQuery(f"The query is longer than {_LONGEST} characters.")
        if query.strip() and query.strip() != "*:*":
            datasets = datasets.filter(_condition(query))
    return datasets


def facets(datasets: QuerySet[Dataset], wanted: Iterable[str], limit: int) -> dict[str, Counter[str]]:
    """How many of the datasets have each value, for these facets. Unknown ones have none."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in wanted}
    columns = ("owner__code", "themes", "keywords", "licence")
    for owner, themes, keywords, licence in datasets.order_by().values_list(*columns):
        values = {
            "organization": [owner] if owner else [],
            "groups": [str(each).lower() for each in themes],
            "tags": [str(each) for each in keywords],
            "license_id": [licence_id(licence)] if licence else [],
        }
        for name, counter in counts.items():
            counter.update(values.get(name, ()))
    if "res_format" in counts:
        for kind in (*_FILES, "GEOJSON", "GPKG"):
            if number := datasets.filter(_format(kind)).order_by().count():
                counts["res_format"][kind] = number
    return {name: Counter(dict(counter.most_common(limit or None))) for name, counter in counts.items()}


def licence_id(uri: str) -> str:
    """A licence as CKAN names it: the end of its URI on GovData's list."""
    return uri.removeprefix(BASE)


def _condition(query: str) -> Q:
    """The parts between OR, each of which is a row of conditions."""
    found = Q()
    for part in re.split(r"\s+(?:OR|\|\|)\s+(?![^()]*\))", query):
        found |= _row(part)
    return found


def _row(text: str) -> Q:
    conditions, place, negated = Q(), 0, False
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        found = _TERM.match(text, place)
        if found is None:
            raise WrongQuery(f"Not understood from here: {text[place : place + 40]}")
        place = found.end()
        if found["word"] in ("AND", "&&") and not found["field"]:
            continue
        if found["word"] == "NOT" and not found["field"]:
            negated = True
            continue
        condition = _one(found)
        conditions &= _not(condition) if negated or found["sign"] in ("-", "!") else condition
        negated = False
    return conditions


def _not(condition: Q) -> Q:
    """Those that do not fit, also where there is nothing that could: SQL's NOT leaves unknown what is null."""
    return ~Q(pk__in=Dataset.objects.filter(condition).order_by().values("pk"))


def _one(found: re.Match[str]) -> Q:
    field = found["field"] or ""
    if found["low"] is not None:
        return _range(field, found["low"], found["high"])
    if found["group"] is not None:
        return _group(field, found["group"])
    return _value(field, found["quoted"] if found["quoted"] is not None else found["word"])


def _group(field: str, text: str) -> Q:
    """Values in brackets: any of them where OR stands between, else all."""
    values = [match["quoted"] if match["quoted"] is not None else match["word"] for match in _TERM.finditer(text)]
    every, condition = " OR " not in text, Q()
    for value in values:
        if value and value not in ("OR", "AND"):
            condition = condition & _value(field, value) if every else condition | _value(field, value)
    return condition


def _range(field: str, low: str, high: str) -> Q:
    if field not in ("metadata_modified", "metadata_created"):
        raise WrongQuery(f"There are no ranges of '{field}', only of metadata_modified and metadata_created.")
    column = "changed" if field == "metadata_modified" else "created"
    condition = Q()
    for text, comparison in ((low, "gte"), (high, "lte")):
        if text != "*":
            condition &= Q(**{f"{column}__{comparison}": _moment(text)})
    return condition


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text.strip('"'))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise WrongQuery(f"'{text}' is no moment such as 2026-01-01T00:00:00Z.")
    return found


def _value(field: str, value: str) -> Q:
    if value == "*":
        return Q()
    known = _FIELDS.get(field)
    if known is None:
        raise WrongQuery(f"There is no field '{field}'; known are {', '.join(sorted(filter(None, _FIELDS)))}.")
    return known(value.replace("\x00", ""))


def _any(*conditions: Q) -> Q:
    return Q(*conditions, _connector=Q.OR)


def _local(column: str, value: str) -> Q:
    # Asked per variant, because JSON columns hold umlauts escaped.
    return _any(*(Q(**{f"{column}__{variant}__icontains": value}) for variant in VARIANTS))


def _words(value: str) -> Q:
    bare = value.strip("*~^?")
    return _any(
        _local("title", bare),
        _local("description", bare),
        Q(slug__icontains=bare),
        Q(code=bare),
        _listed("keywords", bare),
    )


def _listed(column: str, value: str, around: str = "") -> Q:
    """Whether a list of texts holds one with this value in it; around: a quotation mark where it must be all of it.
    SQLite keeps umlauts escaped, PostgreSQL does not."""
    spellings = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    as_text = Cast(column, TextField())
    return _any(*(Q(IContains(as_text, f"{around}{each}{around}")) for each in sorted(spellings)))


def _format(value: str) -> Q:
    kind = value.upper()
    if kind not in (*_FILES, *_PLACED):
        return Q(pk__in=[])
    newest = Version.objects.filter(dataset=OuterRef(OuterRef("pk")), state=VersionState.PUBLISHED).order_by("-number")
    parts = Part.objects.filter(version=newest.values("pk")[:1]).exclude(published="")
    return Q(Exists(parts.exclude(geometry={}) if kind in _PLACED else parts))


_FIELDS: dict[str, Callable[[str], Q]] = {
    "": _words,
    "text": _words,
    "name": lambda value: Q(slug=value),
    "id": lambda value: Q(code=value),
    "title": lambda value: _local("title", value),
    "notes": lambda value: _local("description", value),
    "tags": lambda value: _listed("keywords", value, '"'),
    "groups": lambda value: _listed("themes", value.upper(), '"'),
    "organization": lambda value: _any(Q(owner__code=value), Q(owner__key=value)),
    "owner_org": lambda value: Q(owner__code=value),
    "license_id": lambda value: _any(Q(licence=BASE + value), Q(licence=value)),
    "res_format": _format,
    "private": lambda value: Q(access_class="open") if value == "false" else ~Q(access_class="open"),
    # Every dataset is one of these.
    "type": lambda value: Q() if value == "dataset" else Q(pk__in=[]),
    "dataset_type": lambda value: Q() if value == "dataset" else Q(pk__in=[]),
    "state": lambda value: Q() if value == "active" else Q(pk__in=[]),
    "capacity": lambda value: Q(access_class="open") if value == "public" else ~Q(access_class="open"),
    "entity_type": lambda value: Q() if value == "package" else Q(pk__in=[]),
}
