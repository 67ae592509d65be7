"""Suggestions under the search box: by keyboard, said aloud, gone when not wanted."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.looks import violations

pytestmark = pytest.mark.browser


def test_by_keyboard(page: Page, site: Site, axe: str) -> None:
    page.goto(site.url("/de/datasets/"))
    box = page.locator("#dataset-search")
    box.click()
    expect(box).to_have_attribute("role", "combobox")
    box.press_sequentially("baumk", delay=30)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status").filter(has_text="Vorschl")).to_have_count(1)
    box.press("ArrowDown")
    chosen = box.get_attribute("aria-activedescendant")
    assert chosen and page.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    assert violations(page, axe) == []
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("baumk")
