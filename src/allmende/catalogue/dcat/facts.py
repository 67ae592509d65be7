"""What is known of a town, its datasets and their tables, as plain values: all that a description is made of."""

from dataclasses import dataclass, field
from datetime import date, datetime

from allmende.catalogue.dcat.addresses import Addresses

LocalText = dict[str, str]


@dataclass(frozen=True, slots=True)
class TownFacts:
    """The publisher of the catalogue. contributor: its URI on GovData's list of contributors; place: the geocoding URI
    of the town; both may be empty."""

    addresses: Addresses
    name: str = ""
    contributor: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """An organisation that owns datasets."""

    code: str
    name: LocalText
    homepage: str = ""
    sector: str = ""


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """An entry of the data dictionary. kind: as `holdings.columns` names types."""

    name: str
    kind: str
    title: LocalText = field(default_factory=dict)
    description: LocalText = field(default_factory=dict)
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table that readers may read. size: bytes of the Parquet file behind it; bbox: west, south, east, north; placed:
    whether its rows have a place; columns: where they were asked for."""

    name: str
    title: LocalText
    rows: int
    size: int = 0
    placed: bool = False
    bbox: tuple[float, float, float, float] | None = None
    columns: tuple[ColumnEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """A published version."""

    number: int
    code: str
    published: datetime
    note: LocalText = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A dataset as a reader may see it. version: the current one; earlier: published before, the newest first; streams:
    how many datastreams belong to it; hvd: keys of `vocabulary.HVD_CATEGORIES`."""

    code: str
    slug: str
    title: LocalText
    created: datetime
    changed: datetime
    description: LocalText = field(default_factory=dict)
    access: str = "open"
    licence: str = ""
    attribution: str = ""
    legal_ground: str = ""
    owner: OwnerFacts | None = None
    contact_name: str = ""
    contact_email: str = ""
    themes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    place: str = ""
    place_uri: str = ""
    begins: date | None = None
    ends: date | None = None
    frequency: str = ""
    simulated: bool = False
    source_url: str = ""
    hvd: tuple[str, ...] = ()
    version: VersionFacts | None = None
    earlier: tuple[VersionFacts, ...] = ()
    tables: tuple[TableFacts, ...] = ()
    streams: int = 0

    @property
    def modified(self) -> datetime:
        """When description or content changed last."""
        return max(self.changed, self.version.published) if self.version else self.changed

    @property
    def issued(self) -> datetime:
        """When there was something to read first; until then, when it was described."""
        versions = (*self.earlier, self.version) if self.version else ()
        return min((each.published for each in versions), default=self.created)

    @property
    def bbox(self) -> tuple[float, float, float, float] | None:
        """The box around all tables that have a place."""
        boxes = [table.bbox for table in self.tables if table.bbox]
        if not boxes:
            return None
        west, south, east, north = zip(*boxes, strict=True)
        return min(west), min(south), max(east), max(north)
