"""CKAN's reading actions about datasets, and the table of all of them."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from allmende import __version__
from allmende.api.catalogue.ckan import datastore, lists
from allmende.api.catalogue.ckan.asking import LARGEST_PAGE, ActionFault, Asked, not_found
from allmende.api.catalogue.ckan.packages import Json, package
from allmende.api.catalogue.facts import some_facts
from allmende.catalogue.dcat.search import FACETS, WrongQuery, facets, search
from allmende.catalogue.queries import Dataset, UnknownDataset, get_dataset, visible_datasets

_ORDERS = {
    "metadata_modified": "changed",
    "metadata_created": "created",
    "name": "slug",
    "title": "title__de",
    "title_string": "title__de",
    "id": "code",
}


def package_list(asked: Asked) -> list[str]:
    """The names of all datasets, in the order of the alphabet."""
    names = visible_datasets(asked.actor).order_by("slug").values_list("slug", flat=True)
    begin = asked.number("offset", 0)
    limit = asked.number("limit", 0)
    return list(names[begin : begin + limit] if limit else names[begin:])


def package_show(asked: Asked) -> Json:
    """The dataset with this id or name."""
    try:
        found = get_dataset(asked.actor, asked.required("id", "name_or_id"))
    except UnknownDataset:
        raise not_found() from None
    return _packages(asked, [found])[0]


def package_search(asked: Asked) -> Json:
    """Datasets that fit `q` and `fq`: `rows` of them from `start`, ordered by `sort`, with counts by `facet.field`."""
    queries = [asked.text("q"), asked.text("fq"), *asked.listed("fq_list")]
    wanted = [name for name in asked.listed("facet.field") if name in FACETS] if asked.flag("facet", True) else []
    begin, rows = asked.number("start", 0), asked.number("rows", 10, LARGEST_PAGE)
    try:
        found = search(visible_datasets(asked.actor), *queries)
        ordered = _ordered(found, asked.text("sort"))
        page = list(ordered[begin : begin + rows])
    except WrongQuery as error:
        raise ActionFault(400, "Search Query Error", f"Search Query is invalid: {error}") from error
    counts = facets(found, wanted, asked.number("facet.limit", 50))
    shown = {name: lists.display_names(asked, name) for name in counts}
    return {
        "count": found.order_by().count(),
        "sort": asked.text("sort") or "metadata_modified desc",
        "facets": {name: dict(counter) for name, counter in counts.items()},
        "search_facets": {
            name: {
                "title": name,
                "items": [
                    {"name": value, "display_name": shown[name].get(value, value), "count": number}
                    for value, number in counter.most_common()
                ],
            }
            for name, counter in counts.items()
        },
        "results": _packages(asked, page),
    }


def current_package_list_with_resources(asked: Asked) -> list[Json]:
    """All datasets in full, those that changed last first."""
    limit = asked.number("limit", LARGEST_PAGE, LARGEST_PAGE)
    begin = (asked.number("page", 1) - 1) * limit if "page" in asked.given else asked.number("offset", 0)
    found = visible_datasets(asked.actor).order_by("-changed", "-pk")
    return _packages(asked, list(found[max(begin, 0) : max(begin, 0) + limit]))


def resource_show(asked: Asked) -> Json:
    """The distribution with this id."""
    wanted = asked.required("id")
    try:
        dataset = get_dataset(asked.actor, wanted.partition(".")[0])
    except UnknownDataset:
        raise not_found() from None
    for resource in _packages(asked, [dataset])[0]["resources"]:
        if resource["id"] == wanted:
            return dict(resource)
    raise not_found()


def status_show(asked: Asked) -> Json:
    """What this is."""
    return {
        "ckan_version": "2.11.0",  # whose answers these are like
        "site_title": asked.town.name or "Allmende",
        "site_description": "",
        "site_url": asked.town.addresses.root,
        "error_emails_to": None,
        "locale_default": "de",
        "extensions": ["datastore"],
        "allmende_version": __version__,
    }


def site_read(asked: Asked) -> bool:
    """Whether anybody may read here: yes."""
    return True


def help_show(asked: Asked) -> str:
    """What an action does."""
    action = ACTIONS.get(asked.required("name"))
    if action is None:
        raise not_found("Action name not known")
    return action.__doc__ or ""


def _ordered(found: QuerySet[Dataset], sort: str) -> QuerySet[Dataset]:
    """Raises WrongQuery."""
    keys = []
    for part in sort.split(","):
        name, _, way = part.strip().partition(" ")
        if not name or name in ("score", "relevance", "views_recent"):
            continue  # nothing here is more fitting than another; what comes after decides
        if name not in _ORDERS or way.strip().lower() not in ("", "asc", "desc"):
            raise WrongQuery(f"There is no order '{part.strip()}'.")
        keys.append(("-" if way.strip().lower() == "desc" else "") + _ORDERS[name])
    return found.order_by(*(keys or ["-changed"]), "pk")


def _packages(asked: Asked, datasets: list[Dataset]) -> list[Json]:
    return [package(asked.town, facts) for facts in some_facts(asked.actor, datasets)]


ACTIONS: dict[str, Callable[[Asked], Any]] = {
    action.__name__: action
    for action in (
        package_list,
        package_show,
        package_search,
        current_package_list_with_resources,
        resource_show,
        lists.organization_list,
        lists.organization_show,
        lists.group_list,
        lists.group_show,
        lists.tag_list,
        lists.tag_show,
        lists.license_list,
        datastore.datastore_search,
        status_show,
        site_read,
        help_show,
    )
}
