"""The road *file to open data*, end to end: a steward loads what an office exported, in Chromium; the gate finds what
must not be published; a resident reads it; next month's file becomes the next version.

docs/roads/file-to-open-data.md tells the same road in prose.
"""

import csv
import io
import re
from pathlib import Path

import duckdb
import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, page, signed_in, site, staff

pytestmark = pytest.mark.browser

__all__ = ["page", "signed_in", "site", "staff"]  # the fixtures of the site that the pages are looked at on
FILES = Path(__file__).parents[1] / "files" / "opendata"


def send(staff: Page, site: Site, path: str, file: Path) -> None:
    staff.goto(site.url(path))
    staff.set_input_files("#file", file)
    staff.get_by_role("button", name="Send and look at it").click()


def load(staff: Page) -> None:
    """Loads what the workspace shows and waits for the receipt."""
    staff.get_by_role("button", name="Load", exact=True).click()
    expect(staff.get_by_role("heading", level=1)).to_contain_text("is loaded")


def api(site: Site, path: str, **params) -> httpx.Response:
    found = httpx.get(f"{site.server.url}/api/v1/datasets/baumkataster-2025{path}", params=params)
    found.raise_for_status()
    return found


def test_file_to_open_data(site: Site, staff: Page):
    # A steward sends the file of an office and sees how it is understood, with the evidence.
    send(staff, site, "/en/datasets/load/", FILES / "baumkataster-2025.csv")
    expect(staff.get_by_text("EPSG:25832 (ETRS89 / UTM 32N)")).to_be_visible()
    expect(staff.get_by_label("Type of Gepflanzt")).to_have_value("date")
    expect(staff.get_by_label("Column that tells rows apart")).to_have_value("Baum-Nr")
    load(staff)

    # One row did not fit; it is named and can be taken away, mended and sent again.
    expect(staff.get_by_text("7 of 8 rows are kept.")).to_be_visible()
    with staff.expect_download() as taken:
        staff.get_by_role("link", name=re.compile("Take these rows")).click()
    assert "31.02.2019" in Path(taken.value.path()).read_text()

    # Nothing is public yet, and the gate says why it must not be: mail addresses.
    staff.get_by_role("link", name="Look at it and publish it").click()
    assert httpx.get(f"{site.server.url}/api/v1/datasets/baumkataster-2025").json()["version"] is None
    expect(staff.get_by_role("heading", name="This must not be published as it is")).to_be_visible()
    staff.get_by_role("button", name="Publish", exact=True).click()
    expect(staff.get_by_text("Something speaks against publishing")).to_be_visible()
    staff.get_by_role("button", name="Leave “ansprechpartner” out").click()
    expect(staff.get_by_role("heading", name="Nothing was found that speaks against publishing")).to_be_visible()
    staff.get_by_role("button", name="Publish", exact=True).click()
    expect(staff.get_by_text("Version 1 is published.")).to_be_visible()

    # A resident finds it from the home page, by links alone, and takes it away.
    resident = staff.context.browser.new_page(locale="en-GB")  # type: ignore[union-attr]
    resident.goto(site.url("/en/"))
    resident.get_by_role("navigation").get_by_role("link", name="Data").first.click()
    resident.get_by_role("link", name="All datasets").click()
    resident.get_by_role("link", name="baumkataster 2025", exact=False).click()
    expect(resident.get_by_role("cell", name="Rotbuche")).to_be_visible()
    with resident.expect_download() as taken:
        resident.get_by_role("link", name="CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(Path(taken.value.path()).read_text())))
    assert len(rows) == 7 and "ansprechpartner" not in rows[0]
    resident.close()

    # The outcome agrees with the file read by other means.
    source = FILES / "baumkataster-2025.csv"
    art = duckdb.sql(
        f"SELECT Art, count(*) FROM read_csv('{source}', delim=';', all_varchar=true) GROUP BY 1"
    ).fetchall()
    kept = [row["art"] for row in rows]
    assert {name: count - (name == "Linde") for name, count in art} == {name: kept.count(name) for name in set(kept)}

    # Next month's file is read by the recipe that was kept, and the town sees what changed.
    send(staff, site, "/en/datasets/load/?dataset=baumkataster-2025", FILES / "baumkataster-2026.csv")
    expect(staff.get_by_text("This file is read like the last one of its kind.")).to_be_visible()
    load(staff)
    staff.get_by_role("link", name="Look at it and publish it").click()
    staff.get_by_role("button", name="Publish", exact=True).click()
    expect(staff.get_by_text("2 added, 1 removed, 1 changed")).to_be_visible()
    staff.get_by_role("link", name="Row by row").click()
    expect(staff.get_by_text("B-002", exact=True)).to_be_visible()

    # Both versions stay citable; the interfaces give the newest, or the one that is named.
    table = "/tables/baumkataster"
    assert api(site, f"{table}/rows", version=1).json()["matched"] == 7
    newest = api(site, f"{table}/rows", **{"art.contains": "ahorn"}).json()
    assert sorted(row["baum_nr"] for row in newest["rows"]) == ["B-007", "B-009"]
    change = api(site, f"/versions/2{table}/changes", kind="changed").json()["rows"]
    assert change == [{"id": "B-001", "before": {"hoehe_in_m": 12.5}, "after": {"hoehe_in_m": 12.9}, "moved": False}]
    for version in (1, 2):
        assert "beispiel.example" not in api(site, f"{table}/download", version=version).text
