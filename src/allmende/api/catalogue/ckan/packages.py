"""Datasets and their distributions in CKAN's shapes: pure, from facts."""

import json
from collections.abc import Iterator
from typing import Any

from allmende.catalogue.dcat import DatasetFacts, TownFacts
from allmende.catalogue.dcat.distributions import FORMATS, Format, formats, licence_of, rights_of
from allmende.catalogue.dcat.facts import OwnerFacts, TableFacts
from allmende.catalogue.dcat.search import licence_id
from allmende.catalogue.licences import Licence, licence
from allmende.catalogue.vocabulary import ACCESS_RIGHTS, FREQUENCIES, LANGUAGES, THEMES, Term
from allmende.core.texts import pick

Json = dict[str, Any]
_RIGHTS = {"open": "PUBLIC", "shared": "RESTRICTED", "protected": "NON_PUBLIC"}
FILES = {each.key: each for each in FORMATS}


def package(town: TownFacts, dataset: DatasetFacts) -> Json:
    """A dataset."""
    ways = list(resources(town, dataset))
    tags = [tag(str(each)) for each in dict.fromkeys(dataset.keywords) if str(each).strip()]
    known = licence(licence_of(dataset).iri)
    return {
        "id": dataset.code,
        "name": dataset.slug,
        "title": pick(dataset.title, "de") or dataset.slug,
        "title_translated": {key: dataset.title[key] for key in ("de", "en") if dataset.title.get(key)},
        "notes": pick(dataset.description, "de"),
        "notes_translated": {key: dataset.description[key] for key in ("de", "en") if dataset.description.get(key)},
        "type": "dataset",
        "state": "active",
        "private": dataset.access != "open",
        "author": pick(dataset.owner.name, "de") if dataset.owner else town.name,
        "author_email": dataset.contact_email,
        "maintainer": dataset.contact_name,
        "maintainer_email": dataset.contact_email,
        "license_id": licence_id(licence_of(dataset).iri),
        "license_title": known.name if known else dataset.licence,
        "license_url": (known.text or known.uri) if known else licence_of(dataset).iri,
        "isopen": known.open if known else False,
        "metadata_created": stamp(dataset.created),
        "metadata_modified": stamp(dataset.modified),
        "owner_org": dataset.owner.code if dataset.owner else None,
        "organization": organization(town, dataset.owner) if dataset.owner else None,
        "url": town.addresses.page(dataset.slug),
        "version": str(dataset.version.number) if dataset.version else "",
        "resources": ways,
        "num_resources": len(ways),
        "tags": tags,
        "num_tags": len(tags),
        "groups": [group(THEMES[key], key) for key in dataset.themes if key in THEMES],
        "extras": [{"key": key, "value": value} for key, value in _extras(town, dataset) if value],
        "creator_user_id": None,
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }


def stamp(moment: Any) -> str:
    """A moment as CKAN writes it: UTC, without saying so."""
    return str(moment.strftime("%Y-%m-%dT%H:%M:%S.%f"))


def resources(town: TownFacts, dataset: DatasetFacts) -> Iterator[Json]:
    """The distributions, files first, as in DCAT."""
    position = 0
    for table in dataset.tables:
        for each in formats(table):
            yield _file(town, dataset, table, each) | {"position": position}
            position += 1
        if table.placed:
            yield _collection(town, dataset, table) | {"position": position}
            position += 1
    if dataset.streams:
        yield _datastreams(town, dataset) | {"position": position}


def _file(town: TownFacts, dataset: DatasetFacts, table: TableFacts, format_: Format) -> Json:
    address = town.addresses.download(dataset.slug, table.name, format_.key)
    return _resource(dataset, f"{table.name}-{format_.key}", f"{_title(table)} ({format_.name['de']})") | {
        "url": address,
        "download_url": address,
        "format": format_.type,
        "mimetype": format_.media,
        "conforms_to": format_.standard,
        "size": table.size if format_.key == "parquet" and table.size else None,
        "datastore_active": True,
    }


def _collection(town: TownFacts, dataset: DatasetFacts, table: TableFacts) -> Json:
    address = town.addresses.collection(dataset.slug, table.name, len(dataset.tables) == 1)
    name = f"{_title(table)} (OGC API Features)"
    return _resource(dataset, f"{table.name}-features", name) | {
        "url": address,
        "format": "GEOJSON",
        "mimetype": "application/geo+json",
    }


def _datastreams(town: TownFacts, dataset: DatasetFacts) -> Json:
    return _resource(dataset, "observations", "Messwerte (JSON, SensorThings)") | {
        "url": town.addresses.datastreams(dataset.slug),
        "format": "JSON",
        "mimetype": "application/json",
    }


def _title(table: TableFacts) -> str:
    return pick(table.title, "de") or table.name


def resource_id(dataset: str, name: str) -> str:
    """The id of a distribution: the dataset's code and its name, which stay from version to version."""
    return f"{dataset}.{name}"


def _resource(dataset: DatasetFacts, name: str, title: str) -> Json:
    changed = dataset.version.published if dataset.version else dataset.changed
    rights = rights_of(dataset)
    return {
        "id": resource_id(dataset.code, name),
        "package_id": dataset.code,
        "name": title,
        "description": "",
        "state": "active",
        "created": stamp(dataset.issued),
        "last_modified": stamp(changed),
        "metadata_modified": stamp(changed),
        "license": licence_of(dataset).iri,
        "licenseAttributionByText": dataset.attribution,
        "rights": rights.value if rights else "",
        "hash": "",
        "size": None,
        "url_type": None,
        "resource_type": None,
        "cache_url": None,
        "cache_last_updated": None,
        "mimetype_inner": None,
        "datastore_active": False,
    }


def tag(name: str) -> Json:
    """A keyword."""
    return {"id": name, "name": name, "display_name": name, "state": "active", "vocabulary_id": None}


def group(theme: Term, key: str) -> Json:
    """A theme, which is what GovData uses groups for."""
    name = key.lower()
    title = theme.name["de"]
    return {"id": name, "name": name, "title": title, "display_name": title, "description": "", "image_display_url": ""}


def organization(town: TownFacts, owner: OwnerFacts) -> Json:
    """An organisation."""
    title = pick(owner.name, "de") or owner.code
    return {
        "id": owner.code,
        "name": owner.code,
        "title": title,
        "display_name": title,
        "type": "organization",
        "description": "",
        "image_url": "",
        "image_display_url": "",
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }


def licence_entry(known: Licence) -> Json:
    """An entry of the list of licences."""
    return {
        "id": licence_id(known.uri),
        "title": known.name,
        "url": known.text or known.uri,
        "uri": known.uri,
        "status": "active",
        "family": "",
        "maintainer": "",
        "is_generic": str("other" in known.uri).lower(),
        "od_conformance": "approved" if known.open else "not reviewed",
        "osd_conformance": "not reviewed",
        "domain_content": "true",
        "domain_data": "true",
        "domain_software": "false",
    }


def _extras(town: TownFacts, dataset: DatasetFacts) -> Iterator[tuple[str, str]]:
    """What CKAN has no field for, under the names that its DCAT extension gives."""
    yield "uri", town.addresses.dataset(dataset.code)
    yield "identifier", dataset.code
    yield "issued", dataset.issued.isoformat()
    yield "modified", dataset.modified.isoformat()
    yield "language", json.dumps([LANGUAGES["DEU"].uri])
    yield "theme", json.dumps([THEMES[key].uri for key in dataset.themes if key in THEMES]) if dataset.themes else ""
    yield "frequency", FREQUENCIES[dataset.frequency].uri if dataset.frequency in FREQUENCIES else ""
    yield "access_rights", ACCESS_RIGHTS[_RIGHTS[dataset.access]].uri
    yield "temporal_start", dataset.begins.isoformat() if dataset.begins else ""
    yield "temporal_end", dataset.ends.isoformat() if dataset.ends else ""
    yield "spatial_uri", dataset.place_uri
    yield "spatial_text", dataset.place
    yield "spatial", json.dumps(_box(dataset.bbox)) if dataset.bbox else ""
    yield "publisher_name", pick(dataset.owner.name, "de") if dataset.owner else town.name
    yield "contact_name", dataset.contact_name
    yield "contact_email", dataset.contact_email
    yield "contributorID", json.dumps([town.contributor]) if town.contributor else ""
    yield "version_notes", pick(dataset.version.note, "de") if dataset.version else ""
    yield "source_url", dataset.source_url
    yield "simulated", "true" if dataset.simulated else ""


def _box(bbox: tuple[float, float, float, float]) -> Json:
    west, south, east, north = bbox
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [corners]}
