"""Actors remembered for a few seconds, so that the event loop of the data plane need not ask the database each time.

Memory only: nothing here ever touches the ORM (which the event loop refuses). A right that was taken away in another
process holds here for at most LIFE seconds; in this process the services forget at once.
"""

import time
from hashlib import sha256
from threading import Lock

from allmende.accounts.actors import Actor

LIFE = 10.0  # seconds
MOST = 10_000  # entries; beyond that the oldest go


class ActorMemory:
    """Secrets (kept only as hashes) and the actors they stand for. Safe to use from several threads."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[float, Actor]] = {}
        self._change = Lock()  # reading needs none: one look-up in a dictionary is one step

    def recall(self, secret: str) -> Actor | None:
        """The actor remembered for this secret within the last LIFE seconds, else None."""
        entry = self._known.get(_key(secret))
        return entry[1] if entry and time.monotonic() - entry[0] < LIFE else None

    def remember(self, secret: str, actor: Actor) -> None:
        """Keeps the actor for LIFE seconds from now."""
        key = _key(secret)
        with self._change:
            self._known.pop(key, None)  # put it last again: the order of the dictionary is the order of age
            self._known[key] = (time.monotonic(), actor)
            while len(self._known) > MOST:
                del self._known[next(iter(self._known))]

    def forget(self) -> None:
        """Forgets everybody: rights have changed."""
        with self._change:
            self._known.clear()


def _key(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


tokens = ActorMemory()
sessions = ActorMemory()


def forget() -> None:
    """Forgets all remembered actors of this process."""
    tokens.forget()
    sessions.forget()
