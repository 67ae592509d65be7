"""Passkeys, with an authenticator made of software: registered, used to sign in without a password, and not forged."""

import json
from hashlib import sha256

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from tests.cast import PASSWORD, Member

HOST = "testserver"
FLAGS = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


@pytest.fixture(autouse=True)
def no_attempts_yet():
    cache.clear()


class SoftwareKey:
    """What sits in a phone or a key ring: one private key for one address and one person."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = b"software-key-0001"
        self.user = ""

    def register(self, options: dict) -> str:
        """Answers navigator.credentials.create."""
        self.user = options["publicKey"]["user"]["id"]
        public = AttestedCredentialData.create(Aaguid.NONE, self.id, ES256.from_cryptography_key(self.key.public_key()))
        data = AuthenticatorData.create(self._place(), FLAGS | AuthenticatorData.FLAG.AT, 0, public)
        return self._answer(
            clientDataJSON=self._client_data("webauthn.create", options),
            attestationObject=bytes(AttestationObject.create("none", data, {})),
        )

    def sign_in(self, options: dict, key: ec.EllipticCurvePrivateKey | None = None) -> str:
        """Answers navigator.credentials.get."""
        client_data = self._client_data("webauthn.get", options)
        data = bytes(AuthenticatorData.create(self._place(), FLAGS, 1))
        signature = (key or self.key).sign(data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client_data, authenticatorData=data, signature=signature)

    def _place(self) -> bytes:
        return sha256(HOST.encode()).digest()

    def _client_data(self, kind: str, options: dict) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": f"http://{HOST}"}).encode()

    def _answer(self, **parts: bytes) -> str:
        response = {name: websafe_encode(part) for name, part in parts.items()} | {"userHandle": self.user}
        identity = websafe_encode(self.id)
        return json.dumps({"type": "public-key", "id": identity, "rawId": identity, "response": response})


@pytest.fixture
def passkey(client: Client, resident: Member) -> SoftwareKey:
    """A key that the resident has added to the account; they are signed out again."""
    client.post(reverse("account_login"), {"login": resident.person.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_add_webauthn"))
    key = SoftwareKey()
    credential = key.register(page.context["js_data"]["creation_options"])
    answer = client.post(reverse("mfa_add_webauthn"), {"name": "Ring", "credential": credential, "passwordless": "on"})
    assert answer.status_code == 302, answer.context["form"].errors
    client.logout()
    return key


def options_for(browser: Client) -> dict:
    answer = browser.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    return answer.json()["request_options"]


def test_a_passkey_signs_in_without_a_password(client: Client, resident: Member, passkey: SoftwareKey):
    credential = passkey.sign_in(options_for(client))
    assert client.post(reverse("mfa_login_webauthn"), {"credential": credential}).status_code == 302
    assert client.session["_auth_user_id"] == str(resident.person.pk)


def test_a_forged_signature_does_not(client: Client, passkey: SoftwareKey):
    forged = passkey.sign_in(options_for(client), key=ec.generate_private_key(ec.SECP256R1()))
    client.post(reverse("mfa_login_webauthn"), {"credential": forged})
    assert "_auth_user_id" not in client.session


def test_an_answer_counts_once(client: Client, passkey: SoftwareKey):
    old = passkey.sign_in(options_for(client))
    client.post(reverse("mfa_login_webauthn"), {"credential": old})
    client.logout()
    options_for(client)
    client.post(reverse("mfa_login_webauthn"), {"credential": old})
    assert "_auth_user_id" not in client.session


def test_the_password_alone_no_longer_opens(client: Client, resident: Member, passkey: SoftwareKey):
    answer = client.post(reverse("account_login"), {"login": resident.person.email, "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


NONSENSE = [
    "",
    "null",
    "{}",
    "[]",
    '"x"',
    "not json",
    '{"id": 1}',
    '{"response": {}}',
    '{"id": "eA", "rawId": "eA"}',
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "e30", "userHandle": 5}}',
]


@pytest.mark.parametrize("credential", NONSENSE)
def test_nonsense_opens_nothing_and_breaks_nothing(client: Client, passkey: SoftwareKey, credential: str):
    options_for(client)
    assert client.post(reverse("mfa_login_webauthn"), {"credential": credential}).status_code in (200, 302)
    client.post(reverse("account_login"), {"login": "resident@example.org", "password": PASSWORD})
    assert client.post(reverse("mfa_authenticate"), {"credential": credential}).status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("credential", NONSENSE)
def test_nonsense_is_not_added_as_a_passkey(client: Client, resident: Member, credential: str):
    client.post(reverse("account_login"), {"login": resident.person.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_add_webauthn"))
    assert client.post(reverse("mfa_add_webauthn"), {"name": "x", "credential": credential}).status_code == 200
    assert not Authenticator.objects.exists()
