"""What both ways of `allmende load` say and ask."""

import sys

from django.utils.translation import gettext as _

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.words import TOPICS, shown, words

LOADED, FAILED, WRONG_USE, SOME_SET_ASIDE = 0, 1, 2, 3  # exit codes


def title_of(name: str) -> str:
    words = name.replace("-", " ")
    return words[:1].upper() + words[1:]


def line_of(said: Assumption) -> str:
    instead = _("; or: %(others)s") % {"others": ", ".join(said.instead)} if said.instead else ""
    return f"  {TOPICS[said.topic]!s:<27}{shown(said)}  ({words(said.why)}{instead})"


def agreed() -> bool:
    if not sys.stdin.isatty():
        print(_("Nobody can be asked here: add --yes if the assumptions are right."), file=sys.stderr)
        return False
    return input(_("Load it like this? [y/N] ")).strip().lower() in ("y", "yes", "j", "ja")
