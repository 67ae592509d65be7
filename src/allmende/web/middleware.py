"""Turns the errors of the rooms below into pages."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from allmende.accounts.permissions import Denied
from allmende.observations.stores import StoreError
from allmende.web import faults


class FaultPages:
    """Denied: strangers are led to the sign-in page and back, others see why. Storage gone: the maintenance page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Called by Django when a view raised; None: not ours to answer."""
        if isinstance(exception, Denied):
            if exception.actor.kind == "anonymous" and request.method == "GET":
                query = urlencode({"next": request.get_full_path()})
                return HttpResponseRedirect(f"{reverse('account_login')}?{query}")
            return faults.forbidden(request, exception)
        if isinstance(exception, StoreError | OperationalError):
            return faults.unavailable(request)
        return None
