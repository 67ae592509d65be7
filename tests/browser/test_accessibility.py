"""Zoom and targets: a page can be read at 400 %, and what one clicks is large enough."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.looks import path_of, sideways

pytestmark = pytest.mark.browser


def test_four_hundred_per_cent_zoom(page: Page, site: Site):
    """1280 pixels at 400 % are 320 CSS pixels by 256: headers do not stick, and the chart is still there."""
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(site.url(path_of("datastream", "de", site)))
    assert sideways(page) == []
    assert page.locator("figure svg.al-chart--small").is_visible()


def test_targets_are_large_enough(page: Page, site: Site):
    """WCAG 2.2, 2.5.8: 24 by 24 pixels, except for links within a sentence."""
    for name in ("home", "data", "datastream", "thing", "care", "register", "register entry"):
        page.goto(site.url(path_of(name, "de", site)))
        small = page.evaluate(
            """() => [...document.querySelectorAll('a, button, summary, input, select')]
                .filter((e) => e.offsetParent && !e.closest('p, li > span, td, .kern-sr-only, .al-skip'))
                .filter((e) => !e.classList.contains('kern-sr-only') && !e.classList.contains('al-skip'))
                .filter((e) => getComputedStyle(e, '::after').position !== 'absolute') // the whole row is the target
                .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
                .filter(([, box]) => box.height < 24 || box.width < 24).map(([html, box]) => html + box.height)"""
        )
        assert small == [], name
