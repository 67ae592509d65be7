"""Organisations, groups, tags and licences in CKAN's manner: what is named by datasets that the reader may see."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from allmende.api.catalogue.ckan.asking import LARGEST_PAGE, Asked, not_found
from allmende.api.catalogue.ckan.packages import Json, group, licence_entry, organization, package, tag
from allmende.api.catalogue.facts import some_facts
from allmende.catalogue.dcat.facts import OwnerFacts
from allmende.catalogue.dcat.search import facets, licence_id, search
from allmende.catalogue.licences import licences
from allmende.catalogue.queries import visible_datasets
from allmende.catalogue.vocabulary import THEMES
from allmende.core.texts import pick

_OWNER = ("owner__code", "owner__name", "owner__homepage", "owner__sector")


def organization_list(asked: Asked) -> list[Any]:
    """The offices and others that own datasets; names, or with `all_fields` in full."""
    found = _owners(asked)
    return _page(asked, [organization(asked.town, owner) | {"package_count": n} for owner, n in found])


def organization_show(asked: Asked) -> Json:
    """One of them; with `include_datasets` its datasets, too."""
    wanted = asked.required("id")
    for owner, number in _owners(asked):
        if owner.code == wanted:
            shown = organization(asked.town, owner) | {"package_count": number, "users": [], "extras": []}
            return shown | _packages(asked, f'organization:"{wanted}"')
    raise not_found()


def group_list(asked: Asked) -> list[Any]:
    """The themes of datasets, which are what GovData uses groups for; names, or with `all_fields` in full."""
    counts = _counts(asked, "groups")
    return _page(
        asked,
        [
            group(term, key) | {"package_count": counts[key.lower()]}
            for key, term in THEMES.items()
            if counts[key.lower()]
        ],
    )


def group_show(asked: Asked) -> Json:
    """One theme; with `include_datasets` its datasets, too."""
    key = asked.required("id").upper()
    if key not in THEMES:
        raise not_found()
    shown = group(THEMES[key], key) | {"package_count": _counts(asked, "groups")[key.lower()]}
    return shown | {"type": "group", "users": [], "extras": []} | _packages(asked, f"groups:{key}")


def tag_list(asked: Asked) -> list[Any]:
    """The keywords of datasets, those with `query` in them; with `all_fields` in full."""
    query = asked.text("query").casefold()
    found = sorted(name for name in _counts(asked, "tags") if query in name.casefold())
    return [tag(name) for name in found] if asked.flag("all_fields") else found


def tag_show(asked: Asked) -> Json:
    """One keyword; with `include_datasets` its datasets, too."""
    wanted = asked.required("id")
    if wanted not in _counts(asked, "tags"):
        raise not_found()
    return tag(wanted) | _packages(asked, 'tags:"' + wanted.replace('"', "") + '"')


def license_list(asked: Asked) -> list[Json]:
    """The licences that datasets may have."""
    return [licence_entry(each) for each in licences()]


def display_names(asked: Asked, facet: str) -> dict[str, str]:
    """What a reader sees of a facet's values; those that are not here are shown as they are."""
    if facet == "groups":
        return {key.lower(): term.name["de"] for key, term in THEMES.items()}
    if facet == "organization":
        return {owner.code: pick(owner.name, "de") for owner, _ in _owners(asked)}
    if facet == "license_id":
        return {licence_id(each.uri): each.name for each in licences()}
    return {}


def _owners(asked: Asked) -> list[tuple[OwnerFacts, int]]:
    rows = visible_datasets(asked.actor).exclude(owner=None).order_by("owner_id").values_list(*_OWNER)
    counts: Counter[str] = Counter()
    owners = {}
    for code, name, homepage, sector in rows:
        counts[code] += 1
        owners[code] = OwnerFacts(code, name, homepage, sector)
    return [(owners[code], number) for code, number in counts.items()]


def _counts(asked: Asked, facet: str) -> Counter[str]:
    return facets(visible_datasets(asked.actor), [facet], 0)[facet]


def _page(asked: Asked, found: Iterable[Json]) -> list[Any]:
    shown = sorted(found, key=lambda each: str(each["name"]))
    begin, limit = asked.number("offset", 0), asked.number("limit", LARGEST_PAGE, LARGEST_PAGE)
    page = shown[begin : begin + limit]
    return page if asked.flag("all_fields") else [each["name"] for each in page]


def _packages(asked: Asked, query: str) -> Json:
    if not asked.flag("include_datasets"):
        return {}
    found = search(visible_datasets(asked.actor), query).order_by("slug")[:LARGEST_PAGE]
    return {"packages": [package(asked.town, facts) for facts in some_facts(asked.actor, list(found))]}
