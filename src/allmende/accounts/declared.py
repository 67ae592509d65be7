"""The actions of views that are not ours and so cannot wear `@declares`: sign-in (allauth) and Django's admin.

Names of views, or beginnings of names; the longest that fits counts. `accounts.middleware` holds visitors to it.
"""

DECLARED: dict[str, str] = {
    # Getting in, and back in, is for everybody: the reader is nobody yet.
    "account_login": "pages:read",
    "account_logout": "pages:read",
    "account_signup": "pages:read",
    "account_inactive": "pages:read",
    "account_confirm_email": "pages:read",
    "account_email_verification_sent": "pages:read",
    "account_reset_password": "pages:read",
    "account_request_login_code": "pages:read",
    "account_confirm_login_code": "pages:read",
    "account_confirm_password_reset_code": "pages:read",
    "account_complete_password_reset": "pages:read",
    "account_password_reset_completed": "pages:read",
    "mfa_authenticate": "pages:read",  # the second factor: the password was right, the person is not in yet
    "mfa_login_webauthn": "pages:read",
    "mfa_signup_webauthn": "pages:read",
    "mfa_trust": "pages:read",
    "openid_connect_": "pages:read",
    "socialaccount_": "pages:read",
    "django.views.generic.base.RedirectView": "pages:read",  # old addresses of allauth; the new one decides
    # One's own account.
    "account_": "accounts:self",
    "mfa_": "accounts:self",
    "socialaccount_connections": "accounts:self",
    # The back room. Its own sign-in page would go around rate limits and second factors: closed to strangers as well.
    "admin:": "admin:enter",
}


def declared_action(view_name: str) -> str | None:
    """The action declared for a view that is not ours; None when there is none."""
    fitting = [beginning for beginning in DECLARED if view_name.startswith(beginning)]
    return DECLARED[max(fitting, key=len)] if fitting else None
