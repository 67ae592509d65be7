"""The list of datasets and its search, as pages and through the API's suggestions."""

import pytest
from django.test import Client

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.services import register_dataset
from tests.cast import Cast


@pytest.fixture
def listed(db):
    register_dataset(SYSTEM, "trees", "Baumkataster", description="Alle <b>Bäume</b> & Sträucher", themes=["ENVI"])
    register_dataset(SYSTEM, "stops", "Haltestellen", themes=["TRAN", "ENVI"], place="Nord")
    register_dataset(
        SYSTEM, "cases", "Geheimbäume", themes=["JUST"], access_class="protected", legal_ground="Art. 6 DSGVO"
    )


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/de/datasets/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_words_are_marked_and_markup_of_texts_stays_text(client, listed):
    text = page(client, "?q=baum")
    assert "1 Datensatz" in text and "<mark>Baumkataster</mark>" in text
    assert "Alle &lt;b&gt;<mark>Bäume</mark>&lt;/b&gt; &amp; Sträucher" in text
    assert "Haltestellen" not in text and "Geheim" not in text


def test_a_typing_error_shows_what_was_meant(client, listed):
    text = page(client, "?q=Baumkatatser")
    assert 'href="?q=Baumkataster"' in text and "/de/datasets/trees/" in text


def test_filters_count_add_up_and_can_be_taken_back(client, listed):
    text = page(client, "?theme=ENVI&theme=TRAN")
    assert "2 Datensätze" in text and text.count('class="al-chip"') == 2
    assert 'href="?theme=TRAN"' in text and 'href="?theme=ENVI"' in text
    assert "Justiz" not in text and "geschützt" not in text
    assert "1 Datensatz" in page(client, "?theme=ENVI&place=Nord")


def test_who_may_sees_and_counts_what_is_protected(client, listed, cast: Cast):
    client.force_login(cast.administrator.person)
    text = page(client)
    assert "3 Datensätze" in text and "Justiz" in text and "geschützt" in text


def test_orders(client, listed):
    by_title = page(client, "?sort=title")
    assert by_title.index("Baumkataster") < by_title.index("Haltestellen")
    newest = page(client)
    assert newest.index("/de/datasets/stops/") < newest.index("/de/datasets/trees/")
    assert "2 Datensätze" in page(client, "?sort=nonsense&theme=&page=x")


def test_nothing_found_offers_words_that_are_there(client, listed):
    text = page(client, "?q=Haltungsschaden")
    assert "Haltestellen" in text and 'class="al-empty"' in text
    assert "Geheimb" not in page(client, "?q=Geheimrat")


@pytest.mark.parametrize("text", ["%00", "%27%22%3Cscript%3E", "x" * 3000, "der+die+das", "%F0%9F%8C%B3"])
def test_hostile_questions(client, listed, text: str):
    shown = page(client, f"?q={text}&theme=%00&owner='\"<x>")
    assert "<script>" not in shown.replace('<script type="module"', "") and "<x>" not in shown
    assert client.get(f"/de/search/?q={text}").status_code == 200


def test_the_search_page_says_what_was_meant(client, listed):
    text = client.get("/de/search/?q=Baumkatatser").content.decode()
    assert "?q=Baumkataster" in text and "/de/datasets/set-" in text


def test_browsers_are_told_how_to_search_here(client, listed):
    assert 'href="/opensearch.xml?language=de"' in page(client)
    answer = client.get("/opensearch.xml?language=en", headers={"host": "testserver"})
    assert answer["Content-Type"] == "application/opensearchdescription+xml"
    assert "http://testserver/en/search/?q={searchTerms}" in answer.content.decode()


def test_the_list_asks_few_questions(client, listed, django_assert_max_num_queries):
    page(client, "?q=baum")
    with django_assert_max_num_queries(25):
        page(client, "?q=baum&theme=ENVI")
