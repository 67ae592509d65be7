"""The frame of every page: policy, languages, theme, doors, assets, no cookie for readers."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from allmende.web.assets import FOLDER, AssetMissing, asset_url
from allmende.web.doors import DOORS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_texts")]


def body(response) -> str:
    return response.content.decode()


@pytest.fixture
def here(client: Client, store) -> Client:
    return client


def test_the_root_leads_to_the_readers_language(here):
    assert here.get("/", headers={"accept-language": "en-GB,en"})["Location"] == "/en/"
    answer = here.get("/", headers={"accept-language": "fr"})
    assert answer["Location"] == "/de/"
    assert "Accept-Language" in answer["Vary"]


def test_the_policy_is_strict(here):
    policy = here.get("/de/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_no_inline_script_or_style(here):
    for path in ("/de/", "/de/data/", "/de/account/login/", "/de/feedback/", "/de/pages/privacy/"):
        page = body(here.get(path))
        assert not re.search(r"<script(?![^>]*(?: src=|type=\"application/json\"))", page), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page), path


def test_everything_comes_from_here(here):
    page = body(here.get("/de/"))
    loaded = re.findall(r"<(?:link rel=\"(?:stylesheet|icon|preload)\"|script|img)[^>]+?(?:href|src)=\"([^\"]+)", page)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)


def test_the_language_switch_keeps_page_and_query(here):
    page = body(here.get("/de/data/?state=late&q=a%26b"))
    assert 'href="/en/data/?state=late&amp;q=a%26b"' in page
    assert '<html lang="de"' in page
    assert 'hreflang="en" href="http://testserver/en/data/?state=late&amp;q=a%26b"' in page


def test_only_built_doors_are_shown(here):
    page = body(here.get("/de/"))
    assert len(DOORS) == 8
    assert re.findall(
        r"<li><a href=\"[^\"]+\"[^>]*>([^<]+)</a></li>", page.split("al-doors")[1].split("</nav>")[0]
    ) == [
        "Heute",
        "Daten",
    ]


@pytest.mark.parametrize(("path", "door"), [("/de/", "Heute"), ("/de/data/", "Daten"), ("/de/datasets/x/", "Daten")])
def test_the_door_one_stands_behind_is_marked(here, path, door):
    doors = body(here.get(path)).split("al-doors")[1].split("</nav>")[0]
    assert re.search(rf"aria-current=\"(?:page|true)\">{door}<", doors)


def test_reading_sets_no_cookie(here):
    for path in ("/", "/de/", "/en/data/", "/de/search/?q=x", "/de/pages/imprint/", "/de/nix/"):
        assert not here.get(path).cookies, path


def test_the_theme_is_kept_in_a_cookie(here):
    answer = here.post("/theme/", {"theme": "dark", "next": "/de/data/?q=a"})
    assert answer["Location"] == "/de/data/?q=a"
    assert 'data-kern-theme="dark"' in body(here.get("/de/"))
    here.post("/theme/", {"theme": "auto", "next": "/de/"})
    assert "data-kern-theme" not in body(here.get("/de/"))


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_the_theme_form_leads_nowhere_else(here, target):
    assert here.post("/theme/", {"theme": "dark", "next": target})["Location"] == "/"


def test_the_theme_form_of_another_site_is_refused(here):
    assert here.post("/theme/", {"theme": "dark"}, headers={"origin": "https://elsewhere.example"}).status_code == 400
    assert here.post("/theme/", {"theme": "pink"}).status_code == 400
    assert here.get("/theme/").status_code == 405


def test_a_forged_theme_is_ignored(here):
    here.cookies["allmende_theme"] = '"><script>'
    assert "data-kern-theme" not in body(here.get("/de/"))


def test_assets_may_be_kept_for_ever(here):
    answer = here.get(asset_url("site.css"), headers={"accept-encoding": "br"})
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Encoding"] == "br"
    assert here.get(asset_url("app.js"))["Content-Type"].startswith("text/javascript")
    assert "immutable" not in here.get("/static/icon.svg")["Cache-Control"]


def test_a_missing_asset_says_what_to_do():
    with pytest.raises(AssetMissing, match="make setup"):
        asset_url("nothing.css")


def test_the_licences_of_what_is_bundled_are_there():
    text = (FOLDER / "dist" / "licences.txt").read_text()
    for name in ("Fira Sans", "@kern-ux/native", "maplibre-gl", "vega ", "vega-lite", "htmx.org"):
        assert name in text, name


def test_the_town_has_its_name_in_the_head(here, settings):
    settings.TOWN_NAME = "Musterstadt"
    page = body(here.get("/de/data/"))
    assert "<title>Daten – Musterstadt</title>" in page
    assert "Offizielle Website" not in page
    settings.OFFICIAL_SITE = True
    assert "Offizielle Website" in body(here.get("/de/data/"))


def test_every_page_leads_to_imprint_privacy_and_accessibility(here):
    page = body(here.get("/en/"))
    for slug in ("imprint", "privacy", "accessibility"):
        assert reverse("page", args=[slug]).replace("/de/", "/en/") in page
    assert "/en/feedback/" in page


def test_browsers_find_an_icon(here):
    assert here.get("/favicon.ico")["Location"] == "/static/icon.svg"
