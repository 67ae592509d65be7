"""Paths into JSON: `status.battery_mv`, `sensors.0.t`; a dot in a name is written `\\.`; `$.` begins at the root."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop as _

from allmende.connectors.readings import MOST_READINGS, Unmapped

_PARTS = re.compile(r"(?<!\\)\.")
NOTHING = object()


class Path:
    """A path made ready. find → what is there, or NOTHING."""

    __slots__ = ("from_root", "steps", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.from_root = text == "$" or text.startswith("$.")
        rest = text[2:] if self.from_root else text
        self.steps = tuple(part.replace("\\.", ".") for part in _PARTS.split(rest)) if rest else ()

    def find(self, here: Any, root: Any) -> Any:
        """What is there, seen from here (or from the root); NOTHING where there is nothing."""
        if self.from_root:
            here = root
        for step in self.steps:
            if isinstance(here, dict):
                if step not in here:
                    return NOTHING
                here = here[step]
            elif isinstance(here, list) and step.isdecimal() and int(step) < len(here):
                here = here[int(step)]
            else:
                return NOTHING
        return here


def escaped(name: str) -> str:
    """A name as a step of a path."""
    return name.replace(".", "\\.")


def spread(content: Any, path: str) -> Iterator[Any]:
    """All that a path with stars leads to: `*` every record of a list, `data.*.*` those of lists in a list.

    Raises Unmapped where there is no list, and for more records than one message may have.
    """
    found = [content]
    for step in Path(path).steps:
        if step == "*":
            deeper: list[Any] = []
            for each in found:
                if not isinstance(each, list):
                    raise Unmapped(_("At «%(path)s» there is no list of records."), path=path)
                deeper += each
            found = deeper
        else:
            found = [inside for each in found if (inside := Path(escaped(step)).find(each, each)) is not NOTHING]
            if not found:
                raise Unmapped(_("There is nothing at «%(path)s» in the payload."), path=path)
        if len(found) > MOST_READINGS:
            raise Unmapped(
                _("There are more than %(most_readings)s records at «%(path)s»."),
                most_readings=MOST_READINGS,
                path=path,
            )
    return iter(found)
