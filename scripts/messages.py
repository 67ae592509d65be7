"""Collects the texts for translation and brings the German catalogue up to date: `python scripts/messages.py`.

Django's own tool needs GNU gettext; this one needs only Babel: Django turns a template into something that reads like
Python, and Babel reads Python. Existing translations stay; new texts are added at the end without one and printed.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "allmende"
GERMAN = SOURCE / "locale" / "de" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_ALWAYS = datetime(2026, 11, 23, tzinfo=UTC)  # no date that changes with every run
Message = tuple[str | tuple[str, ...], str | None]  # text or (singular, plural), context


def sources() -> Iterator[Path]:
    """Every Python file and template of ours, without tests and migrations."""
    for path in sorted(
        [*SOURCE.rglob("*.py"), *SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt")]
    ):
        if not {"tests", "migrations"}.intersection(path.relative_to(SOURCE).parts):
            yield path


def messages_of(path: Path) -> Iterator[Message]:
    """The texts of one file that are marked for translation."""
    text = path.read_text()
    if path.suffix != ".py":
        from django.utils.translation.template import templatize

        # A trimmed text keeps its place; what is no code becomes a run of letters that Python reads as a name.
        text = re.sub(r"^[XS\s]+$", "", templatize(text), flags=re.MULTILINE)
        calls = re.findall(r"\b(?:gettext|ngettext|pgettext|npgettext|_)\((?:[^()]|\([^()]*\))*?\)(?=\s|$)", text)
        text = "\n".join(call.strip() for call in calls)
    for _line, found, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
        yield (tuple(found) if isinstance(found, list) else found), context


def collect() -> dict[Message, list[str]]:
    """Every text with the files that use it."""
    found: dict[Message, list[str]] = {}
    for path in sources():
        for message in messages_of(path):
            found.setdefault(message, []).append(str(path.relative_to(ROOT)))
    return found


def german() -> Catalog:
    """The German catalogue as it stands."""
    with GERMAN.open("rb") as file:
        return read_po(file, locale="de", domain="django")


def untranslated() -> list[Message]:
    """Texts in use that the catalogue does not hold, holds empty, or holds as a guess."""
    catalog = german()
    missing = []
    for text, context in collect():
        entry = catalog.get(text if isinstance(text, str) else text[0], context)
        strings = [] if entry is None else [entry.string] if isinstance(entry.string, str) else list(entry.string)
        if not strings or not all(strings) or entry is None or entry.fuzzy:
            missing.append((text, context))
    return missing


def unused() -> list[str]:
    """Texts in the catalogue that nothing uses any more."""
    used = {(text if isinstance(text, str) else text[0], context) for text, context in collect()}
    return [
        str(entry.id)
        for entry in german()
        if entry.id and ((entry.id if isinstance(entry.id, str) else entry.id[0]), entry.context) not in used
    ]


def update() -> int:
    """Adds what is new, drops what nobody uses, prints what has no German yet; returns how many those are."""
    old = german() if GERMAN.exists() else Catalog(locale="de", domain="django")
    new = Catalog(
        locale="de",
        domain="django",
        header_comment="# The German texts of Allmende. Written with „Sie“, plainly; see docs.",
        project="Allmende",
        version="",
        msgid_bugs_address="",
        last_translator="",
        language_team="German",
        creation_date=_ALWAYS,
        revision_date=_ALWAYS,
        fuzzy=False,
        charset="utf-8",
    )
    for (text, context), places in sorted(collect().items(), key=lambda item: item[1][0]):
        entry = old.get(text if isinstance(text, str) else text[0], context)
        string = entry.string if entry is not None else None
        new.add(text, string, context=context, locations=[(place, None) for place in dict.fromkeys(places)])
    GERMAN.parent.mkdir(parents=True, exist_ok=True)
    with GERMAN.open("wb") as file:
        write_po(file, new, width=120, omit_header=False, include_lineno=False)
    missing = untranslated()
    for text, context in missing:
        print(f"no German yet: {text!r}" + (f" ({context})" if context else ""))
    return len(missing)


if __name__ == "__main__":
    sys.exit(min(update(), 1))
