"""What is new, as feed readers see it, and the sitemap."""

import xml.etree.ElementTree as ET

import httpx

from tests.catalogue.seeding import CANARY

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def entries(text: str) -> list[ET.Element]:
    return ET.fromstring(text).findall("a:entry", ATOM)


def said(entry: ET.Element, name: str) -> str:
    return entry.findtext(f"a:{name}", "", ATOM)


def test_versions_and_new_datasets_newest_first(stranger: httpx.Client):
    answer = stranger.get("/api/catalogue/feed.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    found = entries(answer.text)
    assert [said(each, "title") for each in found] == [
        "Wetter: neuer Datensatz",
        "Haushalt: Fassung 1",
        "Straßenbäume: Fassung 2",
        "Straßenbäume: Fassung 1",
    ]
    assert "1 Zeilen neu, 0 weggefallen, 0 geändert." in said(found[2], "summary")
    assert "erfunden" in said(found[0], "summary")
    link = found[2].find("a:link", ATOM)
    assert link is not None and link.get("href", "").endswith("/de/datasets/trees/versions/2/")
    assert len({said(each, "id") for each in found}) == 4
    moments = [said(each, "updated") for each in found]
    assert moments == sorted(moments, reverse=True)


def test_in_english(stranger: httpx.Client):
    text = stranger.get("/api/catalogue/feed.atom?language=en").text
    assert "Street trees: version 2" in text and "/en/datasets/" in text
    assert stranger.get("/api/catalogue/feed.atom?language=fr").status_code == 400


def test_what_is_withheld_is_no_news(stranger: httpx.Client, insider: httpx.Client):
    for path in ("/api/catalogue/feed.atom", "/api/catalogue/sitemap.xml"):
        assert CANARY not in stranger.get(path).text and "cases" not in stranger.get(path).text
        assert "cases" in insider.get(path).text


def test_the_sitemap_names_each_page_in_both_languages(stranger: httpx.Client):
    tree = ET.fromstring(stranger.get("/api/catalogue/sitemap.xml").text)
    pages = [each.text or "" for each in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(pages) == 6 and all("/datasets/" in page for page in pages)
