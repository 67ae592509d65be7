"""The door for webhooks: which connectors and unfinished set-ups take messages there now, and who may hand them in."""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from allmende.connectors.intake import Outcome
from allmende.connectors.readings import Message

Take = Callable[[Message], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Hook:
    """One open door."""

    secret_hash: str
    take: Take

    def knows(self, secret: str) -> bool:
        """Whether this is the secret; takes as long for a wrong one as for the right one."""
        return hmac.compare_digest(self.secret_hash, hashed(secret))


_open: dict[str, Hook] = {}
_drafts: dict[str, Hook] = {}  # of set-ups that wait for a first message; a connector of the same code comes first
_NOBODY = Hook(sha256(secrets.token_bytes(32)).hexdigest(), lambda message: _nothing())


async def _nothing() -> Outcome:
    return Outcome()


def find(code: str, secret: str) -> Hook | None:
    """The open door with this code, where the secret is right. A wrong code takes as long as a wrong secret."""
    hook = _open.get(code) or _drafts.get(code, _NOBODY)
    return hook if hook.knows(secret) and hook is not _NOBODY else None


def open_door(code: str, hook: Hook) -> None:
    """Opens a door; for the runner."""
    _open[code] = hook


def close_door(code: str) -> None:
    """Closes it again."""
    _open.pop(code, None)


def open_draft_door(code: str, hook: Hook) -> None:
    """Opens the door of a set-up that is not finished."""
    _drafts[code] = hook


def close_draft_door(code: str) -> None:
    """Closes it again."""
    _drafts.pop(code, None)


def new_secret() -> str:
    """A secret for senders, to be shown once."""
    return secrets.token_urlsafe(24)


def hashed(secret: str) -> str:
    """What is kept of it. It has 192 bits of chance, so a plain hash is enough."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
