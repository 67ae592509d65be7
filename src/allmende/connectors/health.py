"""What a running connector knows about itself: counts, the last message, the last faults with what caused them."""

from collections import deque
from datetime import UTC, datetime
from typing import Any

_FAULTS = 20
_SHOWN = 500


class Health:
    """Kept in memory on the event loop; written to the table now and then by the runner."""

    def __init__(self) -> None:
        self.connected = False
        self.since: str = ""
        self.messages = 0
        self.observations = 0
        self.faults_total = 0
        self.last_message = ""
        self.faults: deque[dict[str, str]] = deque(maxlen=_FAULTS)

    def connection(self, up: bool, why: str = "") -> None:
        """Notes that the way in opened or closed."""
        self.connected, self.since = up, _now()
        if why:
            self.fault(why, "", b"")

    def took(self, observations: int) -> None:
        """Notes a message whose observations are on disk."""
        self.messages += 1
        self.observations += observations
        self.last_message = _now()

    def fault(self, why: str, topic: str, payload: bytes) -> None:
        """Notes a message that could not be used, or another fault, with the beginning of what caused it."""
        self.faults_total += 1
        shown = payload[:_SHOWN].decode("utf-8", "replace")
        self.faults.append({"at": _now(), "why": why, "topic": topic, "payload": shown})

    def facts(self) -> dict[str, Any]:
        """Everything, as JSON."""
        return {
            "connected": self.connected,
            "since": self.since,
            "messages": self.messages,
            "observations": self.observations,
            "last_message": self.last_message,
            "faults_total": self.faults_total,
            "faults": list(self.faults),
        }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
