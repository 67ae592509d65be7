"""Public identifiers: short, safe in a URL, telling their kind, never re-used.

`dst-7k3m9q2x4b` is a Datastream. Fifty bits of chance make a clash in one town improbable; the unique index catches it.
"""

import re
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread over the phone
_LENGTH = 10
_SHAPE = re.compile(rf"^[a-z]{{2,4}}-[{_ALPHABET}]{{{_LENGTH}}}$")


def new_code(prefix: str) -> str:
    """A new identifier such as `dst-7k3m9q2x4b`; prefix: two to four letters naming the kind."""
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def is_code(text: str) -> bool:
    """Whether the text has the shape of one of our identifiers (not whether it exists)."""
    return _SHAPE.fullmatch(text) is not None
