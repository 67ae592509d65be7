"""Which folders may be watched: whoever sets a connector up in the browser must not reach the rest of the machine."""

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_noop as _

from allmende.connectors.wrong import WrongSetup


def place_of(folder: str) -> Path:
    """The folder. Raises ValueError where it lies neither below `drop` in the data folder nor in a folder of
    ALLMENDE_DROP_FOLDERS."""
    below = Path(settings.DATA_DIR) / "drop"
    if "\0" in folder:
        raise WrongSetup(_("The name of the folder has a sign that no name has."))
    place = (below / folder).resolve()  # an absolute path stays itself
    allowed = [below.resolve(), *settings.DROP_FOLDERS]
    if not any(place == each or place.is_relative_to(each) for each in allowed):
        raise WrongSetup(
            _(
                "The folder %(folder)s may not be watched. Give a name, which will be a folder in %(below)s, or let "
                "the administrator name it in ALLMENDE_DROP_FOLDERS."
            ),
            folder=folder,
            below=below,
        )
    if place == below.resolve():
        raise WrongSetup(_("Give the folder a name of its own."))
    return place
