"""SVGs from specifications, drawn by a worker process that is started when needed and remembered by content."""

import contextlib
import json
import logging
import os
import re
import select
import subprocess
import sys
import threading
from collections import OrderedDict
from hashlib import blake2b
from typing import Any, BinaryIO, cast

from allmende.web.charts.locales import number_locale, time_locale
from allmende.web.charts.worker import read_frame, write_frame

IDLE_SECONDS = 60
LONGEST_DRAWING = 20.0  # seconds; the first drawing also starts the process
MOST_BYTES = 6_000_000  # of SVGs kept

_log = logging.getLogger("allmende.web.charts")
_TAG = re.compile(r"<[^>]+>")
_LONG_DECIMALS = re.compile(r"(\.\d)\d+")


def _rounded(tag: re.Match[str]) -> str:
    """A tag with its coordinates to a tenth of a pixel; the labels between tags keep every digit."""
    return _LONG_DECIMALS.sub(r"\1", tag.group())


class NotDrawn(Exception):
    """The chart could not be drawn; the numbers are still there as a table."""


class Renderer:
    """Owns the worker process and the SVGs it drew. One per process; safe to call from several threads."""

    def __init__(self, idle: float = IDLE_SECONDS, most_bytes: int = MOST_BYTES) -> None:
        self._idle, self._most = idle, most_bytes
        self._worker: subprocess.Popen[bytes] | None = None
        self._busy = threading.Lock()
        self._kept_lock = threading.Lock()
        self._kept: OrderedDict[bytes, str] = OrderedDict()
        self._size = 0

    def svg(self, spec: dict[str, Any], language: str) -> str:
        """The drawing as an SVG element. Raises NotDrawn."""
        body = json.dumps(
            {"spec": spec, "number_locale": number_locale(language), "time_locale": time_locale(language)},
            separators=(",", ":"),
        ).encode()
        key = blake2b(body, digest_size=20).digest()
        with self._kept_lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with self._busy:
            svg = _TAG.sub(_rounded, self._ask(body).decode())
        self._keep(key, svg)
        return svg

    def close(self) -> None:
        """Ends the worker; the next drawing starts another."""
        with self._busy:
            self._end()

    def running(self) -> bool:
        """Whether a worker process is alive."""
        return self._worker is not None and self._worker.poll() is None

    def _keep(self, key: bytes, svg: str) -> None:
        with self._kept_lock:
            if key not in self._kept:
                self._size += len(svg)
            self._kept[key] = svg
            while self._size > self._most and len(self._kept) > 1:
                _, old = self._kept.popitem(last=False)
                self._size -= len(old)

    def _ask(self, body: bytes) -> bytes:
        for attempt in (1, 2):  # an idle worker may end at the very moment in which it is asked
            worker = self._start()
            try:
                write_frame(cast(BinaryIO, worker.stdin), body)
                answer = self._answer(worker)
            except BrokenPipeError:
                answer = None
            if answer:
                if answer[:1] == b"\1":
                    return answer[1:]
                raise NotDrawn(answer[1:].decode(errors="replace"))
            self._end()
            _log.info("the chart worker had ended; attempt %s", attempt)
        raise NotDrawn("The drawing process does not answer.")

    def _answer(self, worker: subprocess.Popen[bytes]) -> bytes | None:
        pipe = cast(BinaryIO, worker.stdout)
        if not select.select([pipe], [], [], LONGEST_DRAWING)[0]:
            self._end()
            raise NotDrawn("Drawing took too long.")
        return read_frame(pipe)

    def _start(self) -> subprocess.Popen[bytes]:
        if self._worker is None or self._worker.poll() is not None:
            self._end()
            self._worker = subprocess.Popen(  # noqa: S603 - our own module, no word of it from outside
                [sys.executable, "-m", "allmende.web.charts.worker", str(self._idle)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path), "LANG": "C.UTF-8"},
                close_fds=True,
            )
        return self._worker

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        for pipe in (worker.stdin, worker.stdout):
            with contextlib.suppress(OSError):
                cast(BinaryIO, pipe).close()
        worker.kill()
        worker.wait()


renderer = Renderer()
