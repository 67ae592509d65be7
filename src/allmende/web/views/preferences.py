"""The address without a language, and the choice of appearance."""

from urllib.parse import urlparse

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from allmende.accounts.endpoints import declares
from allmende.web.theme import CHOICES, COOKIE, LIFETIME


@declares("pages:read")
def root(request: HttpRequest) -> HttpResponse:
    """Leads to the home page in the language that the browser asks for."""
    response = HttpResponseRedirect(f"/{get_language_from_request(request)[:2]}/")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@declares("pages:read")
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for an icon on pages that name none, such as the back room's."""
    response = HttpResponseRedirect(static("icon.svg"))
    response["Cache-Control"] = "public, max-age=86400"
    return response


# Without a CSRF token, so that a reader who only reads gets no cookie; a form on another site is refused by its Origin.
@csrf_exempt
@require_POST
@declares("pages:read")
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen appearance in a cookie and leads back to the page."""
    origin = request.headers.get("Origin", "")
    if origin and origin != "null" and urlparse(origin).netloc != request.get_host():
        return HttpResponseBadRequest("This form belongs to another site.")
    chosen = request.POST.get("theme", "")
    if chosen not in dict(CHOICES):
        return HttpResponseBadRequest("There is no such appearance.")
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    if chosen == "auto":
        response.delete_cookie(COOKIE, samesite="Lax")
    else:
        response.set_cookie(COOKIE, chosen, LIFETIME, secure=request.is_secure(), httponly=True, samesite="Lax")
    return response
