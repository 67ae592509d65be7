"""Requests for data: asked without an account, looked at, answered in time or refused with a ground, objected to."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.permissions import Denied
from allmende.catalogue.queries.requests import UnknownRequest, get_request, public_requests
from allmende.catalogue.services import asking, register_dataset
from allmende.core import audit
from allmende.core.clock import now
from allmende.web.request_mails import send_answers

pytestmark = [pytest.mark.django_db, pytest.mark.relational]
ASKED = {"title": "Gefällte Bäume", "text": "Seit 2015, je Stadtteil", "email": "asker@example.org"}


@pytest.fixture(autouse=True)
def patience():
    cache.clear()


def body(response, status=200) -> str:
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


def asked_by_form(client, **said) -> tuple[str, str]:
    """Code and the way back."""
    text = body(client.post("/de/datasets/requests/new/", ASKED | said))
    found = re.search(r"/de/datasets/requests/(req-[a-z0-9]+)/\?key=([\w-]+)", text)
    assert found is not None
    return found[1], found[0]


def test_from_a_question_to_an_answer(client, signed_in, administrator):
    assert "Noch hat niemand nach Daten gefragt." in body(client.get("/de/datasets/requests/"))
    code, way_back = asked_by_form(client)
    address = f"/de/datasets/requests/{code}/"
    assert client.get(address).status_code == 404  # nobody has looked at it yet
    assert "noch nicht öffentlich" in body(client.get(way_back))
    assert "Gefällte" not in body(client.get("/de/datasets/requests/"))
    office = signed_in(administrator)
    assert "1 Anfrage wartet auf die Stadt" in body(office.get("/de/datasets/requests/"))
    assert office.post(address, {"do": "admit"}).status_code == 302
    text = body(client.get(address))
    assert "In Arbeit" in text and "Seit 2015" in text
    assert "asker@example.org" not in text and "asker@example.org" not in body(office.get(address))
    dataset = register_dataset(SYSTEM, "felled", "Fällungen")
    said = {"do": "answer", "answer_text": "Hier sind sie.", "dataset": dataset.slug}
    assert office.post(address, said).status_code == 302
    text = body(client.get(address))
    assert "Hier sind sie." in text and "/de/datasets/felled/" in text and "Beantwortet" in text
    assert office.post(address, said).status_code == 302  # twice: said kindly, not done
    assert len(get_request(code).steps.filter(kind="answered")) == 1


def test_the_asker_is_told_once_and_then_forgotten(client, administrator):
    code, _way_back = asked_by_form(client)
    asking.admit(administrator.actor, get_request(code))
    asking.answer(administrator.actor, get_request(code), "Hier.")
    assert send_answers() == 2 and send_answers() == 0
    assert [each.to for each in mail.outbox] == [["asker@example.org"]] * 2
    assert mail.outbox[1].subject.endswith("Ihre Anfrage: Gefällte Bäume") and "Hier." in mail.outbox[1].body
    assert get_request(code).email == ""


def test_refusing_needs_a_ground_and_may_be_objected_to_once(client, signed_in, administrator):
    code, way_back = asked_by_form(client)
    address = f"/de/datasets/requests/{code}/"
    office = signed_in(administrator)
    office.post(address, {"do": "admit"})
    text = body(office.post(address, {"do": "refuse", "refuse_text": "Nein"}), 422)
    assert "Bitte prüfen Sie" in text or "legal_ground" in text
    said = {"do": "refuse", "refuse_text": "Es geht um Menschen.", "legal_ground": "Art. 6 DSGVO"}
    assert office.post(address, said).status_code == 302
    assert "Art. 6 DSGVO" in body(client.get(address))
    assert "Der Ablehnung widersprechen" not in body(client.get(address))
    assert "Der Ablehnung widersprechen" in body(client.get(way_back))
    client.post(address, {"do": "object", "object_text": "Doch"})
    assert get_request(code).state == "refused"  # a stranger objects to nothing
    assert client.post(way_back, {"do": "object", "object_text": "Nur Summen genügen."}).status_code == 302
    assert get_request(code).state == "appealed"
    assert office.post(address, said).status_code == 302
    assert get_request(code).state == "final"
    text = body(client.get(way_back))
    assert "Nach Widerspruch abgelehnt" in text and "ein Gericht" in text
    told = [entry.action for entry in audit.history("request", code)]
    assert told[:3] == ["request.final", "request.appealed", "request.refused"]


def test_a_deadline_moves_only_forward_and_with_a_reason(client, signed_in, administrator):
    code, _ = asked_by_form(client)
    request = asking.admit(administrator.actor, get_request(code))
    with pytest.raises(asking.NotNow):
        asking.extend(administrator.actor, request, request.due, "Ferien")
    with pytest.raises(asking.NotNow):
        asking.extend(administrator.actor, request, request.due + timedelta(days=5), " ")
    asking.extend(administrator.actor, request, request.due + timedelta(days=5), "Es sind viele Akten.")
    assert get_request(code).due == request.due + timedelta(days=5)
    assert "Es sind viele Akten." in body(client.get(f"/de/datasets/requests/{code}/"))


def test_what_is_no_request_is_never_public(client, administrator):
    code, way_back = asked_by_form(client, title="Kaufen Sie Uhren")
    asking.drop(administrator.actor, get_request(code), "Werbung")
    assert client.get(f"/de/datasets/requests/{code}/").status_code == 404
    assert "Werbung" in body(client.get(way_back))
    assert not public_requests().exists()


def test_others_say_that_they_need_it_too(client, signed_in, resident, administrator):
    code, _ = asked_by_form(client)
    request = asking.admit(administrator.actor, get_request(code))
    address = f"/de/datasets/requests/{code}/"
    neighbour = signed_in(resident)
    for _time in range(2):
        neighbour.post(address, {"do": "support"})
    assert "1 Mensch braucht sie auch" in body(client.get(address))
    neighbour.post(address, {"do": "unsupport"})
    assert "Mensch braucht" not in body(client.get(address))
    with pytest.raises(Denied):
        asking.support(ANONYMOUS, request, wanted=True)


def test_only_the_office_decides(client, resident):
    code, _ = asked_by_form(client)
    for act in (asking.admit, lambda actor, request: asking.drop(actor, request, "x")):
        with pytest.raises(Denied):
            act(resident.actor, get_request(code))
    client.post(f"/de/datasets/requests/{code}/", {"do": "admit"})
    assert get_request(code).state == "received"


def test_a_late_answer_stands_there_as_late(client, administrator):
    code, _ = asked_by_form(client)
    request = asking.admit(administrator.actor, get_request(code))
    request.due = (now() - timedelta(days=3)).date()
    request.save()
    assert "überfällig" in body(client.get("/de/datasets/requests/"))
    assert "überfällig seit" in body(client.get(f"/de/datasets/requests/{code}/"))


def test_nobody_floods_the_office(client):
    for _time in range(5):
        asked_by_form(client)
    assert "Von Ihrem Anschluss kamen viele Anfragen." in body(client.post("/de/datasets/requests/new/", ASKED), 429)


def test_addresses_are_forgotten_when_objecting_is_over(client, administrator):
    code, _ = asked_by_form(client)
    asking.refuse(administrator.actor, get_request(code), "Nein.", "§ 1 Test")
    send_answers()
    assert asking.forget_addresses() == 0 and get_request(code).email
    get_request(code).steps.update(at=now() - timedelta(days=40))
    assert asking.forget_addresses() == 1 and get_request(code).email == ""


def test_unknown_ones_are_404(client):
    with pytest.raises(UnknownRequest):
        get_request("req-nothing")
    assert client.get("/de/datasets/requests/req-nothing/").status_code == 404
