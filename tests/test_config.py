"""Reading the environment: databases, mail and the provider of identities, each with clear refusals."""

import subprocess
import sys

import pytest

from allmende.run import config
from allmende.run.config import Mail, mail_settings, oidc_provider


@pytest.mark.parametrize(
    ("url", "mail"),
    [
        ("", Mail()),
        ("smtp://mail", Mail(config.Mail.backend.replace("console", "smtp"), "mail", 25)),
        (
            "smtp+starttls://clerk:p%40ss@mail.example.org",
            Mail(
                config.Mail.backend.replace("console", "smtp"), "mail.example.org", 587, "clerk", "p@ss", starttls=True
            ),
        ),
        (
            "smtps://clerk:pass@mail.example.org:4650",
            Mail(config.Mail.backend.replace("console", "smtp"), "mail.example.org", 4650, "clerk", "pass", tls=True),
        ),
    ],
)
def test_mail_servers_are_understood(url: str, mail: Mail):
    assert mail_settings(url) == mail


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail", "smtp://", "imap://clerk:hush@mail"])
def test_other_mail_servers_are_refused_without_telling_the_password(url: str):
    with pytest.raises(ValueError, match="ALLMENDE_MAIL is not known") as caught:
        mail_settings(url)
    assert "hush" not in str(caught.value)


def test_no_issuer_means_no_provider():
    assert oidc_provider("", "", "", "OpenID Connect") == {}


def test_an_issuer_makes_a_provider():
    (app,) = oidc_provider("https://id.example.org", "allmende", "hush", "Town ID")["openid_connect"]["APPS"]
    assert (app["name"], app["settings"]["server_url"]) == ("Town ID", "https://id.example.org")
    with pytest.raises(ValueError, match="ALLMENDE_OIDC_CLIENT_ID"):
        oidc_provider("https://id.example.org", "", "", "Town ID")


@pytest.mark.parametrize(
    ("given", "expected"), [("1", True), ("yes", True), (" ON ", True), ("0", False), ("", False), ("no", False)]
)
def test_switches(monkeypatch: pytest.MonkeyPatch, given: str, expected: bool):
    monkeypatch.setenv("ALLMENDE_DEBUG", given)
    assert config.env_flag("ALLMENDE_DEBUG") is expected


def test_empty_counts_as_not_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ALLMENDE_HOSTS", "")
    assert config.env_list("ALLMENDE_HOSTS", "a, b,") == ["a", "b"]
    assert config.env("ALLMENDE_HOSTS", "x") == "x"


def settings_with(tmp_path, expression: str, **environment: str) -> str:
    """What a fresh process thinks of an expression over the settings."""
    code = f"from allmende.run import settings; print({expression})"
    environment = {"ALLMENDE_DATA": str(tmp_path), "PATH": "/usr/bin:/bin", **environment}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("environment", "expression", "expected"),
    [
        ({}, "settings.ACCOUNT_EMAIL_VERIFICATION", "none"),
        ({"ALLMENDE_CONFIRM_MAIL": "1"}, "settings.ACCOUNT_EMAIL_VERIFICATION", "none"),
        ({"ALLMENDE_MAIL": "smtp://m"}, "settings.ACCOUNT_EMAIL_VERIFICATION", "optional"),
        (
            {"ALLMENDE_MAIL": "smtp://m", "ALLMENDE_CONFIRM_MAIL": "1"},
            "settings.ACCOUNT_EMAIL_VERIFICATION",
            "mandatory",
        ),
        ({"ALLMENDE_PUBLIC_URL": "https://a.example"}, "settings.SESSION_COOKIE_SECURE", "True"),
        ({"DATABASE_URL": "mysql://x"}, "1", "'mysql' is not known"),
        ({"DATABASE_URL": "postgresql://u:p%40@%2Frun%2Fpg/town"}, "settings.DATABASES['default']['HOST']", "/run/pg"),
        ({"DATABASE_URL": "sqlite:////tmp/x.db"}, "settings.DATABASES['default']['NAME']", "/tmp/x.db"),
        ({"ALLMENDE_OIDC_ISSUER": "https://id"}, "1", "ALLMENDE_OIDC_CLIENT_ID is not"),
    ],
)
def test_the_environment_decides(tmp_path, environment: dict, expression: str, expected: str):
    assert expected in settings_with(tmp_path, expression, **environment)


def test_the_secret_key_is_made_once_and_is_nobody_elses(tmp_path):
    first = settings_with(tmp_path, "settings.SECRET_KEY")
    assert first == settings_with(tmp_path, "settings.SECRET_KEY")
    assert len(first) >= 50
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert settings_with(tmp_path, "settings.SECRET_KEY", ALLMENDE_SECRET_KEY="given") == "given"
