"""The same page in the other language: every address begins with the language and is otherwise the same."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Variant:
    """A page in one language. name: in that language itself; url: path and query; absolute: with the host."""

    code: str
    name: str
    url: str
    absolute: str
    current: bool


def _host(request: HttpRequest) -> str:
    """Scheme and host, or nothing for a host that is not ours: the page that says so is drawn here too."""
    try:
        return f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return ""


def variants(request: HttpRequest) -> list[Variant]:
    """This page in every language; a page without a language in its address leads to the home page."""
    codes = [code for code, _ in settings.LANGUAGES]
    first, _, rest = request.path_info.lstrip("/").partition("/")
    query = request.META.get("QUERY_STRING", "")
    tail = (rest if first in codes else "") + (f"?{query}" if query and first in codes else "")
    current = (get_language() or settings.LANGUAGE_CODE)[:2]
    host = _host(request)
    return [
        Variant(code, name, f"/{code}/{tail}", f"{host}/{code}/{tail}", code == current)
        for code, name in settings.LANGUAGES
    ]
