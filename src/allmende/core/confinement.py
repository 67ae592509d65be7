"""Locks that a process can put on itself, for good: no network, no new processes, no files but Python's own.

Linux only, by system calls that need no privilege (Landlock, seccomp) or are tried and reported (namespaces). Each lock
that the host does not know is left out and reported; nothing here ever loosens one. Called by `core.sandbox_child`
before any thread exists, because Landlock, seccomp and user namespaces bind the calling thread and its children.
"""

import ctypes
import os
import platform
import stat
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass

_libc = ctypes.CDLL(None, use_errno=True)

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_READ = 0b1101  # execute, read file, read directory
_LANDLOCK_READ_FILE = 0b100


@dataclass(frozen=True, slots=True)
class Isolation:
    """Which locks hold. network: no sockets; files: none but Python's own and the input, read only; processes: no
    children."""

    network: bool = False
    files: bool = False
    processes: bool = False


def confine(readable: Iterable[str], source: int | None = None) -> Isolation:
    """Locks the calling process. readable: the folders that it may still read, such as those of Python's modules;
    source: an open file that may be opened again, as libraries need that know files by path (/proc/self/fd/0). It is
    known by what it is and not by its name, so no other file ever takes its place."""
    if not sys.platform.startswith("linux"):
        return Isolation()
    network = _leave_network()
    _drop_capabilities()
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # without it neither lock below is granted to a common user
    files = _close_files(readable, source)
    calls = _forbid_calls()
    return Isolation(network=network or calls, files=files, processes=calls)


def _leave_network() -> bool:
    """An empty network namespace; one of a user namespace where only root may have the former."""
    return _libc.unshare(_CLONE_NEWNET) == 0 or _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0


def _drop_capabilities() -> None:
    """Root keeps its name and loses its powers (capset(2), version 3, all sets empty)."""
    header = struct.pack("Ii", 0x20080522, 0)
    _libc.capset(header, bytes(24))


def _close_files(readable: Iterable[str], source: int | None) -> bool:
    """Landlock: reading below the given folders and of the source, nothing else anywhere. False where the kernel has no
    Landlock."""
    version = _libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    files = (1 << 13) - 1 | (1 << 13 if version >= 2 else 0) | (1 << 14 if version >= 3 else 0)
    attributes = struct.pack("Q", files)
    if version >= 4:
        attributes += struct.pack("Q", 0b11)  # TCP: neither bind nor connect
    if version >= 6:
        attributes += struct.pack("Q", 0b11)  # abstract sockets and signals stay inside
    rules = _libc.syscall(_LANDLOCK_CREATE, attributes, len(attributes), 0)
    if rules < 0:
        return False
    for folder in {os.path.realpath(folder) for folder in readable if os.path.isdir(folder)}:
        descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        _libc.syscall(_LANDLOCK_ADD, rules, 1, struct.pack("=Qi", _LANDLOCK_READ, descriptor), 0)
        os.close(descriptor)
    if source is not None and stat.S_ISREG(os.fstat(source).st_mode):
        _libc.syscall(_LANDLOCK_ADD, rules, 1, struct.pack("=Qi", _LANDLOCK_READ_FILE, source), 0)
    locked = _libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0
    os.close(rules)
    return locked


# System calls that answer «not permitted», by architecture: (audit number, the number of clone, the others).
# socket, socketpair, fork, vfork, execve, execveat, ptrace, kill, tkill, mount, unshare, setns, prlimit64,
# process_vm_writev, io_uring_setup, pidfd_send_signal, pidfd_open, pidfd_getfd. tgkill stays: abort() needs it.
_COMMON = (425, 424, 434, 438)
_ARCHITECTURES = {
    "x86_64": (0xC000003E, 56, (41, 53, 57, 58, 59, 322, 101, 62, 200, 165, 272, 308, 302, 311, *_COMMON)),
    "aarch64": (0xC00000B7, 220, (198, 199, 221, 281, 117, 129, 130, 40, 97, 268, 261, 271, *_COMMON)),
}
_CLONE3, _CLONE_THREAD, _ENOSYS, _EPERM = 435, 0x10000, 38, 1
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # classic BPF
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def _forbid_calls() -> bool:
    """Seccomp: no sockets, no children, no other programs, no signals to others. Threads are allowed.

    clone3 hides its flags in memory, so it answers «unknown» and the C library falls back to clone, whose flags are
    seen: with CLONE_THREAD it passes. False where the architecture is not one of ours or the kernel refuses.
    """
    known = _ARCHITECTURES.get(platform.machine())
    if known is None or sys.maxsize <= 2**32:
        return False
    audit, clone, forbidden = known

    def step(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("HBBI", code, if_true, if_false, operand)

    refuse, unknown, allow = _ERROR | _EPERM, _ERROR | _ENOSYS, _ALLOW
    program = [step(_LOAD, 4), step(_EQUAL, audit, 1), step(_RETURN, refuse)]  # another ABI of the same processor
    program += [step(_LOAD, 0), step(_AT_LEAST, 0x40000000, 0, 1), step(_RETURN, refuse)]  # the x32 numbers
    program += [step(_EQUAL, _CLONE3, 0, 1), step(_RETURN, unknown)]
    for number in forbidden:
        program += [step(_EQUAL, number, 0, 1), step(_RETURN, refuse)]
    program += [step(_EQUAL, clone, 0, 3), step(_LOAD, 16), step(_ANY_BIT, _CLONE_THREAD, 1), step(_RETURN, refuse)]
    program += [step(_RETURN, allow)]
    code = b"".join(program)
    return _libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(_Program(len(program), code)), 0, 0) == 0
