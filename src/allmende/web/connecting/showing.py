"""What the list and the page of a connector show: its state in words, its facts as numbers and times."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from allmende.connectors.queries import Connector, FaultyMessage, state_of
from allmende.connectors.readings import Message
from allmende.connectors.table import KINDS
from allmende.core.clock import from_us
from allmende.core.said import told
from allmende.web.connecting.words import STATES

_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A connector as pages show it."""

    connector: Connector
    kind: Any
    state: str
    sign: str
    word: Any
    meaning: Any
    last_message: datetime | None
    per_minute: int
    per_hour: int
    faults: int

    @property
    def facts(self) -> dict[str, Any]:
        """All that was written down of it."""
        return dict(self.connector.state)

    @property
    def since(self) -> datetime | None:
        return moment_of(self.facts.get("since"))

    @property
    def next_attempt(self) -> datetime | None:
        return moment_of(self.facts.get("next_attempt"))

    @property
    def flooding(self) -> list[tuple[str, int, datetime]]:
        """Devices that are held back: (device, messages not read, since)."""
        found = self.facts.get("flooding") or []
        return [(each["device"], each["dropped"], from_us(round(each["since"] * 1e6))) for each in found]

    @property
    def troubles(self) -> list[tuple[datetime | None, str]]:
        """The last faults that belong to no message, newest first: (when, what)."""
        found = [each for each in self.facts.get("faults", []) if not each.get("payload") and not each.get("topic")]
        return [(moment_of(each["at"]), told(each.get("said", [])) or each["why"]) for each in reversed(found)]

    @property
    def door(self) -> str:
        """The address for senders; empty where messages do not come over webhooks."""
        return door_of(self.connector.code) if KINDS[self.connector.kind].hook else ""


@dataclass(frozen=True, slots=True)
class Faulty:
    """A message that could not be used. whole: whether it can be replayed."""

    code: str
    at: datetime
    topic: str
    text: str
    why: str
    attempts: int
    whole: bool


def shown(connector: Connector) -> Shown:
    """The connector for a list or page."""
    state = state_of(connector)
    sign, word, meaning = STATES[state]
    facts = connector.state
    kind = KINDS[connector.kind].label if connector.kind in KINDS else connector.kind
    return Shown(
        connector,
        kind,
        state,
        sign,
        word,
        meaning,
        moment_of(facts.get("last_message")),
        int(facts.get("per_minute", 0)),
        int(facts.get("per_hour", 0)),
        int(facts.get("faults_total", 0)),
    )


def faulty(row: FaultyMessage) -> Faulty:
    """A message for the list of those that could not be used."""
    payload = bytes(row.payload)
    text = payload[:_SHOWN].decode("utf-8", "replace")
    why = told(row.said) or row.why
    return Faulty(row.code, from_us(row.arrival), row.topic, text, why, row.attempts, len(payload) == row.size)


def message(row: FaultyMessage) -> Message | None:
    """The message itself; None where only its beginning was kept."""
    payload = bytes(row.payload)
    return Message(payload, row.topic, row.arrival) if len(payload) == row.size else None


def moment_of(text: Any) -> datetime | None:
    """An instant that was written down; None for none."""
    try:
        return datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None


def door_of(code: str) -> str:
    """The address to which senders of webhooks send."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/api/hooks/{code}"
