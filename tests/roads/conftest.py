"""The roads are walked in the same Chromium as the pages are looked at."""

from tests.browser.conftest import browser_context_args, browser_type_launch_args

__all__ = ["browser_context_args", "browser_type_launch_args"]
