"""The catalogue and single datasets as DCAT-AP.de, streamed: `/catalogue.ttl`, `/api/catalogue/datasets/NAME.ttl` and
the like, or, without an ending, in the dress that the reader asks for."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from django.db.models import Max
from msgspec import Meta, Struct
from starlette.responses import RedirectResponse, Response, StreamingResponse

from allmende.accounts.actors import Actor
from allmende.api.catalogue.facts import all_facts, known_dataset, some_facts
from allmende.api.endpoints import Call, NoQuery
from allmende.api.problems import not_found
from allmende.api.threads import in_thread
from allmende.catalogue import dcat
from allmende.catalogue.dcat import Dress
from allmende.catalogue.queries import visible_datasets

PAGE = 100
# What one reader sees another may not, so no cache on the way may mix them up.
HEADERS = {"Vary": "Accept, Authorization, Cookie", "Cache-Control": "no-cache"}
_ASKED = {"text/turtle": Dress.TURTLE, "application/ld+json": Dress.JSON_LD, "application/rdf+xml": Dress.XML}


class DocumentQuery(Struct, forbid_unknown_fields=True):
    """Parameters of the catalogue as a document."""

    page: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None, Meta(description="Only this page of a hundred; without: all")
    ] = None


async def show_turtle(call: Call, query: DocumentQuery) -> Response:
    """The catalogue as Turtle."""
    return await _catalogue(call, query, Dress.TURTLE)


async def show_json_ld(call: Call, query: DocumentQuery) -> Response:
    """The catalogue as JSON-LD."""
    return await _catalogue(call, query, Dress.JSON_LD)


async def show_xml(call: Call, query: DocumentQuery) -> Response:
    """The catalogue as RDF/XML."""
    return await _catalogue(call, query, Dress.XML)


async def show_asked(call: Call, query: DocumentQuery) -> Response:
    """The catalogue in the dress that the reader asks for; Turtle if in none."""
    return await _catalogue(call, query, _dress(call) or Dress.TURTLE)


async def show_dataset(call: Call, query: NoQuery) -> Response:
    """One dataset with its versions; a browser is led to its page."""
    name, dot, ending = call.path("id").rpartition(".")
    if dot and ending not in set(Dress):
        raise not_found(f"There is nothing at {call.request.url.path}; known endings are {', '.join(Dress)}.")
    dataset = await in_thread(known_dataset, call.actor, name if dot else ending)
    town = dcat.town_facts()
    dress = Dress(ending) if dot else _dress(call)
    if dress is None and "text/html" in call.request.headers.get("accept", ""):
        return RedirectResponse(town.addresses.page(dataset.slug), 303, HEADERS)
    (facts,) = await in_thread(some_facts, call.actor, [dataset])
    return document(
        dcat.write(dcat.single_nodes(town, facts), dress or Dress.TURTLE), dcat.MEDIA[dress or Dress.TURTLE]
    )


async def _catalogue(call: Call, query: DocumentQuery, dress: Dress) -> Response:
    pieces = await in_thread(_pieces, call.actor, query.page, dress)
    return document(pieces, dcat.MEDIA[dress])


def _pieces(actor: Actor, number: int | None, dress: Dress) -> Iterator[bytes]:
    town, datasets = dcat.town_facts(), visible_datasets(actor)
    changed = datasets.aggregate(newest=Max("changed"))["newest"]
    if number is None:
        return dcat.write(dcat.catalogue_nodes(town, all_facts(actor), changed), dress)
    page = dcat.Page(number, PAGE, datasets.count(), dress.value)
    # In the order of age, so that what is added meanwhile moves nothing to another page.
    found = list(datasets.order_by("pk")[(number - 1) * PAGE : number * PAGE])
    return dcat.write(dcat.catalogue_nodes(town, some_facts(actor, found), changed, page), dress)


def _dress(call: Call) -> Dress | None:
    """The first dress that the Accept header names."""
    for part in call.request.headers.get("accept", "").lower().split(","):
        if dress := _ASKED.get(part.partition(";")[0].strip()):
            return dress
    return None


def document(pieces: Iterator[bytes], media: str) -> Response:
    """A stream whose pieces are made in threads."""
    return StreamingResponse(_in_threads(pieces), media_type=media, headers=HEADERS)


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await in_thread(next, pieces, None)) is not None:
        yield piece
