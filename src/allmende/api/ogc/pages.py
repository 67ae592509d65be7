"""Answers: JSON, and small plain pages of the same content for people who follow a link."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from django.utils import translation
from django.utils.translation import gettext as _
from starlette.responses import Response

from allmende.api.ogc.asking import HTML, JSON, Link

_encode = msgspec.json.Encoder().encode
_VARY = {"Vary": "Accept, Accept-Language, Authorization, Cookie"}
_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:70rem;margin:1rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:left}"
    ".wide{overflow-x:auto}"
)
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def answer(document: Any, media: str = JSON, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(_encode(document), 200, {**_VARY, **(headers or {})}, media)


def landing_page(document: dict[str, Any], spoken: str) -> Response:
    """The landing page."""
    return _page(document["title"], lambda: _paragraph(document["description"]), document["links"], spoken)


def conformance_page(classes: Iterable[str], links: list[Link], spoken: str) -> Response:
    """The requirements classes."""
    body = "".join(f"<li>{_linked(each, each)}</li>" for each in classes)
    with translation.override(spoken):
        title = _("Requirements classes that hold")
    return _page(title, lambda: f"<ul>{body}</ul>", links, spoken)


def collections_page(found: list[dict[str, Any]], links: list[Link], spoken: str) -> Response:
    """The list of collections."""

    def body() -> str:
        items = [f"<li>{_linked(each['links'][0]['href'] + '?f=html', each['title'])}</li>" for each in found]
        return f"<ul>{''.join(items)}</ul>" if items else _paragraph(_("Nothing is published yet."))

    with translation.override(spoken):
        title = _("Layers")
    return _page(title, body, links, spoken)


def collection_page(document: dict[str, Any], spoken: str) -> Response:
    """One collection."""
    return _page(document["title"], lambda: _paragraph(document.get("description", "")), document["links"], spoken)


def schema_page(title: str, what: str, properties: dict[str, Any], links: list[Link], spoken: str) -> Response:
    """Properties with their types."""

    def body() -> str:
        heads = (_("Property"), _("Title"), _("Type"), _("Unit"))
        rows = [
            (name, each.get("title", ""), each.get("format", each.get("type", "")), each.get("x-ogc-unit", ""))
            for name, each in properties.items()
        ]
        return _table(heads, [[escape(str(cell)) for cell in row] for row in rows])

    return _page(f"{title}: {what}", body, links, spoken)


def items_page(title: str, document: dict[str, Any], names: tuple[str, ...], spoken: str) -> Response:
    """A page of features as a table."""

    def body() -> str:
        here = urlsplit(document["links"][0]["href"])._replace(query="").geturl()
        rows = [
            [_linked(f"{here}/{quote(str(each['id']), safe='')}?f=html", str(each["id"]))]
            + [escape(_cell(each["properties"][name])) for name in names]
            for each in document["features"]
        ]
        counted = _("%(returned)s of %(matched)s features") % {
            "returned": document["numberReturned"],
            "matched": document["numberMatched"],
        }
        return _paragraph(counted) + _table(("id", *names), rows)

    return _page(title, body, document["links"], spoken)


def tiles_page(title: str, links: list[Link], spoken: str) -> Response:
    """What tiles there are."""
    return _page(title, lambda: _paragraph(_("Vector tiles for maps, WebMercatorQuad.")), links, spoken)


def item_page(title: str, feature: dict[str, Any], spoken: str) -> Response:
    """One feature."""

    def body() -> str:
        rows = [[escape(name), escape(_cell(value))] for name, value in feature["properties"].items()]
        rows.append(["geometry", escape(_encode(feature["geometry"]).decode()[:2_000])])
        return _table((_("Property"), _("Value")), rows)

    return _page(f"{title}: {feature['id']}", body, feature["links"], spoken)


def _page(title: str, body: Callable[[], str], links: list[Link], spoken: str) -> Response:
    with translation.override(spoken):
        items = [f"<li>{_linked(each['href'], each['rel'])} ({escape(each['type'])})</li>" for each in links]
        text = (
            f'<!DOCTYPE html><html lang="{spoken}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
            f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body()}"
            f"<h2>{escape(_('Links'))}</h2><ul>{''.join(items)}</ul></main></body></html>"
        )
    return Response(text, 200, {**_VARY, **_SAFE, "Content-Language": spoken}, HTML)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def _linked(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def _table(heads: Iterable[str], rows: Iterable[list[str]]) -> str:
    """heads: plain; cells: HTML already."""
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide" tabindex="0"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return _encode(value).decode() if isinstance(value, dict | list | msgspec.Raw) else str(value)
