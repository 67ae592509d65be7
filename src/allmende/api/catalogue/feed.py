"""What is new, as an Atom feed (RFC 4287), and the addresses of all pages of datasets as a sitemap."""

from typing import Annotated, Literal
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from django.utils.feedgenerator import Atom1Feed
from msgspec import Meta, Struct
from starlette.responses import Response

from allmende.accounts.actors import Actor
from allmende.api.catalogue.documents import HEADERS
from allmende.api.catalogue.facts import known_dataset
from allmende.api.endpoints import Call, NoQuery
from allmende.api.threads import in_thread
from allmende.catalogue import dcat
from allmende.catalogue.dcat.describing import SIMULATED
from allmende.catalogue.dcat.news import News, news, page_moments
from allmende.catalogue.dcat.statements import words
from allmende.catalogue.queries import visible_datasets
from allmende.core.texts import pick

_ENTRIES = 100
_YEAR = 2026  # of tag URIs (RFC 4151): when our addresses began; it never changes
_MOST = 50_000  # addresses in a sitemap, by its protocol; each page has one in two languages
_WORDS = {
    "de": {
        "title": "Neues im Datenkatalog",
        "version": "Fassung",
        "new": "neuer Datensatz",
        "changes": "{} Zeilen neu, {} weggefallen, {} geändert.",
        "rows": "{} Zeilen.",
    },
    "en": {
        "title": "What is new in the catalogue",
        "version": "version",
        "new": "new dataset",
        "changes": "{} rows added, {} removed, {} changed.",
        "rows": "{} rows.",
    },
}


class FeedQuery(Struct, forbid_unknown_fields=True):
    """Parameters of the feed."""

    language: Annotated[Literal["de", "en"], Meta(description="de or en")] = "de"
    dataset: Annotated[str, Meta(description="Only this dataset (code or slug)")] = ""


async def show_feed(call: Call, query: FeedQuery) -> Response:
    """The hundred newest versions and datasets."""
    text = await in_thread(_feed, call.actor, query)
    return Response(text, 200, HEADERS, "application/atom+xml; charset=utf-8")


async def show_sitemap(call: Call, query: NoQuery) -> Response:
    """The pages of all datasets, for search engines."""
    return Response(await in_thread(_sitemap, call.actor), 200, HEADERS, "application/xml; charset=utf-8")


def _feed(actor: Actor, query: FeedQuery) -> str:
    """Of the catalogue, or of one dataset. Raises Problem 404."""
    language, only = query.language, known_dataset(actor, query.dataset) if query.dataset else None
    town, spoken = dcat.town_facts(), _WORDS[language]
    asked = {"language": "en"} if language == "en" else {}
    asked |= {"dataset": only.slug} if only else {}
    address = f"{town.addresses.catalogue}/feed.atom"
    title = pick(only.title, language) if only else spoken["title"]
    feed = Atom1Feed(
        title=title + (f" – {town.name}" if town.name else ""),
        link=town.addresses.page(only.slug, language) if only else town.addresses.home(language),
        description="",
        language=language,
        author_name=town.name or "Allmende",
        feed_url=f"{address}?{urlencode(asked)}" if asked else address,
        feed_guid=_tag(town, f"{language}/{only.code if only else 'catalogue'}"),
    )
    datasets = visible_datasets(actor)
    for each in news(datasets.filter(pk=only.pk) if only else datasets, _ENTRIES):
        link = town.addresses.version(each.slug, each.number, language) if each.number else ""
        feed.add_item(
            title=_clean(f"{pick(each.title, language) or each.slug}: {_what(each, spoken)}"),
            link=link or town.addresses.page(each.slug, language),
            description=_clean(_said(each, language)),
            unique_id=_tag(town, f"{language}/{each.code}/{each.number}"),
            pubdate=each.when,
            updateddate=each.when,
        )
    return str(feed.writeString("utf-8"))


def _what(each: News, spoken: dict[str, str]) -> str:
    return f"{spoken['version']} {each.number}" if each.number else spoken["new"]


def _said(each: News, language: str) -> str:
    spoken = _WORDS[language]
    said = [pick(each.note, language) or pick(each.description, language)]
    if each.changes:
        said.append(spoken["changes"].format(*each.changes))
    elif each.number:
        said.append(spoken["rows"].format(each.rows))
    if each.simulated:
        said.append(SIMULATED[language])
    return " ".join(part for part in said if part)


def _clean(text: str) -> str:
    """Without characters that XML cannot hold."""
    found = words(text)
    return found.value if found else ""


def _tag(town: dcat.TownFacts, name: str) -> str:
    """A name that stays, whatever becomes of addresses."""
    return f"tag:{urlsplit(town.addresses.root).hostname or 'localhost'},{_YEAR}:{name}"


def _sitemap(actor: Actor) -> str:
    town = dcat.town_facts()
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ]
    for slug, changed in page_moments(visible_datasets(actor)):
        for language in ("de", "en"):
            address = escape(town.addresses.page(slug, language))
            lines.append(f"<url><loc>{address}</loc><lastmod>{changed.isoformat()}</lastmod></url>")
        if len(lines) > _MOST:
            break
    return "\n".join([*lines, "</urlset>\n"])
