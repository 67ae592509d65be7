"""The eight doors of the navigation, in their order. A door whose part is not built yet is not shown."""

from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy


@dataclass(frozen=True, slots=True)
class Door:
    """A door: its words, the name of the page behind it, and the first parts of the addresses that lie behind it."""

    label: object
    url_name: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """A door as a page shows it; here: the reader stands behind it."""

    label: object
    url: str
    here: bool


DOORS = (
    Door(_("Today"), "home", ()),
    Door(_("Data"), "data", ("data", "things", "datastreams", "datasets", "care", "sensors", "connectors")),
    Door(_("Figures"), "figures", ("figures",)),
    Door(_("Take part"), "participation", ("participation",)),
    Door(pgettext_lazy("door", "Learn"), "learning", ("learning",)),
    Door(_("Services"), "services", ("services",)),
    Door(pgettext_lazy("door", "Lab"), "lab", ("lab",)),
    Door(_("Strategy"), "strategy", ("strategy",)),
)


@cache
def _built() -> tuple[Door, ...]:
    """The doors that lead somewhere; asked once, since addresses do not change while the server runs."""
    found = []
    with override("en"):
        for door in DOORS:
            try:
                reverse(door.url_name)
            except NoReverseMatch:
                continue
            found.append(door)
    return tuple(found)


def open_doors(request: HttpRequest) -> list[OpenDoor]:
    """The navigation for this page, with the addresses in the reader's language."""
    parts = request.path_info.strip("/").split("/")
    inside = parts[1] if len(parts) > 1 else ""
    doors = []
    for door in _built():
        here = inside in door.prefixes if door.prefixes else len(parts) == 1 and request.path_info.strip("/") != ""
        doors.append(OpenDoor(door.label, reverse(door.url_name), here))
    return doors
