"""What runs in the sandbox: the two functions that `reading` names. Knows no Django."""

from allmende.catalogue.loaders.parse import parse
from allmende.catalogue.loaders.sniff import sniff

__all__ = ["parse", "sniff"]
