"""What every page's frame needs: the town, the doors, languages and theme, and who is reading."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from allmende.web.doors import open_doors
from allmende.web.languages import variants
from allmende.web.readers import reader
from allmende.web.theme import CHOICES, theme_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context of `base.html`."""
    theme = theme_of(request)
    languages = variants(request)
    return {
        "town": settings.TOWN_NAME,
        "official_site": settings.OFFICIAL_SITE,
        "doors": open_doors(request),
        "languages": languages,
        "other_languages": [language for language in languages if not language.current],
        "theme": theme,
        "themes": [(name, label, name == theme) for name, label in CHOICES],
        "actor": reader(request),
    }
