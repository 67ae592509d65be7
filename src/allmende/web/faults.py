"""What a reader sees when something fails: what happened, what is kept, what to do; in the reader's language."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

_log = logging.getLogger("allmende.web")
_LAST_RESORT = SafeString(
    "<!doctype html><html lang='de'><meta charset='utf-8'><title>Störung</title>"
    "<h1>Es gibt eine Störung</h1><p>Die Seite konnte nicht gezeigt werden. Bitte versuchen Sie es später noch einmal."
    "<h1 lang='en'>Something is broken</h1><p lang='en'>The page could not be shown. Please try again later.</html>"
)


def _page(request: HttpRequest, status: int, title: str, text: str, *, retry: bool = False) -> HttpResponse:
    context = {"status": status, "heading": title, "text": text, "retry": retry}
    try:
        return render(request, "errors/error.html", context, status=status)
    except Exception:
        _log.exception("the error page could not be drawn")
        return HttpResponse(_LAST_RESORT, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400"""
    return _page(
        request, 400, _("The request was not understood"), _("The address or the form holds something unexpected.")
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403"""
    return _page(
        request,
        403,
        _("This page is not open to you"),
        _("You are signed in, but this needs a right that your account does not have. Ask the administrator for it."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404"""
    return _page(
        request,
        404,
        _("There is nothing at this address"),
        _("The page was moved or removed, is not open to you, or the address has a typing error."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 because the form's token is missing or old."""
    return _page(
        request,
        403,
        _("The form was open for too long"),
        _("Nothing was saved. Go back, reload the page and send the form again; cookies must be allowed."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500"""
    return _page(
        request,
        500,
        _("Something went wrong on our side"),
        _("Your data is safe. The fault was written down; please try again in a few minutes."),
        retry=True,
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the storage cannot be reached."""
    response = _page(
        request,
        503,
        _("Maintenance"),
        _("The storage cannot be reached at the moment. Nothing is lost; please try again in a few minutes."),
        retry=True,
    )
    response["Retry-After"] = "60"
    return response
