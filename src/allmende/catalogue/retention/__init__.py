"""How long data are kept: what is due and when, what pauses that, and erasing so that nothing remains on the disk.

A version is due so many days after it was loaded as its dataset says; so is every file that came in for it. What is
measured is erased by `observations.retention`, by the same days and the same pauses.
"""

from allmende.catalogue.retention.erasing import Erased, NotErasable, erase_due, erase_version
from allmende.catalogue.retention.holds import Hold, end_hold, held_datasets, hold, hold_of
from allmende.catalogue.retention.leftovers import tidy_up
from allmende.catalogue.retention.schedule import Due, due_versions, schedule

__all__ = [
    "Due",
    "Erased",
    "Hold",
    "NotErasable",
    "due_versions",
    "end_hold",
    "erase_due",
    "erase_version",
    "held_datasets",
    "hold",
    "hold_of",
    "schedule",
    "tidy_up",
]
