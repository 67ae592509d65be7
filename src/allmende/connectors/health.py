"""What a running connector knows about itself: counts, rates, the last messages, the last faults, the next attempt."""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from time import time
from typing import Any

from allmende.connectors.flood import Flood
from allmende.connectors.rates import Rate
from allmende.connectors.readings import Message
from allmende.core.said import Said

_FAULTS = 20
_SHOWN = 500
_MOST_SAID = 5
_SAMPLES = 5
_SAMPLE_BYTES = 65_536


class Health:
    """Kept in memory on the event loop; written to the table now and then by the runner. Every part is bounded.

    removed: the connector is gone for good, and nothing is to be kept for it elsewhere.
    """

    def __init__(self) -> None:
        self.connected = self.removed = False
        self.since: float | None = None
        self.messages = self.observations = self.faults_total = self.dropped = 0
        self.last_message: float | None = None
        self.next_attempt: float | None = None
        self.attempts_failed = 0
        self.progress: dict[str, Any] = {}
        self.faults: deque[dict[str, Any]] = deque(maxlen=_FAULTS)
        self.samples: deque[Message] = deque(maxlen=_SAMPLES)
        self._rate = Rate()
        self._flood: Flood | None = None

    def watch(self, flood: Flood) -> None:
        """Tells of this limiter from now on."""
        if self._flood is not None:
            self.dropped += self._flood.dropped
        self._flood = flood

    def connection(self, up: bool, why: Said | None = None) -> None:
        """Notes that the way in opened or closed."""
        if up != self.connected or self.since is None:
            self.connected, self.since = up, time()
        if up:
            self.attempts_failed, self.next_attempt = 0, None
        if why:
            self.attempts_failed += 1
            self.fault([why])

    def again(self, seconds: float) -> None:
        """Notes when the next attempt is due."""
        self.next_attempt = time() + seconds

    def came(self, message: Message, count: int = 1) -> None:
        """Notes a message (or several, of which this is the last) before it is looked into."""
        self.messages += count
        self.last_message = time()
        self._rate.add(count)
        self.samples.append(message)

    def page(self) -> None:
        """Notes a page of another server, which is no message that could be looked at."""
        self.messages += 1
        self.last_message = time()
        self._rate.add()

    def took(self, observations: int) -> None:
        """Notes observations that are on disk."""
        self.observations += observations

    def fault(self, why: Sequence[Said], message: Message | None = None) -> None:
        """Notes a message that could not be used, or another fault, with the beginning of what caused it."""
        self.faults_total += 1
        topic = message.topic if message else ""
        shown = readable(message.payload[:_SHOWN]) if message else ""
        text = " ".join(map(str, why)).replace("\0", "\ufffd")[:_SHOWN]
        said = [each.to_json() for each in why[:_MOST_SAID]]
        self.faults.append({"at": _iso(time()), "why": text, "said": said, "topic": topic, "payload": shown})

    def sample_facts(self) -> list[dict[str, Any]]:
        """The last messages, newest first: {topic, arrival (µs UTC), payload as text, size in bytes}."""
        return [
            {
                "topic": each.topic[:_SHOWN],
                "arrival": each.arrival,
                "payload": readable(each.payload[:_SAMPLE_BYTES]),
                "size": len(each.payload),
            }
            for each in reversed(self.samples)
        ]

    def facts(self) -> dict[str, Any]:
        """Everything but the samples, as JSON."""
        return {
            "connected": self.connected,
            "since": _iso(self.since),
            "messages": self.messages,
            "observations": self.observations,
            "last_message": _iso(self.last_message),
            **self._rate.facts(),
            "next_attempt": _iso(self.next_attempt),
            "attempts_failed": self.attempts_failed,
            "flooding": self._flood.facts() if self._flood else [],
            "dropped": self.dropped + (self._flood.dropped if self._flood else 0),
            "progress": self.progress,
            "faults_total": self.faults_total,
            "faults": list(self.faults),
        }


def readable(payload: bytes) -> str:
    """Bytes as text for people; what is no text becomes a question mark, also the NUL that PostgreSQL refuses."""
    return payload.decode("utf-8", "replace").replace("\0", "\ufffd")


def _iso(moment: float | None) -> str:
    return "" if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
