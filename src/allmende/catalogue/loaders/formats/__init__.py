"""One module per format of files. Each knows two things, and runs in the sandbox only:

    found(source, hints) -> list[Found]      the tables or layers in a file, with what was assumed to find them
    opened(source, options) -> Raw           one of them, row by row

Text stays text here (`tabular` finds types); a format that knows types may hand out typed Arrow columns. A geometry
comes as WKB in a column named `geometry`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.misfits import Misfits

GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class Found:
    """A table or layer in a file. options: how to open it again; crs: of its geometries, empty where it has none or
    does not say; rows: how many there are, where that is known at once; nothing: per column, cells that mean «no value»
    although they look like one; types: of columns, where the format knows better than their texts show (`said` tells
    why); key: headings of what tells rows apart, by the rules of the format."""

    name: str
    options: dict[str, Any]
    said: list[Assumption] = field(default_factory=list)
    crs: str = ""
    rows: int | None = None
    nothing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()


class Raw(Protocol):
    """A table on its way. columns: headings, each once; delimiter: for the rows that are set aside; misfits: what could
    not even be cut into cells; consumed: bytes of the file read so far; encoding: of texts."""

    columns: tuple[str, ...]
    delimiter: str
    encoding: str
    misfits: Misfits

    @property
    def consumed(self) -> int: ...

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows. Raises Unreadable."""
        ...

    def sample(self) -> pa.Table:
        """Rows from the beginning and, where that is cheap, from further on: enough to guess types from."""
        ...
