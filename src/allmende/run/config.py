"""Reading the environment, so that settings stay declarative."""

import os
from dataclasses import dataclass
from urllib.parse import unquote, urlparse


def env(name: str, default: str) -> str:
    """The setting's text, or the default where it is absent or empty."""
    return os.environ.get(name) or default


def env_flag(name: str) -> bool:
    """True for 1, true, yes, on."""
    return os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")


def env_list(name: str, default: str) -> list[str]:
    """A comma-separated list without blanks."""
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


@dataclass(frozen=True)
class Mail:
    """How mail leaves the house; without a host it is printed."""

    backend: str = "django.core.mail.backends.console.EmailBackend"
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


def mail_settings(url: str) -> Mail:
    """From smtp://host:25, smtp+starttls://user:password@host:587 or smtps://user:password@host:465; empty: print."""
    if not url:
        return Mail()
    parts = urlparse(url)
    ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise ValueError("ALLMENDE_MAIL is not known; use smtp://, smtp+starttls:// or smtps://user:password@host.")
    return Mail(
        backend="django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or ports[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "smtp+starttls",
        tls=parts.scheme == "smtps",
    )


def oidc_provider(issuer: str, client_id: str, secret: str, name: str) -> dict[str, object]:
    """allauth's description of the one OpenID Connect provider; none where no issuer is given."""
    if not issuer:
        return {}
    if not client_id:
        raise ValueError("ALLMENDE_OIDC_ISSUER is set, but ALLMENDE_OIDC_CLIENT_ID is not.")
    app = {
        "provider_id": "town",  # part of the callback address: /<language>/account/3rdparty/oidc/town/login/callback/
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
