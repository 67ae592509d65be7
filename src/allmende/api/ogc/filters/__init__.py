"""CQL2 (OGC 21-065r2): text or JSON becomes a condition on rows, or a FilterError that says why not.

`reading` makes the tree, with the library `cql2`; `translating`, `values`, `moments` and `shapes` give it its meaning.
"""

from allmende.api.ogc.filters.faults import FilterError
from allmende.api.ogc.filters.reading import read_filter

__all__ = ["FilterError", "read_filter"]
