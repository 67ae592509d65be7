"""The catalogue described for machines: DCAT-AP.de 3.0 in three dresses, the metadata's quality, schema.org.

Pure: facts in, statements out. `gather` is the one part that reads tables.
"""

from allmende.catalogue.dcat.facts import DatasetFacts, TownFacts
from allmende.catalogue.dcat.gathering import facts_of, gather, town_facts
from allmende.catalogue.dcat.quality import Assessment, assess
from allmende.catalogue.dcat.schema_org import schema_org
from allmende.catalogue.dcat.whole import Page, catalogue_nodes, single_nodes
from allmende.catalogue.dcat.writing import MEDIA, Dress, write

__all__ = [
    "MEDIA",
    "Assessment",
    "DatasetFacts",
    "Dress",
    "Page",
    "TownFacts",
    "assess",
    "catalogue_nodes",
    "facts_of",
    "gather",
    "schema_org",
    "single_nodes",
    "town_facts",
    "write",
]
