"""Texts about this site: shown, edited, kept; and the reports of readers."""

import pytest

from allmende.accounts.permissions import Denied
from allmende.core import audit
from allmende.web.markdown import to_html
from allmende.web.models import Feedback, Page
from allmende.web.pages import change_page, get_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_texts")]


@pytest.mark.parametrize("slug", ["imprint", "privacy", "accessibility"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_texts_are_there_from_the_first_day(client, slug, language):
    answer = client.get(f"/{language}/pages/{slug}/")
    assert answer.status_code == 200
    assert Page.objects.get(slug=slug).title[language] in answer.content.decode()


def test_a_text_that_is_not_there(client):
    assert client.get("/de/pages/nothing/").status_code == 404


def test_easy_language_where_there_is_such_a_text(client):
    assert "In Leichter Sprache" in client.get("/de/pages/accessibility/").content.decode()
    assert "Gebärden-Sprache" in client.get("/de/pages/accessibility/?easy=1").content.decode()
    assert "In Leichter Sprache" not in client.get("/de/pages/privacy/").content.decode()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("## Titel", "<h2>Titel</h2>"),
        ("# Titel", "<h2>Titel</h2>"),
        ("- a\n- b", "<li>a</li>"),
        ("**fett**", "<strong>fett</strong>"),
        ("[hin](/de/)", '<a href="/de/">hin</a>'),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](data:text/html,x)", "[x](data:text/html,x)"),
        ("![x](http://elsewhere.example/x.png)", "!"),
    ],
)
def test_markdown_is_safe(written, shown):
    html = to_html(written)
    assert shown in html
    assert "<script" not in html
    assert "<img" not in html


def edited(**changes: str) -> dict[str, str]:
    return {"title_de": "Impressum", "body_de": "## Neu\n\nText", "title_en": "Imprint", "body_en": "New"} | changes


def test_only_administrators_edit(client, signed_in, steward, administrator):
    assert client.get("/de/pages/imprint/edit/")["Location"].startswith("/de/account/login/")
    assert signed_in(steward).get("/de/pages/imprint/edit/").status_code == 403
    assert "Text bearbeiten" not in client.get("/de/pages/imprint/").content.decode()
    assert signed_in(administrator).get("/de/pages/imprint/edit/").status_code == 200
    assert "Text bearbeiten" in client.get("/de/pages/imprint/").content.decode()


def test_a_preview_saves_nothing(signed_in, administrator):
    answer = signed_in(administrator).post("/de/pages/imprint/edit/", edited(preview=""))
    assert "<h2>Neu</h2>" in answer.content.decode()
    assert get_page("imprint").body["de"] != "## Neu\n\nText"


def test_saving_keeps_the_earlier_wording(signed_in, administrator):
    before = get_page("imprint").body
    browser = signed_in(administrator)
    answer = browser.post("/de/pages/imprint/edit/", edited(save=""), follow=True)
    assert "Die frühere ist aufbewahrt" in answer.content.decode()
    assert get_page("imprint").body == {"de": "## Neu\n\nText", "en": "New"}
    version = get_page("imprint").versions.get()
    assert version.body == before
    assert version.replaced_by == administrator.actor.code
    assert "Ersetzt am" in browser.get("/de/pages/imprint/edit/").content.decode()
    assert not list(audit.verify())


def test_saving_the_same_changes_nothing(administrator):
    page = get_page("imprint")
    assert not change_page(administrator.actor, page, title=page.title, body=page.body)
    assert page.versions.count() == 0


def test_a_page_without_german_is_refused_and_kept_as_typed(signed_in, administrator):
    answer = signed_in(administrator).post("/de/pages/imprint/edit/", edited(save="", body_de="", body_en="Stays"))
    assert "Stays" in answer.content.decode()
    assert "Was Sie eingegeben haben, ist noch da" in answer.content.decode()


def test_the_service_asks_for_the_right(steward):
    page = get_page("imprint")
    with pytest.raises(Denied):
        change_page(steward.actor, page, title=page.title, body={"de": "x"})


def test_a_report_is_stored_and_numbered(client):
    answer = client.post("/de/feedback/", {"kind": "barrier", "message": "Zu klein", "page": "/de/data/"})
    report = Feedback.objects.get()
    assert report.code in answer.content.decode()
    assert (report.kind, report.message, report.language, report.done) == ("barrier", "Zu klein", "de", False)
    assert "kommt keine Antwort" in answer.content.decode()


def test_an_empty_report_keeps_what_was_typed(client):
    answer = client.post("/en/feedback/", {"kind": "idea", "message": "", "email": "not an address"})
    assert answer.status_code == 422
    assert 'value="not an address"' in answer.content.decode()
    assert Feedback.objects.count() == 0


def test_the_page_it_is_about_is_filled_in(client):
    assert 'value="/de/data/"' in client.get("/de/feedback/?page=/de/data/").content.decode()


def test_many_reports_from_one_address_have_to_wait(client):
    from django.core.cache import cache

    cache.clear()
    data = {"kind": "idea", "message": "x"}
    for _ in range(5):
        assert client.post("/de/feedback/", data, REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.post("/de/feedback/", data, REMOTE_ADDR="192.0.2.7").status_code == 429
    assert client.post("/de/feedback/", data, REMOTE_ADDR="192.0.2.8").status_code == 200


def test_the_administrator_sees_reports_in_the_back_room(signed_in, administrator):
    report = Feedback.objects.create(kind="mistake", message="Falsch")
    browser = signed_in(administrator)
    assert report.code in browser.get("/de/admin/web/feedback/").content.decode()
    assert browser.get("/de/admin/web/feedback/add/").status_code == 403


def test_texts_are_found_by_the_search(client, store):
    page = client.get("/de/search/?q=Impressum").content.decode()
    assert 'href="/de/pages/imprint/"' in page
