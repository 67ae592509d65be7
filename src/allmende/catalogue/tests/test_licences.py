"""The table of licences."""

import pytest

from allmende.catalogue.licences import DL_BY, DL_ZERO, licence, licence_name, licences


def test_every_licence_is_listed_once():
    uris = [each.uri for each in licences()]
    assert len(uris) == len(set(uris))
    assert all(uri.startswith("http://dcat-ap.de/def/licenses/") for uri in uris)


@pytest.mark.parametrize(
    "met",
    [
        "http://dcat-ap.de/def/licenses/dl-by-de/2.0",
        "https://www.dcat-ap.de/def/licenses/dl-by-de/2.0/",
        " http://dcat-ap.de/def/licenses/dl-by-de/2_0",
    ],
)
def test_spellings_met_in_the_wild(met: str):
    found = licence(met)
    assert found is not None and found.uri == DL_BY and found.open and found.attribution


def test_zero_asks_for_nothing():
    found = licence(DL_ZERO)
    assert found is not None and not found.attribution


def test_an_unknown_licence_is_shown_as_it_is():
    assert licence("https://example.org/own") is None
    assert licence_name("https://example.org/own") == "https://example.org/own"
