"""Loading files: send one, see how it is understood, correct that, load it, see what became of it.

The same as the loading workspace of the pages, for scripts. A file whose dataset knows how to read it
loads in one call.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from django.conf import settings
from django.utils import translation
from msgspec import Meta, Struct, structs
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, Response

from allmende.accounts.permissions import require
from allmende.api.bodies import ClientGone, headers_of, text, too_large
from allmende.api.endpoints import Call, NoQuery, json
from allmende.api.problems import Problem, not_found
from allmende.api.threads import in_thread
from allmende.api.v1 import upload_shapes as shapes
from allmende.api.v1.jsonbody import body_of
from allmende.catalogue import uploads
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabling import TableProposal, Trial
from allmende.catalogue.loaders.tabular.recipe import TableHints
from allmende.catalogue.loaders.words import shown, words
from allmende.catalogue.queries import get_dataset

_PIECE = 1 << 20  # bytes that are written at once


class FileQuery(Struct, forbid_unknown_fields=True):
    """About the file that is sent."""

    name: Annotated[str, Meta(min_length=1, max_length=200, description="Its name, such as trees-2026.csv")]
    dataset: Annotated[str, Meta(description="The dataset it is for (slug or code)")] = ""
    load: Annotated[bool, Meta(description="Load it at once, as last time or as it is understood")] = False
    publish: Annotated[bool, Meta(description="With load: publish, unless something speaks against it")] = False


async def send_file(call: Call, query: FileQuery) -> Response:
    """Keeps a file that is to be loaded; the body is the file itself. Nothing is published by this alone."""
    incoming = await in_thread(_open, call, query)
    try:
        async for piece in _pieces(call):
            await in_thread(incoming.write, piece)
        upload = await in_thread(incoming.finish)
    finally:
        await in_thread(incoming.__exit__, None, None, None)
    if query.load:
        try:
            await in_thread(_begin, call, upload, shapes.LoadOrder(publish=query.publish))
        except Exception:
            await in_thread(uploads.drop_upload, call.actor, upload.code)  # who was refused need not tidy up
            raise
    made = await in_thread(_shown, call, upload.code)
    return json(made, 201, {"Location": f"/api/v1/uploads/{upload.code}"})


def _open(call: Call, query: FileQuery) -> uploads.Incoming:
    dataset = get_dataset(call.actor, query.dataset) if query.dataset else None
    return uploads.Incoming(call.actor, query.name, dataset)


async def _pieces(call: Call) -> AsyncIterator[bytes]:
    """The body in pieces of about a megabyte. Raises Problem 413 and ClientGone."""
    announced, size, held = text(headers_of(call.request.scope), b"content-length"), 0, bytearray()
    if announced.isdigit() and int(announced) > settings.MAX_UPLOAD:
        raise too_large(settings.MAX_UPLOAD)
    try:
        async for part in call.request.stream():
            size += len(part)
            if size > settings.MAX_UPLOAD:
                raise too_large(settings.MAX_UPLOAD)
            held += part
            if len(held) >= _PIECE:
                yield bytes(held)
                held.clear()
    except ClientDisconnect as error:
        raise ClientGone from error
    if held:
        yield bytes(held)


async def list_uploads(call: Call, query: NoQuery) -> Response:
    """One's own files that are not loaded yet, the newest first."""
    return json(await in_thread(_waiting, call))


def _waiting(call: Call) -> list[shapes.Upload]:
    return [_shown(call, each.code) for each in uploads.waiting_uploads(call.actor)]


async def show_upload(call: Call, query: NoQuery) -> Response:
    """How far a file is, and what became of it."""
    return json(await in_thread(_shown, call, call.path("id")))


async def drop_upload(call: Call, query: NoQuery) -> Response:
    """Throws a file away that is not loaded yet; answers with what it was."""
    return json(await in_thread(_drop, call))


def _drop(call: Call) -> shapes.Upload:
    gone = _shown(call, call.path("id"))
    if gone.state == "loading":
        raise Problem(409, "being_loaded", "The file is being loaded", "Wait until it is loaded.")
    uploads.drop_upload(call.actor, gone.id)
    return gone


async def propose_upload(call: Call, query: NoQuery) -> Response:
    """How the file would be read: every assumption with its evidence and what could be said instead, and what the first
    rows would become. The hints that are sent are kept for loading."""
    hints = await body_of(call, shapes.Hints, needed=False)
    return json(await in_thread(_propose, call, _hints(hints)))


async def load_upload(call: Call, query: NoQuery) -> Response:
    """Begins to load the file as proposed; ask for the upload to see how far it is."""
    order = await body_of(call, shapes.LoadOrder, needed=False)
    return json(await in_thread(_load, call, order), 202)


async def download_aside(call: Call, query: NoQuery) -> Response:
    """The rows of a table that did not fit, with the reason in the last column."""
    upload = await in_thread(uploads.get_upload, call.actor, call.path("id"))
    path = uploads.aside_of(upload, call.path("table"))
    if path is None:
        raise not_found(f"No rows of '{call.path('table')}' were set aside.")
    return FileResponse(path, filename=path.name, media_type="text/csv; charset=utf-8")


def _hints(given: shapes.Hints) -> TableHints:
    return TableHints.from_json(structs.asdict(given))


def _propose(call: Call, hints: TableHints) -> shapes.Proposal:
    upload = uploads.get_upload(call.actor, call.path("id"))
    differs = ""
    with translation.override(_language(call)):
        if hints == TableHints():
            try:
                proposals, trials = uploads.known_and_tried(upload)
                if proposals:
                    return shapes.Proposal(True, "", [_table(*each) for each in zip(proposals, trials, strict=True)])
            except Unreadable as error:
                differs = words(error.said)
        proposals, trials = uploads.propose_and_try(upload, hints)
        uploads.keep_hints(upload, hints)
        return shapes.Proposal(False, differs, [_table(*each) for each in zip(proposals, trials, strict=True)])


def _table(proposal: TableProposal, trial: Trial) -> shapes.Proposed:
    assumed = [shapes.Assumed(each.topic, shown(each), words(each.why), list(each.instead)) for each in proposal.said]
    recipe = proposal.recipe
    aside = [
        shapes.Misfit(each["row"], each["field"], words(Said(each["code"], each["params"]))) for each in trial.aside
    ]
    return shapes.Proposed(recipe.table, recipe.title, assumed, recipe.to_json(), trial.rows, trial.places, aside)


def _load(call: Call, order: shapes.LoadOrder) -> shapes.Upload:
    upload = uploads.get_upload(call.actor, call.path("id"))
    if upload.state == "done":
        raise Problem(409, "loaded_already", "The file is loaded already", "Send it again to load it again.")
    _begin(call, upload, order)
    return _shown(call, upload.code)


def _begin(call: Call, upload: uploads.Upload, order: shapes.LoadOrder) -> None:
    """Raises Problem where no dataset is named, Unreadable, UnknownDataset, Denied."""
    if order.dataset:
        upload.dataset = get_dataset(call.actor, order.dataset)
    if upload.dataset is None:
        raise Problem(422, "no_dataset", "Into which dataset?", "Name the dataset that the file is for.")
    require(call.actor, "catalogue:manage", upload.dataset)
    with translation.override(_language(call)):
        recipes = uploads.recipes_for(upload, _hints(order.hints) if order.hints else None)
    names = [each.table for each in recipes]
    if unknown := set(order.tables) - set(names):
        detail = f"The file has no table {', '.join(sorted(unknown))}; it has {', '.join(names)}."
        raise Problem(422, "no_table", "There is no such table in the file", detail)
    chosen = [each for each in recipes if not order.tables or each.table in order.tables]
    uploads.load_upload(call.actor, upload, upload.dataset, chosen, publish=order.publish)


def _shown(call: Call, code: str) -> shapes.Upload:
    found = uploads.get_upload(call.actor, code)
    with translation.override(_language(call)):
        problem = words(Said.from_json(found.problem)) if found.problem else ""
    report = found.report
    tables = [
        shapes.Became(
            each["table"],
            each["rows"],
            each["kept"],
            each["aside"],
            each["blank"],
            each["unplaced"],
            each["nothing"],
            f"/api/v1/uploads/{found.code}/aside/{each['table']}" if each["aside_file"] else "",
        )
        for each in report.get("tables", ())
    ]
    stuck = uploads.is_stuck(found)
    return shapes.Upload(
        id=found.code,
        name=found.name,
        size=found.size,
        sha256=found.sha256,
        created=found.created,
        dataset=found.dataset.slug if found.dataset else "",
        state="failed" if stuck else str(found.state),
        done=found.done_bytes,
        problem="Loading stopped with its process; load it again." if stuck else problem,
        version=found.version.number if found.version else None,
        nothing_new=bool(report.get("nothing_new")),
        not_published=str(report.get("not_published", "")),
        tables=tables,
    )


def _language(call: Call) -> str:
    """German where it is preferred, else English: programmers read these texts."""
    return "de" if text(headers_of(call.request.scope), b"accept-language").lower().startswith("de") else "en"
