"""The child's side of `core.sandbox`: limits and locks first, then the function, then its frames to the parent.

Run as `python -I -m allmende.core.sandbox_child MODULE CALLS_FD LIMITS`; calls come as lines of JSON, [function,
arguments]. Imports nothing but the standard library before the locks are on. Anything printed goes to stderr; stdout
belongs to the frames.
"""

import json
import os
import resource
import struct
import sys
from dataclasses import asdict
from importlib import import_module
from typing import Any

from allmende.core.confinement import confine

HEADER = struct.Struct("<cQ")  # what the frame is, and how many bytes follow
HELLO, DATA, END = b"H", b"D", b"Z"
OUT_OF_MEMORY = 86  # the exit code that says MemoryError

_SYSTEM_FOLDERS = ("/usr/share/zoneinfo", "/usr/lib", "/usr/lib64", "/lib", "/lib64")


def main() -> int:
    """Answers calls of the functions of one module until there are no more; the exit code."""
    name, calls_fd, limits = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
    frames = os.dup(1)
    os.dup2(2, 1)
    _limit(limits)
    isolation = confine([sys.prefix, sys.base_prefix, *sys.path, *_SYSTEM_FOLDERS], source=0)
    try:
        module = import_module(name)
        _send(frames, HELLO, json.dumps(asdict(isolation)).encode())
        with open(calls_fd, "rb") as calls, open(0, "rb", buffering=0, closefd=False) as source:
            for call in calls:
                function, arguments = json.loads(call)
                for frame in getattr(module, function)(source, **arguments):
                    _send(frames, DATA, frame)
                _send(frames, END, b"")
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _limit(limits: dict[str, int]) -> None:
    for which, value, grace in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_AS, limits["memory"], 0),
        (resource.RLIMIT_CPU, limits["cpu_seconds"], 1),  # at the soft limit SIGXCPU, which tells why; then SIGKILL
        (resource.RLIMIT_FSIZE, limits["file_bytes"], 0),
        (resource.RLIMIT_NOFILE, limits["open_files"], 0),
    ):
        ceiling = resource.getrlimit(which)[1]
        hard = value + grace if ceiling == resource.RLIM_INFINITY else min(value + grace, ceiling)
        resource.setrlimit(which, (min(value, hard), hard))


def _send(descriptor: int, kind: bytes, payload: Any) -> None:
    """Writes one frame; waits while the parent does not read."""
    body = memoryview(payload).cast("B")
    parts = [memoryview(HEADER.pack(kind, len(body))), body]
    while parts:
        written = os.writev(descriptor, parts)
        while parts and written >= len(parts[0]):
            written -= len(parts.pop(0))
        if parts:
            parts[0] = parts[0][written:]


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # no finalisers of libraries that the input may have upset
