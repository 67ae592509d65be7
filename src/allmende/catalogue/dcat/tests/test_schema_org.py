"""The object for search engines: complete where all is known, and never a field that says nothing."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.catalogue.dcat import DatasetFacts, schema_org
from allmende.catalogue.dcat.tests.made import BARE_TOWN, TOWN, WHEN, datasets, full_dataset


def test_a_full_dataset():
    made = schema_org(TOWN, full_dataset())
    assert (made["name"], made["alternateName"], made["version"]) == ("Bäume", "Trees", "2")
    assert made["license"] == "https://www.govdata.de/dl-de/by-2-0"
    assert made["temporalCoverage"] == "1990-01-01/2026-01-31"
    assert made["spatialCoverage"]["geo"]["box"] == "50.9 11.5 51.0 11.6"
    assert [each["encodingFormat"] for each in made["distribution"]][:3] == ["text/csv", "text/csv", "application/json"]
    assert made["variableMeasured"] == [{"@type": "PropertyValue", "name": "Höhe", "unitText": "m"}]
    assert made["creator"]["contactPoint"]["email"] == "baeume@musterstadt.example"


def test_in_english():
    made = schema_org(TOWN, full_dataset(), "en")
    assert made["url"] == "https://daten.musterstadt.example/en/datasets/trees/"
    assert made["creator"]["name"] == "Parks office"


def test_what_is_made_up_says_so_and_short_descriptions_name_the_publisher():
    bare = DatasetFacts("set-aaaaaaaaaa", "bare", {"de": "Nackt"}, WHEN, WHEN, simulated=True)
    assert "erfunden" in schema_org(TOWN, bare)["description"]
    assert "Musterstadt" in schema_org(TOWN, DatasetFacts("set-a", "bare", {"de": "Nackt"}, WHEN, WHEN))["description"]


@settings(deadline=None, max_examples=100)
@given(datasets(), st.sampled_from([TOWN, BARE_TOWN]), st.sampled_from(["de", "en"]))
def test_nothing_empty_is_said(made: DatasetFacts, town, language: str):
    found = schema_org(town, made, language)
    json.dumps(found)
    assert found["name"] and found["description"] and found["license"].startswith("http")
    assert all(value not in ("", [], {}, None) for value in found.values())
