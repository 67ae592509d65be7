"""allauth's passkey forms, answering malformed credentials as wrong ones; as they come they raise KeyError (500)."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms

# What fido2 2.2 and allauth 65.21 raise for a credential of the wrong shape; ValidationError is none of these.
MALFORMED = (KeyError, TypeError, AttributeError, ValueError)


class _WellFormed:
    """Turns faults of parsing into the form's own error, «incorrect code»."""

    def clean_credential(self) -> Authenticator:
        """The authenticator that the credential belongs to."""
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except MALFORMED as fault:
            raise get_adapter().validation_error("incorrect_code") from fault
        return found


class LoginForm(_WellFormed, forms.LoginWebAuthnForm):
    """Signing in by passkey alone."""


class SecondFactorForm(_WellFormed, forms.AuthenticateWebAuthnForm):
    """A passkey as the second factor."""


class ReauthenticateForm(_WellFormed, forms.ReauthenticateWebAuthnForm):
    """A passkey before something delicate."""


class AddForm(forms.AddWebAuthnForm):
    """Adding a passkey."""

    def clean(self) -> dict[str, Any]:
        """As allauth does it, with faults of parsing as errors of the form."""
        try:
            cleaned: dict[str, Any] = super().clean()
        except MALFORMED as fault:
            raise get_adapter().validation_error("incorrect_code") from fault
        return cleaned
