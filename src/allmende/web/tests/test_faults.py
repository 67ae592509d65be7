"""What a reader sees when something fails, in both languages."""

import pytest
from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.test import Client, RequestFactory

from allmende.accounts.actors import ANONYMOUS
from allmende.accounts.permissions import Denied
from allmende.observations.stores import StoreClosed
from allmende.web import faults
from allmende.web.views import home

pytestmark = pytest.mark.django_db


@pytest.fixture
def failing(monkeypatch, store):
    """failing(error): the home page raises it; returns a browser that is shown what a reader is shown."""

    def fail(error: Exception) -> Client:
        def places(actor):
            raise error

        monkeypatch.setattr(home, "places", places)
        return Client(raise_request_exception=False)

    return fail


@pytest.mark.parametrize(
    ("error", "status", "german", "english"),
    [
        (OperationalError("gone"), 503, "Wartung", "Maintenance"),
        (StoreClosed("gone"), 503, "Wartung", "Maintenance"),
        (RuntimeError("secret detail"), 500, "Bei uns ist etwas schiefgegangen", "Something went wrong on our side"),
        (BadRequest("?"), 400, "Die Anfrage war nicht zu verstehen", "The request was not understood"),
    ],
)
def test_faults_have_pages(failing, error, status, german, english):
    client = failing(error)
    for language, words in (("de", german), ("en", english)):
        answer = client.get(f"/{language}/")
        assert answer.status_code == status
        assert words in answer.content.decode()
        assert "secret detail" not in answer.content.decode()
        assert "Content-Security-Policy" in answer


def test_maintenance_says_when_to_come_back(failing):
    assert failing(OperationalError("gone")).get("/de/")["Retry-After"] == "60"


def test_nothing_there(client, store):
    answer = client.get("/en/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
    assert "/en/feedback/?page=/en/nowhere/" in answer.content.decode()


def test_strangers_are_led_to_the_sign_in_page_and_back(failing):
    answer = failing(Denied("x:y", ANONYMOUS)).get("/de/?a=b")
    assert answer["Location"] == "/de/account/login/?next=%2Fde%2F%3Fa%3Db"


def test_others_see_why(failing, signed_in, resident):
    failing(Denied("x:y", resident.actor))
    answer = signed_in(resident).get("/de/")
    assert answer.status_code == 403
    assert "Ihrem Konto fehlt das Recht" in answer.content.decode()


def test_an_old_form_is_explained(store):
    answer = Client(enforce_csrf_checks=True).post("/de/feedback/", {"message": "x"})
    assert answer.status_code == 403
    assert "Das Formular war zu lange offen" in answer.content.decode()


def test_the_last_resort_needs_nothing(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("templates are gone")

    monkeypatch.setattr(faults, "render", broken)
    answer = faults.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Störung" in answer.content.decode()
