"""The writing door of the observations domain."""

from allmende.observations.services.appending import TABLE_ROWS, append, append_batch, append_known, append_table
from allmende.observations.services.erasing import erase
from allmende.observations.services.registering import register_datastream, register_thing
from allmende.observations.services.tables import WrongColumns

__all__ = [
    "TABLE_ROWS",
    "WrongColumns",
    "append",
    "append_batch",
    "append_known",
    "append_table",
    "erase",
    "register_datastream",
    "register_thing",
]
