"""A progress bar on a terminal; a few plain lines elsewhere, so that logs stay readable."""

import sys
import time
from types import TracebackType
from typing import Self

from django.utils.translation import gettext as _

_WIDTH = 30
_EVERY = 0.1  # seconds between two pictures of the bar
_LINE_EVERY = 10.0  # seconds between two plain lines


class Progress:
    """Of one file: reading by its bytes, then writing by its rows. Written to stderr."""

    def __init__(self, name: str, size: int) -> None:
        self._name, self._size = name, max(size, 1)
        self._terminal = sys.stderr.isatty()
        self._next = time.monotonic() + (0 if self._terminal else _LINE_EVERY)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._terminal:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)

    def read(self, consumed: int, rows: int) -> None:
        """So many bytes of the file have been read, and so many rows."""
        self._show(consumed / self._size, _("read"), rows)

    def written(self, rows: int, of: int) -> None:
        """So many rows have been written."""
        self._show(rows / max(of, 1), _("written"), rows)

    def _show(self, share: float, doing: str, rows: int) -> None:
        moment = time.monotonic()
        if moment < self._next:
            return
        self._next = moment + (_EVERY if self._terminal else _LINE_EVERY)
        words = f"{self._name} {doing} {share:4.0%} {rows:,}"
        if self._terminal:
            done = round(share * _WIDTH)
            print(f"\r\x1b[2K{'█' * done}{'·' * (_WIDTH - done)} {words}", end="", file=sys.stderr, flush=True)
        else:
            print(words, file=sys.stderr, flush=True)
