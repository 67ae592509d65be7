"""Settings, all from the environment: `ALLMENDE_*` and `DATABASE_URL`. docs/settings.md lists each; a test compares."""

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlparse

from allmende.run.config import env, env_flag, env_list, mail_settings, oidc_provider

DATA_DIR = Path(env("ALLMENDE_DATA", "data")).resolve()
PACKAGE_DIR = Path(__file__).resolve().parents[1]


def _secret_key() -> str:
    """The key of the data folder, made at the first start; kept outside the database so that a dump holds no key."""
    given = env("ALLMENDE_SECRET_KEY", "")
    if given:
        return given
    path = DATA_DIR / "secret.key"
    if not path.exists():
        if not DATA_DIR.exists():
            return secrets.token_urlsafe(50)  # commands that touch no data folder, such as --help
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


def _database(url: str) -> dict[str, object]:
    if not url:
        url = f"sqlite:///{DATA_DIR / 'allmende.sqlite3'}"
    parts = urlparse(url)
    if parts.scheme == "sqlite":
        # FULL: what a page acknowledges is on disk (notes of the project: NORMAL lost 1,000 rows in four power cuts).
        init = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=10000;"
        init += " PRAGMA secure_delete=ON;"  # what is deleted is overwritten, so that erased versions leave no traces
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] if parts.path.startswith("//") else parts.path,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 10, "init_command": init},
            "CONN_MAX_AGE": None,
        }
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": parts.port or "",
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ValueError(f"DATABASE_URL: '{parts.scheme}' is not known; use sqlite:///path or postgresql://user@host/name.")


SECRET_KEY = _secret_key()
DEBUG = env_flag("ALLMENDE_DEBUG")
ALLOWED_HOSTS = env_list("ALLMENDE_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("ALLMENDE_ORIGINS", "")
PUBLIC_URL = env("ALLMENDE_PUBLIC_URL", "http://127.0.0.1:8000")
MQTT_PORT = int(env("ALLMENDE_MQTT_PORT", "1883"))  # SensorThings over MQTT; 0: not served
OPEN_WRITES = env_flag("ALLMENDE_OPEN_WRITES")
TOWN_NAME = env("ALLMENDE_TOWN", "")
TOWN_KEY = env("ALLMENDE_TOWN_KEY", "")  # the official municipality key, for what harvesters are told
CONTRIBUTOR = env("ALLMENDE_CONTRIBUTOR", "")  # the town's name on GovData's list of contributors

DATABASES = {"default": _database(env("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "allmende.core.apps.CoreConfig",
    "allmende.accounts.apps.AccountsConfig",
    "allmende.catalogue.apps.CatalogueConfig",
    "allmende.observations.apps.ObservationsConfig",
    "allmende.connectors.apps.ConnectorsConfig",
    "allmende.web.apps.WebConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # A page with a chart is 90 kB, packed 15; Django guards its tokens against BREACH.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allmende.accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allmende.web.middleware.FaultPages",
]
ROOT_URLCONF = "allmende.web.urls"
WSGI_APPLICATION = "allmende.run.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE_DIR / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "allmende.web.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env("ALLMENDE_TIME_ZONE", "Europe/Berlin")

# --- pages: assets straight from the installed package (their names carry a hash), and what a page may load ---
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/dist/.+-[A-Z0-9]{8}\.\w+$"
CSRF_FAILURE_VIEW = "allmende.web.faults.csrf_failure"
# KERN's head line «official website»: only for authorities, so off unless they say so.
OFFICIAL_SITE = env_flag("ALLMENDE_OFFICIAL_SITE")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],  # KERN's icons and MapLibre's pictures
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
# --- end of pages ---

CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"allmende": {"level": env("ALLMENDE_LOG", "INFO")}},
}

# --- accounts: sign-in by e-mail and password, passkeys, TOTP with recovery codes, and OIDC where configured ---
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
MAIL = mail_settings(env("ALLMENDE_MAIL", ""))
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = MAIL.backend, MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = MAIL.starttls, MAIL.tls, 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("ALLMENDE_MAIL_FROM", "allmende@localhost")
ACCOUNT_ADAPTER = "allmende.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Without a mail server nobody could confirm an address; with one, ALLMENDE_CONFIRM_MAIL decides whether they must.
ACCOUNT_EMAIL_VERIFICATION = ("mandatory" if env_flag("ALLMENDE_CONFIRM_MAIL") else "optional") if MAIL.host else "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{TOWN_NAME or 'Allmende'}] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _HTTPS else "http"
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # changing address or password asks for the password once more
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key"}  # five wrong passwords, then five minutes' rest
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # the code before counts too: half a minute is short for slow fingers
MFA_TOTP_ISSUER = TOWN_NAME or "Allmende"
MFA_FORMS = {
    "login_webauthn": "allmende.accounts.forms.LoginForm",
    "authenticate_webauthn": "allmende.accounts.forms.SecondFactorForm",
    "reauthenticate_webauthn": "allmende.accounts.forms.ReauthenticateForm",
    "add_webauthn": "allmende.accounts.forms.AddForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS  # browsers themselves allow plain http on localhost only
SOCIALACCOUNT_PROVIDERS = oidc_provider(
    issuer=env("ALLMENDE_OIDC_ISSUER", ""),
    client_id=env("ALLMENDE_OIDC_CLIENT_ID", ""),
    secret=env("ALLMENDE_OIDC_SECRET", ""),
    name=env("ALLMENDE_OIDC_NAME", "OpenID Connect"),
)
if SOCIALACCOUNT_PROVIDERS:  # only where it is configured: it takes 20 MB and a fifth of a second of every start
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
# --- end of accounts ---

MAX_BODY = int(env("ALLMENDE_MAX_BODY", str(64 * 1024 * 1024)))
REQUEST_DAYS = int(env("ALLMENDE_REQUEST_DAYS", "30"))
MAX_UPLOAD = int(env("ALLMENDE_MAX_UPLOAD", str(2 * 1024**3)))
PAGE_THREADS = int(env("ALLMENDE_PAGE_THREADS", "2"))
TRUSTED_PROXIES = env_list("ALLMENDE_TRUSTED_PROXIES", "")
OUTGOING_HOSTS = env_list("ALLMENDE_OUTGOING_HOSTS", "")
DROP_FOLDERS = [Path(folder).resolve() for folder in env_list("ALLMENDE_DROP_FOLDERS", "")]
STORE_MEMORY = env("ALLMENDE_STORE_MEMORY", "1GB")
DRAIN_SECONDS = float(env("ALLMENDE_DRAIN_SECONDS", "20"))
