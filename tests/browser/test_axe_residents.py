"""axe finds nothing on any public page: German and English, light and dark, wide and 320 pixels."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.looks import PAGES, looks_well, path_of

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(page: Page, site: Site, axe: str, name: str, language: str):
    page.goto(site.url(path_of(name, language, site)))
    looks_well(page, axe)
    assert page.evaluate("document.documentElement.lang") == language
