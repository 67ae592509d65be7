"""Describing datasets and columns: what is typed is what is kept, faults stand beside their field, two at once."""

import json
import re

import pytest

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.catalogue.queries import Column, dictionaries, get_dataset, shared_with
from allmende.catalogue.services import change_dataset, publish_version, register_dataset
from allmende.catalogue.tests.contents import load, published

pytestmark = pytest.mark.django_db
PEOPLE = "name;mail\nA. Muster;a.muster@example.org\nB. Muster;b.muster@example.org\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def trees(tmp_path):
    return published(tmp_path, key=["nr"])


@pytest.fixture
def desk(signed_in, administrator):
    return signed_in(administrator)


def form_of(browser, address: str) -> dict[str, str | list[str]]:
    """The values of the form as the page holds them."""
    text = browser.get(address).content.decode()
    values = dict(re.findall(r'<input type="hidden" name="(seen)" value="([^"]*)"', text))
    return values | {"title_de": "Bäume", "access_class": "open"}


def dictionary() -> dict[str, Column]:
    """The entries of the trees' only table, by the column's name."""
    ((_, entries),) = dictionaries(get_dataset(SYSTEM, "trees"))
    return {entry.name: entry for entry, _facts, _span in entries}


def body(response, status=200) -> str:
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


def test_what_is_typed_is_what_is_kept(desk, trees, environment_office):
    address = "/de/datasets/trees/describe/"
    said = {
        "title_en": "Trees",
        "description_de": "Alle Bäume\r\nder Stadt",
        "description_easy": "Hier stehen Bäume.",
        "themes": ["ENVI", "REGI"],
        "keywords": "Linde,  Ahorn ; Linde",
        "place_uri": "16053000",
        "begins": "2020-01-01",
        "frequency": "ANNUAL",
        "hvd": ["geospatial"],
        "licence": "http://dcat-ap.de/def/licenses/dl-zero-de/2.0",
        "owner": environment_office.code,
        "contact_email": "baeume@example.org",
        "retention_days": "",
    }
    assert desk.post(address, form_of(desk, address) | said).status_code == 302
    found = get_dataset(ANONYMOUS, "trees")
    assert found.title == {"de": "Bäume", "en": "Trees"}
    assert found.description == {"de": "Alle Bäume\nder Stadt", "easy": "Hier stehen Bäume."}
    assert (found.themes, found.keywords, found.hvd) == (["ENVI", "REGI"], ["Linde", "Ahorn"], ["geospatial"])
    assert found.place_uri == "http://dcat-ap.de/def/politicalGeocoding/municipalityKey/16053000"
    assert (str(found.begins), found.ends, found.owner) == ("2020-01-01", None, environment_office)
    text = body(desk.get(address))
    assert 'value="Linde, Ahorn"' in text and "Hier stehen Bäume." in text
    assert body(desk.get("/de/datasets/trees/")).count("baeume@example.org") >= 1


def test_faults_stand_beside_their_field_and_nothing_is_lost(desk, trees):
    address = "/de/datasets/trees/describe/"
    wrong = {"access_class": "shared", "place_uri": "Jupiter", "keywords": "Linde", "hvd": ["geospatial"]}
    text = body(desk.post(address, form_of(desk, address) | wrong), 422)
    assert "Das ist weder ein amtlicher Schlüssel noch eine Adresse." in text
    assert "Hochwertige Daten sind offen." in text
    assert 'value="Linde"' in text
    text = body(desk.post(address, form_of(desk, address) | {"access_class": "shared"}), 422)
    assert 'href="#id_legal_ground"' in text
    assert get_dataset(ANONYMOUS, "trees").access_class == "open"


def test_two_at_once_do_not_overwrite_each_other_unawares(desk, trees):
    address = "/de/datasets/trees/describe/"
    form = form_of(desk, address)
    change_dataset(SYSTEM, trees, keywords=["Esche"])
    text = body(desk.post(address, form | {"keywords": "Linde"}), 422)
    assert "Inzwischen hat jemand die Beschreibung geändert." in text
    assert get_dataset(ANONYMOUS, "trees").keywords == ["Esche"]
    seen = re.search(r'name="seen" value="([^"]*)"', text)
    assert seen is not None
    assert desk.post(address, form | {"keywords": "Linde", "seen": seen[1]}).status_code == 302
    assert get_dataset(ANONYMOUS, "trees").keywords == ["Linde"]


def test_withheld_rows_do_not_become_open_unexamined(desk, tmp_path):
    """The gate stands before open data; it may not be walked around by publishing first and opening afterwards."""
    dataset = register_dataset(SYSTEM, "people", "People", access_class="protected", legal_ground="§ 1 Test")
    version = load(tmp_path, dataset, PEOPLE)
    assert version is not None
    publish_version(SYSTEM, version)
    address = "/de/datasets/people/describe/"
    text = body(desk.post(address, form_of(desk, address)), 422)
    assert "Etwas spricht dagegen, das in Version 1 Veröffentlichte zu öffnen" in text
    assert get_dataset(SYSTEM, "people").access_class == "protected"


def test_a_dataset_is_registered_before_it_has_data(desk, environment_office):
    assert "Datensatz anlegen" in body(desk.get("/de/datasets/new/"))
    said = {"title_de": "Öffentliche Bänke", "access_class": "shared", "legal_ground": "§ 1 Test"}
    more = {"owner": environment_office.code, "shared_with": [environment_office.code]}
    answer = desk.post("/de/datasets/new/", said | more)
    assert answer.status_code == 302 and answer.url.endswith("?dataset=oeffentliche-baenke")
    assert shared_with(get_dataset(SYSTEM, "oeffentliche-baenke")) == [environment_office.pk]
    assert "Es gibt schon einen Datensatz dieses Namens." in body(desk.post("/de/datasets/new/", said | more), 422)
    assert "Es gibt schon" in body(desk.post("/de/datasets/new/", said | {"title_de": "Load"}), 422)


def test_only_those_who_manage_may(signed_in, resident, trees):
    browser = signed_in(resident)
    for path in ("describe/", "columns/"):
        assert browser.get(f"/de/datasets/trees/{path}").status_code in (403, 404)
    assert "/describe/" not in body(browser.get("/de/datasets/trees/"))


def test_columns_get_a_name_a_meaning_and_may_be_withheld(desk, trees):
    entries = dictionary()
    column, other = entries["pate"], entries["hoehe"]
    text = body(desk.get("/de/datasets/trees/columns/"))
    assert f'name="c{column.pk}-withheld"' in text and "3.0 – 12.5" in text
    fields = {
        f"c{each.pk}-{name}_{variant}": text
        for each in entries.values()
        for name in ("title", "description")
        for variant, text in getattr(each, name).items()
    }
    said = {
        f"c{column.pk}-description_de": "Wer gießt",
        f"c{column.pk}-withheld": "on",
        f"c{other.pk}-unit": "m",
    }
    assert desk.post("/de/datasets/trees/columns/", fields | said).status_code == 302
    column, other = dictionary()["pate"], dictionary()["hoehe"]
    assert (column.description, column.withheld, other.unit) == ({"de": "Wer gießt"}, True, "m")


def test_the_page_speaks_to_machines(client, trees):
    text = body(client.get("/de/datasets/trees/"))
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text)
    assert found is not None
    said = json.loads(found[1])
    assert (said["@type"], said["name"]) == ("Dataset", "Trees")
    assert 'type="application/atom+xml"' in text and "feed.atom?dataset=trees" in text
    assert "/api/ogc/collections/trees/tiles/WebMercatorQuad/{z}/{y}/{x}?version=1" in text
    assert "von 405 Punkten" in text


def test_a_title_cannot_break_out_of_the_script(client, trees):
    change_dataset(SYSTEM, trees, title={"de": "</script><script>alert(1)</script>"})
    text = body(client.get("/de/datasets/trees/"))
    assert "<script>alert" not in text


def test_what_is_not_open_says_nothing_to_search_engines(desk, tmp_path):
    register_dataset(SYSTEM, "secret", "Secret", access_class="protected", legal_ground="§ 1 Test")
    assert 'application/ld+json">{' not in body(desk.get("/de/datasets/secret/"))
