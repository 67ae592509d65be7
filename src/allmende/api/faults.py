"""Which fault of a domain is which Problem; the one table for all faces of the data plane."""

import logging

from django.core.exceptions import ValidationError
from django.utils.translation import override

from allmende.accounts.permissions import Denied
from allmende.api.problems import Problem, bad_parameter, not_found
from allmende.catalogue.holdings.reading import TooCostly as QuestionTooCostly
from allmende.catalogue.holdings.terms import UnknownColumn
from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.words import words
from allmende.catalogue.queries import NoContent, UnknownDataset, UnknownVersion, VersionGone
from allmende.catalogue.services import NotPublishable
from allmende.catalogue.uploads import UnknownUpload
from allmende.observations.queries import UnknownDatastream, UnknownThing
from allmende.observations.rows import BatchRefused, Receipt
from allmende.observations.services import WrongColumns
from allmende.observations.steps import TooManyBuckets
from allmende.observations.stores import StoreBusy, StoreClosed, StoreError, TooCostly, WritesRefused

logger = logging.getLogger(__name__)


def as_problem(error: Exception) -> Problem:
    """The Problem to answer with; a fault that nobody foresaw is logged and becomes a 500 without its inside."""
    match error:
        case Problem():
            return error
        case Denied():
            return _denied(error)
        case BatchRefused(receipt=receipt):
            detail = f"{error} Correct the rows named, or send partial=true to keep the good ones."
            return rows_refused("Rows cannot be kept", detail, receipt)
        case WrongColumns():
            return Problem(422, "wrong_columns", "The table cannot be read", str(error))
        case VersionGone():
            return Problem(410, "version_gone", "The version is gone", str(error))
        case UnknownThing() | UnknownDatastream() | UnknownDataset() | UnknownVersion() | NoContent() | UnknownUpload():
            return not_found(str(error))
        case Unreadable(said=said):
            with override("en"):
                return Problem(422, "file_unreadable", "The file cannot be read so", words(said))
        case NotPublishable():
            return Problem(409, "not_publishable", "It cannot be published", str(error))
        case ValidationError():
            return _wrong_fields(error)
        case UnknownColumn(name=name):
            return bad_parameter(name, str(error))
        case TooManyBuckets():
            return Problem(400, "range_too_long", "The range is too long", str(error))
        case StoreBusy():
            wait = {"Retry-After": str(error.retry_after)}
            return Problem(429, "too_busy", "Too much at once", str(error), headers=wait)
        case WritesRefused():
            text = f"{error} Reading goes on; writing resumes by itself when there is room. Please send it again."
            return Problem(507, "writes_refused", "Observations cannot be written", text, headers={"Retry-After": "10"})
        case TooCostly() | QuestionTooCostly():
            return Problem(400, "too_costly", "The query is too costly", str(error))
        case StoreClosed() | StoreError():
            return Problem(503, "store_unavailable", "The store is not ready", str(error), headers={"Retry-After": "5"})
    logger.exception("A request failed.", exc_info=error)
    return Problem(500, "internal", "Something went wrong here", "The fault is in the log; nothing was kept of this.")


def rows_refused(title: str, detail: str, receipt: Receipt) -> Problem:
    """422 with the rows that are wrong."""
    total = receipt.refused_total
    return Problem(422, "rows_refused", title, detail, errors=receipt.refused, accepted=0, refused_total=total)


def _denied(error: Denied) -> Problem:
    if error.actor.kind == "anonymous":
        detail = f"This needs a token with the scope {error.action}: send «Authorization: Bearer alm_…»."
        return Problem(
            401, "token_needed", "Who are you?", detail, headers={"WWW-Authenticate": 'Bearer realm="allmende"'}
        )
    return Problem(403, "not_allowed", "Not allowed", f"What you signed in with does not allow {error.action}.")


def _wrong_fields(error: ValidationError) -> Problem:
    """422 with each field and what is wrong with it."""
    named = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    errors = [{"field": name, "message": text} for name, texts in named.items() for text in texts]
    return Problem(422, "wrong_fields", "What was sent does not fit", "Nothing was changed.", errors=errors)
