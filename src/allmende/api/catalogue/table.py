"""The addresses of the catalogue's metadata, each with its action."""

from collections.abc import Awaitable, Callable
from typing import Any

from allmende.api.catalogue import documents, feed, quality
from allmende.api.endpoints import NoQuery, Operation

_READ = "catalogue:read"
PREFIX = "/api/catalogue"


def _get(path: str, handler: Callable[..., Awaitable[Any]], query: type, summary: str) -> Operation:
    return Operation("GET", path, _READ, summary, handler, query)


# At the root, where harvesters look for them.
DOCUMENTS = (
    _get("/catalogue.ttl", documents.show_turtle, documents.DocumentQuery, "The catalogue as Turtle"),
    _get("/catalogue.jsonld", documents.show_json_ld, documents.DocumentQuery, "The catalogue as JSON-LD"),
    _get("/catalogue.xml", documents.show_xml, documents.DocumentQuery, "The catalogue as RDF/XML"),
)
OPERATIONS = (
    *DOCUMENTS,
    _get(PREFIX, documents.show_asked, documents.DocumentQuery, "The catalogue"),
    _get(f"{PREFIX}/datasets/{{id}}", documents.show_dataset, NoQuery, "A dataset"),
    _get(f"{PREFIX}/datasets/{{id}}/quality", quality.show_quality, NoQuery, "How well a dataset is described"),
    _get(f"{PREFIX}/feed.atom", feed.show_feed, feed.FeedQuery, "What is new"),
    _get(f"{PREFIX}/sitemap.xml", feed.show_sitemap, NoQuery, "The pages of all datasets"),
)
OUTSIDE = frozenset(operation.path for operation in DOCUMENTS)  # what the data plane answers beside /api/
