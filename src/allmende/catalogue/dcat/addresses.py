"""Where things of the catalogue are found: the one place that knows the addresses that descriptions name.

IRIs are made of codes, which are never given again; addresses for people and downloads are made of slugs.
"""

from dataclasses import dataclass
from urllib.parse import quote

FEATURES = "/api/ogc"
SENSOR_THINGS = "/api/sta/v1.1"


@dataclass(frozen=True, slots=True)
class Addresses:
    """root: the public address of the server, without a slash at its end."""

    root: str

    @property
    def catalogue(self) -> str:
        """The catalogue itself, which answers in the dress that is asked for."""
        return f"{self.root}/api/catalogue"

    def document(self, ending: str, page: int | None = None) -> str:
        """The catalogue as a file, whole or a page of it."""
        return f"{self.root}/catalogue.{ending}" + (f"?page={page}" if page else "")

    def dataset(self, code: str) -> str:
        """A dataset's IRI."""
        return f"{self.catalogue}/datasets/{code}"

    def dataset_document(self, slug: str, ending: str) -> str:
        """The description of one dataset as a file."""
        return f"{self.catalogue}/datasets/{slug}.{ending}"

    def organisation(self, code: str) -> str:
        """An organisation's IRI."""
        return f"{self.catalogue}#{code}"

    @property
    def town(self) -> str:
        """The IRI of the town as publisher."""
        return f"{self.catalogue}#town"

    def home(self, language: str = "de") -> str:
        """The pages of the town."""
        return f"{self.root}/{language}/"

    def page(self, slug: str, language: str = "de") -> str:
        """The page of a dataset."""
        return f"{self.root}/{language}/datasets/{slug}/"

    def version(self, slug: str, number: int, language: str = "de") -> str:
        """The page of a version: what is cited."""
        return f"{self.page(slug, language)}versions/{number}/"

    def download(self, slug: str, table: str, format_: str) -> str:
        """A table as a file."""
        return f"{self.root}/api/v1/datasets/{slug}/tables/{table}/download?format={format_}"

    @property
    def features(self) -> str:
        """OGC API Features."""
        return self.root + FEATURES

    def collection(self, slug: str, table: str, only: bool) -> str:
        """A table as a collection of features. only: the dataset has no other table."""
        return f"{self.features}/collections/{slug if only else f'{slug}.{table}'}"

    @property
    def sensor_things(self) -> str:
        """The SensorThings API."""
        return self.root + SENSOR_THINGS

    def datastreams(self, slug: str) -> str:
        """The list of a dataset's datastreams."""
        return f"{self.root}/api/v1/datastreams?dataset={quote(slug)}"

    def ckan(self, action: str) -> str:
        """An action in the manner of CKAN."""
        return f"{self.root}/api/3/action/{action}"
