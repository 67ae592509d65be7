"""Texts that people write, in German, English and easy language, kept together in one field."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify
from django.utils.translation import get_language

VARIANTS = ("de", "en", "easy")


def pick(text: Mapping[str, str] | str | None, language: str | None = None) -> str:
    """The variant for a language (default: the reader's), else German, else whatever there is; never an error."""
    if not text:
        return ""
    if isinstance(text, str):
        return text
    chosen = language or get_language() or "de"
    wanted = chosen if chosen in VARIANTS else chosen[:2]
    for variant in (wanted, "de", "en", *text):
        if text.get(variant):
            return str(text[variant])
    return ""


def same(text: str) -> dict[str, str]:
    """A text that reads the same in German and English, such as a proper name."""
    return {"de": text, "en": text}


def check_variants(value: Any) -> None:
    """Raises ValidationError unless value is a mapping from de, en, easy to plain text."""
    if not isinstance(value, dict) or any(k not in VARIANTS or not isinstance(v, str) for k, v in value.items()):
        raise ValidationError("A text is given as {'de': …, 'en': …, 'easy': …}.")


class LocalTextField(models.JSONField):
    """A JSON column holding {'de': …, 'en': …, 'easy': …}; read it with `pick`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, check_variants]


_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def slug_of(title: str, most: int = 80) -> str:
    """A title as a part of an address: `Öffentliche Bänke` → `oeffentliche-baenke`. Empty where it has no letters."""
    return slugify(title.translate(_LETTERS))[:most].strip("-")
