"""A dataset in the words of schema.org, as search engines for datasets read it from a page."""

from typing import Any

from allmende.catalogue.dcat.describing import SIMULATED
from allmende.catalogue.dcat.distributions import formats, licence_of
from allmende.catalogue.dcat.facts import ColumnEntry, DatasetFacts, TownFacts
from allmende.catalogue.dcat.statements import web_address
from allmende.catalogue.licences import licence
from allmende.core.texts import pick

Json = dict[str, Any]
_MOST_VARIABLES = 100
_SHORTEST, _LONGEST = 50, 5000  # characters of a description, as Google's guide for datasets asks


def schema_org(town: TownFacts, dataset: DatasetFacts, language: str = "de") -> Json:
    """The object for the page in this language. Pure; what is not known is left out."""
    known = licence(licence_of(dataset).iri)
    made = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": town.addresses.dataset(dataset.code),
        "url": town.addresses.page(dataset.slug, language),
        "identifier": dataset.code,
        "name": pick(dataset.title, language) or dataset.slug,
        "alternateName": _other(dataset, language),
        "description": _description(town, dataset, language),
        "inLanguage": language,
        "keywords": [str(each) for each in dataset.keywords],
        "license": (known.text or known.uri) if known else licence_of(dataset).iri,
        "creditText": dataset.attribution,
        "isAccessibleForFree": dataset.access == "open",
        "creator": _publisher(town, dataset, language),
        "publisher": _publisher(town, dataset, language),
        "datePublished": dataset.issued.date().isoformat(),
        "dateModified": dataset.modified.date().isoformat(),
        "temporalCoverage": _span(dataset),
        "spatialCoverage": _place(dataset),
        "version": str(dataset.version.number) if dataset.version else "",
        "isBasedOn": source.iri if (source := web_address(dataset.source_url)) else "",
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": town.addresses.catalogue, "name": town.name},
        "distribution": _files(town, dataset, language),
        "variableMeasured": [
            _variable(column, language) for table in dataset.tables for column in table.columns[:_MOST_VARIABLES]
        ],
    }
    return {name: value for name, value in made.items() if value not in ("", [], None)}


def _other(dataset: DatasetFacts, language: str) -> str:
    other = pick(dataset.title, "en" if language == "de" else "de")
    return "" if other == pick(dataset.title, language) else other


def _description(town: TownFacts, dataset: DatasetFacts, language: str) -> str:
    """Search engines take none that is very short; then the publisher is named, too."""
    said = [pick(dataset.description, language) or pick(dataset.title, language) or dataset.slug]
    if dataset.simulated:
        said.append(SIMULATED[language])
    if len(" ".join(said)) < _SHORTEST:
        publisher = _publisher(town, dataset, language)["name"]
        said.append(f"Offene Daten von {publisher}." if language == "de" else f"Open data of {publisher}.")
    return " ".join(said)[:_LONGEST]


def _publisher(town: TownFacts, dataset: DatasetFacts, language: str) -> Json:
    owner = dataset.owner
    made: Json = {"@type": "Organization", "name": pick(owner.name, language) if owner else town.name or "Allmende"}
    if owner and (home := web_address(owner.homepage)):
        made["url"] = home.iri
    if dataset.contact_email:
        made["contactPoint"] = {
            "@type": "ContactPoint",
            "email": dataset.contact_email,
            "name": dataset.contact_name or made["name"],
        }
    return made


def _span(dataset: DatasetFacts) -> str:
    """An interval of ISO 8601, open where one end is not known."""
    if not (dataset.begins or dataset.ends):
        return ""
    begin, end = (day.isoformat() if day else ".." for day in (dataset.begins, dataset.ends))
    return f"{begin}/{end}"


def _place(dataset: DatasetFacts) -> Json | None:
    made: Json = {"@type": "Place"}
    if dataset.place:
        made["name"] = dataset.place
    if uri := web_address(dataset.place_uri):
        made["sameAs"] = uri.iri
    if dataset.bbox:
        west, south, east, north = dataset.bbox
        made["geo"] = {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}  # latitude first
    return made if len(made) > 1 else None


def _files(town: TownFacts, dataset: DatasetFacts, language: str) -> list[Json]:
    return [
        {
            "@type": "DataDownload",
            "name": f"{pick(table.title, language) or table.name} ({each.name[language]})",
            "contentUrl": town.addresses.download(dataset.slug, table.name, each.key),
            "encodingFormat": each.media,
        }
        for table in dataset.tables
        for each in formats(table)
    ]


def _variable(column: ColumnEntry, language: str) -> Json:
    made = {
        "@type": "PropertyValue",
        "name": pick(column.title, language) or column.name,
        "description": pick(column.description, language),
        "unitText": column.unit,
    }
    return {name: value for name, value in made.items() if value}
