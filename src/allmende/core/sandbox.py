"""Calls our own functions on foreign input in a throw-away process with no network, no files and hard limits.

    with Sandbox("allmende.catalogue.loaders.child", source=file) as box:
        for frame in box.call("parse", recipe=…): …

A function takes the input (an unbuffered file; /proc/self/fd/0 opens it again) and the arguments, and yields frames
(bytes or Arrow buffers). The child starts when the Sandbox is made and loads the module while the parent does
something else. Frames are handed on as they come; while the parent does not ask, the child waits. Leaving the block
kills the child.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, BinaryIO, Self

from allmende.core.confinement import Isolation
from allmende.core.sandbox_child import DATA, END, HEADER, HELLO, OUT_OF_MEMORY

_MEBIBYTE = 2**20
_NO_MEMORY = ("MemoryError", "bad_alloc", "memory allocation of")  # as Python, C++ and Rust say it
_LAST_WORDS = 4000  # bytes of stderr that are kept, from its end


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use. memory: address space in bytes; wall_seconds: how long the parent waits for it in all (its
    own work does not count); file_bytes: size of a file it could write; frame_bytes: the largest frame."""

    memory: int = 2048 * _MEBIBYTE  # below 1 GiB some libraries crash instead of raising MemoryError
    cpu_seconds: int = 60
    wall_seconds: float = 120.0
    file_bytes: int = 0
    open_files: int = 64
    frame_bytes: int = 64 * _MEBIBYTE


class SandboxError(Exception):
    """The child did not finish. last_words: the end of what it wrote to stderr."""

    def __init__(self, message: str, last_words: str = "") -> None:
        super().__init__(message)
        self.last_words = last_words


class SandboxTimeout(SandboxError):
    """It used more processor time or took longer than its limits allow."""


class SandboxMemory(SandboxError):
    """It needed more memory than its limits allow."""


class SandboxCrash(SandboxError):
    """It raised, was killed by a fault, or sent something that is no frame."""


class Sandbox:
    """One child, for one input. isolation: which locks the host granted; known once the first frame was read."""

    def __init__(self, module: str, source: BinaryIO | None = None, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.isolation: Isolation | None = None
        self._unfinished = False  # whether a call was made whose last frame was not seen
        self._waited = 0.0
        self._stderr = bytearray()
        calls_out, calls_in = os.pipe()
        self._calls = open(calls_in, "wb", buffering=0)  # noqa: SIM115 - closed by close()
        command = [sys.executable, "-I", "-m", "allmende.core.sandbox_child", module, str(calls_out)]
        try:
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [*command, json.dumps(asdict(self.limits))],
                stdin=source if source is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=_clean_environment(),
                cwd="/",
                pass_fds=(calls_out,),
                start_new_session=True,
            )
        except BaseException:
            self._calls.close()
            raise
        finally:
            os.close(calls_out)
        assert self._child.stdout is not None and self._child.stderr is not None
        self._out, self._err = self._child.stdout.fileno(), self._child.stderr.fileno()
        self._poll = select.poll()
        for descriptor in (self._out, self._err):
            os.set_blocking(descriptor, False)
            self._poll.register(descriptor, select.POLLIN)

    @property
    def network_isolated(self) -> bool:
        """Whether the child has no network; False also before the first frame."""
        return self.isolation is not None and self.isolation.network

    def call(self, function: str, **arguments: Any) -> Iterator[bytearray]:
        """The frames of the function of this name, called with these arguments (which must fit JSON). What an earlier
        call still had to say is let go.

        Raises SandboxTimeout, SandboxMemory or SandboxCrash; frames that came before are whole and were handed on.
        """
        while self._unfinished:
            self._unfinished = self._frame()[0] != END
        self._unfinished = True
        with contextlib.suppress(BrokenPipeError):  # it died already; reading will tell why
            line = memoryview(json.dumps([function, arguments]).encode() + b"\n")
            while line:
                line = line[self._calls.write(line) :]
        while True:
            kind, frame = self._frame()
            if kind == HELLO and self.isolation is None:
                self.isolation = Isolation(**json.loads(frame))
            elif kind == DATA and self.isolation is not None:
                yield frame
            elif kind == END:
                self._unfinished = False
                return
            else:
                raise self._failure("It sent something that is no frame.")

    def close(self) -> None:
        """Kills the child, if it still lives, and everything in its session."""
        self._calls.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        for stream in (self._child.stdout, self._child.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _frame(self) -> tuple[bytes, bytearray]:
        kind, size = HEADER.unpack(self._read(HEADER.size))
        if kind not in (HELLO, DATA, END) or size > self.limits.frame_bytes:
            raise self._failure(f"It sent something that is no frame (or one of {size} bytes).")
        return kind, self._read(size)

    def _read(self, size: int) -> bytearray:
        """Exactly so many bytes from the child; meanwhile what it says on stderr is taken down."""
        buffer = bytearray(size)
        view, filled = memoryview(buffer), 0
        while filled < size:
            with contextlib.suppress(BlockingIOError):
                got = os.readv(self._out, [view[filled:]])
                if got == 0:
                    raise self._failure("It ended early.")
                filled += got
                continue
            self._wait()
        return buffer

    def _wait(self) -> None:
        left = self.limits.wall_seconds - self._waited
        begun = time.monotonic()
        ready = self._poll.poll(max(left, 0) * 1000)
        self._waited += time.monotonic() - begun
        if not ready:
            raise self._failure("", SandboxTimeout(f"It took longer than {self.limits.wall_seconds:g} seconds."))
        if any(descriptor == self._err for descriptor, _ in ready):
            self._listen()

    def _listen(self) -> None:
        """Takes down what there is on stderr, keeping only its end."""
        with contextlib.suppress(BlockingIOError, KeyError):  # KeyError: its end was seen before
            said = os.read(self._err, 65536)
            if not said:
                self._poll.unregister(self._err)
            self._stderr = (self._stderr + said)[-_LAST_WORDS:]

    def _failure(self, message: str, error: SandboxError | None = None) -> SandboxError:
        """Ends the child and names the reason, from its exit code and last words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(timeout=0.0 if error else 1.0)  # it may be about to die of its own reason
        ended = self._child.poll()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._listen()
        words = self._stderr.decode(errors="replace").strip()
        if error is None:
            error = _reason(ended, message, words, self.limits)
        error.last_words = words
        return error


def _reason(ended: int | None, message: str, words: str, limits: Limits) -> SandboxError:
    if ended == -signal.SIGXCPU:
        return SandboxTimeout(f"It used more than {limits.cpu_seconds} seconds of processor time.")
    if ended == OUT_OF_MEMORY or any(sign in words for sign in _NO_MEMORY):
        return SandboxMemory(f"It needed more than {limits.memory // _MEBIBYTE} MiB of memory.")
    if ended is not None and ended < 0:
        return SandboxCrash(f"It was ended by {signal.Signals(-ended).name}.")
    return SandboxCrash(f"It stopped with an error: {words.splitlines()[-1]}" if ended and words else message)


def _clean_environment() -> dict[str, str]:
    """Nothing of the parent's, so no secret; one thread per library, and allocators that fit a small address space."""
    return {
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
