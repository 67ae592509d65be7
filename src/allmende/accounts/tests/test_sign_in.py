"""Signing up and in: password, second factor, recovery code, passkey, provider; and no guessing of passwords."""

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from allmende.accounts.models import Person
from allmende.core import audit
from allmende.core.models import Event
from allmende.run.config import oidc_provider
from tests.cast import PASSWORD, Member


@pytest.fixture(autouse=True)
def no_attempts_yet():
    cache.clear()


def sign_in(browser: Client, email: str, password: str, **more: str):
    return browser.post(reverse("account_login"), {"login": email, "password": password}, **more)


def signed_in_as(browser: Client) -> str | None:
    return browser.session.get("_auth_user_id")


def test_in_by_address_and_password_in_any_case(client: Client, resident: Member):
    answer = sign_in(client, "Resident@Example.ORG", PASSWORD)
    assert (answer.status_code, signed_in_as(client)) == (302, str(resident.person.pk))


@pytest.mark.parametrize(("email", "password"), [("resident@example.org", "wrong"), ("nobody@example.org", PASSWORD)])
def test_not_in_by_anything_else(client: Client, resident: Member, email: str, password: str):
    answer = sign_in(client, email, password)
    assert (answer.status_code, signed_in_as(client)) == (200, None)


def test_fifty_wrong_passwords_are_throttled(client: Client, resident: Member):
    """tum-gis/ckan-docker#40: fifty wrong passwords in a row met no throttle. Ours: also not from many addresses."""
    for attempt in range(50):
        sign_in(client, resident.person.email, f"wrong {attempt}", REMOTE_ADDR=f"192.0.2.{attempt}")
    sign_in(client, resident.person.email, PASSWORD, REMOTE_ADDR="198.51.100.1")
    assert signed_in_as(client) is None, "the right password after fifty wrong ones came too easily"


def test_one_address_cannot_try_many_accounts(client: Client, resident: Member):
    statuses = [sign_in(client, f"person{number}@example.org", "wrong").status_code for number in range(50)]
    assert 429 in statuses
    assert sign_in(client, resident.person.email, PASSWORD).status_code == 429
    assert signed_in_as(client) is None


def test_a_throttled_account_opens_again_after_the_rest(
    client: Client, resident: Member, monkeypatch: pytest.MonkeyPatch
):
    for attempt in range(6):
        sign_in(client, resident.person.email, f"wrong {attempt}")
    sign_in(client, resident.person.email, PASSWORD)
    assert signed_in_as(client) is None
    start = time.time()
    monkeypatch.setattr(time, "time", lambda: start + 301)
    sign_in(client, resident.person.email, PASSWORD)
    assert signed_in_as(client) == str(resident.person.pk)


def test_a_closed_account_stays_out(client: Client, resident: Member):
    resident.person.is_active = False
    resident.person.save()
    sign_in(client, resident.person.email, PASSWORD)
    assert signed_in_as(client) is None


def sign_up(browser: Client, email: str = "new@example.org", password: str = PASSWORD):
    return browser.post(reverse("account_signup"), {"email": email, "password1": password})


@pytest.mark.parametrize("language", ["de", "en"])
def test_signing_up_keeps_the_language_and_tells_the_trail(client: Client, db: None, language: str):
    answer = client.post(f"/{language}/account/signup/", {"email": "New@Example.org", "password1": PASSWORD})
    assert answer.status_code == 302
    person = Person.objects.get()
    assert (person.email, person.language, person.is_staff) == ("new@example.org", language, False)
    assert [entry.action for entry in audit.history("person", person.code)] == ["person.registered"]
    assert Event.objects.get().payload == {"person": person.code}
    assert signed_in_as(client) == str(person.pk)


@pytest.mark.parametrize("password", ["short", "password123", "new@example.org"])
def test_weak_passwords_are_refused(client: Client, db: None, password: str):
    assert sign_up(client, password=password).status_code == 200
    assert not Person.objects.exists()


def test_signing_up_twice_makes_no_second_account_and_betrays_nothing(client: Client, resident: Member, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    known, unknown = sign_up(client, resident.person.email), sign_up(client, "new@example.org")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert Person.objects.filter(email=resident.person.email).count() == 1


def test_where_the_town_asks_for_it_the_address_is_confirmed_first(client: Client, db: None, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    sign_up(client)
    assert signed_in_as(client) is None
    assert not EmailAddress.objects.get().verified
    link = next(word for word in mail.outbox[0].body.split() if "/confirm-email/" in word)
    assert mail.outbox[0].to == ["new@example.org"]
    client.post(link.replace("http://testserver", ""))
    assert EmailAddress.objects.get().verified
    sign_in(client, "new@example.org", PASSWORD)
    assert signed_in_as(client) is not None


def test_a_forgotten_password_is_set_anew_by_mail(client: Client, resident: Member):
    client.post(reverse("account_reset_password"), {"email": resident.person.email})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    form = client.get(link.replace("http://testserver", ""), follow=True).redirect_chain[-1][0]
    fresh = "another long sentence of words"
    assert client.post(form, {"password1": fresh, "password2": fresh}).status_code == 302
    sign_in(client, resident.person.email, fresh)
    assert signed_in_as(client) == str(resident.person.pk)


@pytest.fixture
def second_factor(resident: Member) -> str:
    """The resident's TOTP secret."""
    secret = generate_totp_secret()
    TOTP.activate(resident.person, secret)
    RecoveryCodes.activate(resident.person)
    return secret


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_with_a_second_factor_the_password_alone_does_not_open(client: Client, resident: Member, second_factor: str):
    answer = sign_in(client, resident.person.email, PASSWORD)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert signed_in_as(client) is None
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert signed_in_as(client) is None
    client.post(reverse("mfa_authenticate"), {"code": code_of(second_factor)})
    assert signed_in_as(client) == str(resident.person.pk)


def test_a_recovery_code_opens_once(client: Client, resident: Member, second_factor: str):
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    for opens in (True, False):
        client.logout()
        sign_in(client, resident.person.email, PASSWORD)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert (signed_in_as(client) is not None) is opens


def confirm_password(browser: Client) -> None:
    """What the house asks for before it changes how somebody signs in."""
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def test_an_authenticator_app_is_set_up_after_the_password_was_asked_again(client: Client, resident: Member):
    sign_in(client, resident.person.email, PASSWORD)
    assert client.get(reverse("mfa_activate_totp"))["Location"].startswith(reverse("account_reauthenticate"))
    confirm_password(client)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
    client.logout()
    assert sign_in(client, resident.person.email, PASSWORD)["Location"] == reverse("mfa_authenticate")


def test_a_provider_is_offered_where_the_town_configured_one(client: Client, db: None, settings):
    address = reverse("openid_connect_login", kwargs={"provider_id": "town"})
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert address not in client.get(reverse("account_login")).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = oidc_provider("https://id.example.org", "allmende", "s3cret", "Town ID")
    assert address in client.get(reverse("account_login")).content.decode()
