"""Signing in, up and out, in our dress; the pages of one's own account."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("login/", "Anmelden"),
        ("signup/", "Konto eröffnen"),
        ("password/reset/", "Passwort"),
    ],
)
def test_pages_for_strangers(client, path, words):
    page = client.get(f"/de/account/{path}").content.decode()
    assert words in page
    assert "kern-form-input__input" in page
    assert "al-doors" in page


@pytest.mark.parametrize("path", ["email/", "password/change/", "2fa/", "logout/"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_of_ones_own_account(signed_in, resident, path, language):
    answer = signed_in(resident).get(f"/{language}/account/{path}")
    assert answer.status_code == 200
    assert "al-account__nav" in answer.content.decode()
    assert 'aria-current="page"' in answer.content.decode()


def test_a_wrong_password_keeps_the_address(client, resident):
    answer = client.post("/de/account/login/", {"login": "resident@example.org", "password": "wrong"})
    page = answer.content.decode()
    assert 'value="resident@example.org"' in page
    assert "Was Sie eingegeben haben, ist noch da" in page
    assert "wrong" not in page


def test_the_back_room_is_offered_to_administrators_only(signed_in, resident, administrator):
    assert "/de/admin/" not in signed_in(resident).get("/de/account/email/").content.decode()
    assert "/de/admin/" in signed_in(administrator).get("/de/account/email/").content.decode()


def test_passkeys_are_offered_where_the_browser_can(client):
    page = client.get("/de/account/login/").content.decode()
    assert 'id="passkey_login" data-passkey hidden' in page
    assert "<noscript>" in page
