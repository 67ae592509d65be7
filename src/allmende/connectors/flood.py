"""A device that floods is limited alone: one bucket of tokens for each device (or topic) of a connector.

The bucket holds what a device may send at once, as after an hour without a connection, and fills at the rate it may
keep up. What comes beyond is not read; it is counted, and the device stands in the state of its connector.
"""

from time import monotonic, time
from typing import Any

_MOST_DEVICES = 10_000
_SHOWN = 10
_CALM_SECONDS = 600.0


class Flooding(Exception):
    """This device sends more than it may. retry_after: seconds until it may send again."""

    def __init__(self, device: str, retry_after: float) -> None:
        super().__init__(f"{device or 'The sender'} sends more than it may; other devices are not affected.")
        self.retry_after = retry_after


class Flood:
    """The buckets of one connector. Bounded: beyond some ten thousand devices, full buckets are forgotten."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._rate, self._burst = per_second, float(burst)
        self._buckets: dict[str, list[float]] = {}  # device → [tokens, when they were counted]
        self._limited: dict[str, list[float]] = {}  # device → [messages not taken, since, last (wall clock)]
        self.dropped = 0

    def let(self, device: str) -> None:
        """Takes a token. Raises Flooding where there is none."""
        now = monotonic()
        bucket = self._buckets.get(device)
        if bucket is None:
            if len(self._buckets) >= _MOST_DEVICES:
                self._forget(now)
            bucket = self._buckets[device] = [self._burst, now]
        tokens = min(self._burst, bucket[0] + (now - bucket[1]) * self._rate)
        bucket[1] = now
        if tokens < 1.0:
            bucket[0] = tokens
            self._note(device)
            raise Flooding(device, (1.0 - tokens) / self._rate)
        bucket[0] = tokens - 1.0

    def _note(self, device: str) -> None:
        self.dropped += 1
        entry = self._limited.get(device)
        if entry is None:
            if len(self._limited) >= _MOST_DEVICES:
                self._limited.pop(next(iter(self._limited)))
            entry = self._limited[device] = [0, time(), 0]
        entry[0] += 1
        entry[2] = time()

    def _forget(self, now: float) -> None:
        """Makes room: full buckets say nothing; if all are in use, the longest unused half goes."""
        rate, burst = self._rate, self._burst
        kept = {name: each for name, each in self._buckets.items() if each[0] + (now - each[1]) * rate < burst}
        if len(kept) >= _MOST_DEVICES:
            newest = sorted(kept, key=lambda name: -kept[name][1])[: _MOST_DEVICES // 2]
            kept = {name: kept[name] for name in newest}
        self._buckets = kept

    def facts(self) -> list[dict[str, Any]]:
        """The devices that flood now, the worst first: {device, dropped, since}."""
        now = time()
        self._limited = {name: each for name, each in self._limited.items() if abs(now - each[2]) < _CALM_SECONDS}
        worst = sorted(self._limited.items(), key=lambda item: -item[1][0])[:_SHOWN]
        return [{"device": name[:200], "dropped": int(each[0]), "since": each[1]} for name, each in worst]
