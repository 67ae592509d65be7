"""axe finds nothing on the pages that one sees only signed in."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site, sign_in
from tests.browser.looks import SIGNED_IN, looks_well, path_of, violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", SIGNED_IN)
def test_the_pages_of_staff_too(staff: Page, site: Site, axe: str, name: str):
    for language in ("de", "en"):
        staff.goto(site.url(path_of(name, language, site)))
        looks_well(staff, axe)


def test_the_account_pages_too(page: Page, site: Site, axe: str):
    sign_in(page, site)  # only just: some of them ask for the password again after a while
    for path in ("email/", "2fa/", "password/change/", "logout/"):
        page.goto(site.url(f"/de/account/{path}"))
        assert page.url == site.url(f"/de/account/{path}")
        looks_well(page, axe)


def test_the_editor_of_texts_too(staff: Page, site: Site, axe: str):
    staff.goto(site.url("/de/pages/imprint/edit/"))
    staff.click("text=Vorschau zeigen")
    staff.wait_for_load_state("networkidle")
    assert staff.locator("h2", has_text="Vorschau").is_visible()
    assert violations(staff, axe) == []
