"""The structs of loading files through the native API."""

from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from allmende.api.v1.shapes import Text


class Hints(Struct, forbid_unknown_fields=True):
    """What the sender knows better than the guesses; nothing is needed. layer: the sheet or layer that is meant; path:
    of the rows in JSON or XML; types: of columns by their heading; where: columns of the place, east before north;
    crs: its coordinate system, such as EPSG:25832; key: columns that tell rows apart; ignore: columns that are left
    out; withhold: columns that are loaded and never published."""

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    header: bool | None = None
    zone: str = ""
    layer: str = ""
    path: str = ""
    crs: str = ""
    where: list[str] = []
    key: list[str] = []
    ignore: list[str] = []
    withhold: list[str] = []
    types: dict[str, str] = {}


class Assumed(Struct):
    """One assumption. topic: what it is about; why: the evidence; instead: what could be said in the hints."""

    topic: str
    value: str
    why: str
    instead: list[str]


class Misfit(Struct):
    """A row that does not fit. row: its number in the file; field: the column, empty where it is the whole row."""

    row: int
    field: str
    why: str


class Proposed(Struct):
    """How a table of the file would be read, and what its first rows would become. aside: those that do not fit."""

    table: str
    title: str
    assumed: list[Assumed]
    recipe: dict[str, Any]
    rows: list[dict[str, str | None]]
    places: list[list[float] | None]
    aside: list[Misfit]


class Proposal(Struct):
    """known: whether the dataset has a recipe for files named like this one; differs: why that one does not fit."""

    known: bool
    differs: str
    tables: list[Proposed]


class Became(Struct):
    """What became of a table's rows. kept + aside + blank = rows; nothing: cells per column that said «no value»;
    aside_url: the rows that did not fit, to be mended and sent again."""

    table: str
    rows: int
    kept: int
    aside: int
    blank: int
    unplaced: int
    nothing: dict[str, int]
    aside_url: str


class Upload(Struct):
    """A file on its way in. state: new, loading, done or failed; done: bytes that were read; nothing_new: the rows are
    those of the version before, so there is no new one; not_published: why it could not be published, if it was to."""

    id: str
    name: str
    size: int
    sha256: str
    created: datetime
    dataset: str
    state: str
    done: int
    problem: str
    version: int | None
    nothing_new: bool
    not_published: str
    tables: list[Became]


class LoadOrder(Struct, forbid_unknown_fields=True):
    """dataset: its slug or code; tables: names of those to load, without: all; hints: without, those sent last, or the
    dataset's own recipe; publish: afterwards as well, unless something speaks against it."""

    dataset: str = ""
    tables: list[str] = []
    hints: Hints | None = None
    publish: bool = False


class Details(Struct, forbid_unknown_fields=True, frozen=True):
    """What is said of a dataset; what is not sent stays. Texts: {de, en, easy}; owner, shared_with: codes of
    organisations; owner empty: none; frequency, themes, hvd: see the lists in the documentation."""

    title: Text | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    access_class: str | UnsetType = UNSET
    purpose: Text | UnsetType = UNSET
    legal_ground: str | UnsetType = UNSET
    licence: str | UnsetType = UNSET
    owner: str | UnsetType = UNSET
    contact_name: str | UnsetType = UNSET
    contact_email: str | UnsetType = UNSET
    retention_days: int | UnsetType | None = UNSET
    themes: list[str] | UnsetType = UNSET
    keywords: list[str] | UnsetType = UNSET
    place: str | UnsetType = UNSET
    place_uri: str | UnsetType = UNSET
    begins: str | UnsetType | None = UNSET
    ends: str | UnsetType | None = UNSET
    frequency: str | UnsetType = UNSET
    attribution: str | UnsetType = UNSET
    source_url: str | UnsetType = UNSET
    hvd: list[str] | UnsetType = UNSET
    shared_with: list[str] | UnsetType = UNSET


class NewDataset(Struct, forbid_unknown_fields=True):
    """A dataset to be. slug: its name in addresses, lower case letters, digits and dashes."""

    slug: str
    title: Text
    details: Details = Details()


class Reason(Struct, forbid_unknown_fields=True):
    """Why; everybody can read it."""

    reason: str


class Finding(Struct):
    """What the publication gate found. weight: stop or warn; remedies: names of those that help."""

    table: str
    weight: str
    code: str
    columns: list[str]
    count: int
    remedies: list[str]


class Decided(Struct):
    """A version after publishing or withdrawing it."""

    number: int
    state: str
