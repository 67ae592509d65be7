"""A folder into which others drop files of measured values: each is loaded once it rests, then moved away."""

import asyncio
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from msgspec import Meta

from allmende.connectors.csv_folder.form import CsvFolderForm
from allmende.connectors.csv_folder.places import place_of
from allmende.connectors.csv_folder.watching import Watcher
from allmende.connectors.kind import Kind, Way, WayConfig


class CsvFolderConfig(WayConfig, kw_only=True):
    """folder: a name below `drop` in the data folder, or a whole path that the administrator allows; every: seconds
    between two looks; rest: seconds that a file must not have changed, because it may be half written."""

    folder: Annotated[str, Meta(min_length=1, max_length=500)]
    every: Annotated[int, Meta(ge=1, le=86_400)] = 10
    rest: Annotated[int, Meta(ge=1, le=3600)] = 10


def check(config: CsvFolderConfig) -> None:
    """Raises ValueError for a folder that is not allowed."""
    place_of(config.folder)


async def run(way: Way, stop: asyncio.Event) -> None:
    """Watches until the server stops."""
    await Watcher(way).run(stop)


KIND = Kind(
    name="csv_folder",
    label=_("Folder with files"),
    about=_("Loads tables that others put into a folder of this machine."),
    config=CsvFolderConfig,
    check=check,
    run=run,
    form=CsvFolderForm,
)
