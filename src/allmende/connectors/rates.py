"""How many messages came in the last minute and the last hour; two rings of counters, whatever the wall clock does."""

from time import monotonic


class Ring:
    """Counts of the last `slots` spans of so many seconds."""

    __slots__ = ("_at", "_counts", "_span")

    def __init__(self, slots: int, span: int) -> None:
        self._counts, self._span, self._at = [0] * slots, span, int(monotonic()) // span

    def add(self, count: int, second: int) -> None:
        """Notes so many. second: monotonic."""
        now = second // self._span
        if now != self._at:
            self._roll(now)
        self._counts[now % len(self._counts)] += count

    def total(self, second: int) -> int:
        """All that came within the ring's time."""
        self._roll(second // self._span)
        return sum(self._counts)

    def _roll(self, now: int) -> None:
        size = len(self._counts)
        for slot in range(max(self._at + 1, now - size + 1), now + 1):
            self._counts[slot % size] = 0
        self._at = max(now, self._at)


class Rate:
    """Messages per minute and per hour, over the last minute and the last hour."""

    __slots__ = ("_hour", "_minute")

    def __init__(self) -> None:
        self._minute, self._hour = Ring(60, 1), Ring(60, 60)

    def add(self, count: int = 1) -> None:
        """Notes so many messages now."""
        second = int(monotonic())
        self._minute.add(count, second)
        self._hour.add(count, second)

    def facts(self) -> dict[str, int]:
        """{per_minute, per_hour}."""
        second = int(monotonic())
        return {"per_minute": self._minute.total(second), "per_hour": self._hour.total(second)}
