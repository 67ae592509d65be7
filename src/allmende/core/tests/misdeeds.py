"""What a hijacked parser might try: functions that the tests of the sandbox run inside it."""

import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO


def echo(source: BinaryIO, **arguments: Any) -> Iterator[bytes]:
    """No misdeed: the input in pieces, then the arguments."""
    while piece := source.read(1 << 16):
        yield piece
    yield repr(sorted(arguments.items())).encode()


def _tried(deed: Callable[[], Any]) -> Iterator[bytes]:
    try:
        yield f"done: {deed()!r}".encode()
    except OSError as error:
        yield f"refused: {type(error).__name__}".encode()


def open_socket(source: BinaryIO, family: str) -> Iterator[bytes]:
    return _tried(lambda: socket.socket(getattr(socket, family), socket.SOCK_STREAM))


def connect(source: BinaryIO, port: int) -> Iterator[bytes]:
    return _tried(lambda: socket.create_connection(("127.0.0.1", port), timeout=2))


def write_file(source: BinaryIO, path: str) -> Iterator[bytes]:
    return _tried(lambda: Path(path).write_text("x"))


def make_empty_file(source: BinaryIO, path: str) -> Iterator[bytes]:
    return _tried(lambda: os.close(os.open(path, os.O_CREAT | os.O_WRONLY)))


def remove_file(source: BinaryIO, path: str) -> Iterator[bytes]:
    return _tried(lambda: os.remove(path))


def read_file(source: BinaryIO, path: str) -> Iterator[bytes]:
    return _tried(lambda: Path(path).read_bytes()[:100])


def write_input(source: BinaryIO) -> Iterator[bytes]:
    return _tried(lambda: os.write(0, b"x"))


def environment(source: BinaryIO) -> Iterator[bytes]:
    yield repr(sorted(os.environ)).encode()


def fork(source: BinaryIO) -> Iterator[bytes]:
    return _tried(lambda: os.fork() or os._exit(0))


def fork_for_ever(source: BinaryIO) -> Iterator[bytes]:
    """A fork bomb; where forking is refused it only turns in circles until its processor time is up."""
    yield b"begun"
    while True:
        try:
            if os.fork() == 0:
                time.sleep(30)
        except OSError:
            continue


def run_program(source: BinaryIO) -> Iterator[bytes]:
    return _tried(lambda: subprocess.run(["/bin/true"], check=True))


def kill_parent(source: BinaryIO) -> Iterator[bytes]:
    return _tried(lambda: os.kill(os.getppid(), 0))


def start_thread(source: BinaryIO) -> Iterator[bytes]:
    said: list[bytes] = []
    thread = threading.Thread(target=lambda: said.append(b"a thread ran"))
    thread.start()
    thread.join()
    yield from said


def raise_limits(source: BinaryIO) -> Iterator[bytes]:
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        yield b"done"
    except (OSError, ValueError) as error:
        yield f"refused: {type(error).__name__}".encode()


def eat_memory(source: BinaryIO) -> Iterator[bytes]:
    hoard = []
    while True:
        hoard.append(bytearray(50 * 2**20))
        yield str(len(hoard)).encode()


def eat_memory_natively(source: BinaryIO) -> Iterator[bytes]:
    import pyarrow as pa

    hoard = []
    while True:
        hoard.append(pa.allocate_buffer(50 * 2**20))
        yield b""


def sleep(source: BinaryIO) -> Iterator[bytes]:
    yield b"begun"
    time.sleep(60)


def burn(source: BinaryIO) -> Iterator[bytes]:
    yield b"begun"
    while True:
        pass


def print_for_ever(source: BinaryIO) -> Iterator[bytes]:
    """Prints, in the belief that somebody listens; it must neither block nor reach the frames."""
    for _ in range(5000):
        print("garbage " * 50)
        print("more garbage " * 50, file=sys.stderr)
    sys.stdout.flush()
    yield b"still here"


def forge_frames(source: BinaryIO) -> Iterator[bytes]:
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"GARBAGE ON THE WIRE")
        except OSError:
            continue
    yield b"x"


def huge_frame(source: BinaryIO) -> Iterator[bytes]:
    import struct

    for descriptor in range(3, 20):
        try:
            os.write(descriptor, struct.pack("<cQ", b"D", 2**40))
        except OSError:
            continue
    yield b"x"


def endless_output(source: BinaryIO) -> Iterator[bytes]:
    while True:
        yield bytes(1 << 20)


def stumble(source: BinaryIO) -> Iterator[bytes]:
    yield b"one frame"
    raise RuntimeError("the last words")


def fault(source: BinaryIO) -> Iterator[bytes]:
    yield b"one frame"
    ctypes.string_at(0)


def leave(source: BinaryIO) -> Iterator[bytes]:
    yield b"one frame"
    os._exit(0)
