"""Light, dark, or as the device says: a choice kept in a cookie, set by a plain form."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

COOKIE = "allmende_theme"
LIFETIME = 365 * 24 * 3600
CHOICES = (("auto", _("Automatic")), ("light", _("Light")), ("dark", _("Dark")))


def theme_of(request: HttpRequest) -> str:
    """`light`, `dark` or `auto`."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in ("light", "dark") else "auto"
