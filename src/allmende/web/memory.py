"""Answers kept for a few seconds or minutes in this process: the same page read by many costs its work once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, cast

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """A bounded, thread-safe store of values that grow old. seconds: how long one lives unless told otherwise."""

    def __init__(self, seconds: float, size: int) -> None:
        self._seconds, self._size = seconds, size
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, tuple[float, Value]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value], seconds: float | None = None) -> Value:
        """The value under the key, made anew when there is none or it is too old. None is remembered like any other."""
        now = time.monotonic()
        with self._lock:
            held = self._held.get(key)
            if held is not None and held[0] > now:
                self._held.move_to_end(key)
                return held[1]
        value = make()  # outside the lock: two readers at once may both make it, neither waits for the other
        with self._lock:
            self._held[key] = (now + (self._seconds if seconds is None else seconds), value)
            self._held.move_to_end(key)
            while len(self._held) > self._size:
                self._held.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._held.clear()


_all: list[Remembered[object]] = []


def remembered(seconds: float, size: int) -> "Remembered[Value]":
    """A new Remembered that `forget_all` knows of."""
    made: Remembered[Value] = Remembered(seconds, size)
    _all.append(cast(Remembered[object], made))
    return made


def forget_all() -> None:
    """Forgets everything everywhere; for tests, and after data was erased."""
    for store in _all:
        store.clear()
