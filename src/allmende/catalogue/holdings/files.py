"""Where the files of holdings lie: `DATA/holdings/ab/abcdef….parquet`, their serving copies in `holdings/serving`. A
file appears whole or not at all."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

_PIECE = 1 << 20


def home() -> Path:
    """Where all holdings are; the folder need not exist."""
    return Path(settings.DATA_DIR, "holdings")


def folder() -> Path:
    """The folder of all holdings, made if there is none yet."""
    made = home()
    made.mkdir(parents=True, exist_ok=True)
    return made


def path_of(digest: str) -> Path:
    """The file with this SHA-256 (64 hexadecimal digits); it need not exist. Raises ValueError for anything else."""
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError("This is no SHA-256.")
    return home() / digest[:2] / f"{digest}.parquet"


def copy_of(digest: str) -> Path:
    """The serving copy of this file (`serving`); it need not exist."""
    return home() / "serving" / f"{path_of(digest).stem}.duckdb"


def copies() -> Iterator[tuple[str, Path]]:
    """All serving copies: of which file, and where."""
    for path in (home() / "serving").glob("*.duckdb"):
        if len(path.stem) == 64:
            yield path.stem, path


@contextmanager
def making() -> Iterator[Path]:
    """A path to write a new file to, which is removed afterwards unless `keep` has taken it."""
    path = folder() / f"new-{secrets.token_hex(8)}.parquet"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def keep(path: Path) -> str:
    """Takes a finished file in, on disk for good; returns its SHA-256. The same content is kept once."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    target = path_of(digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    path.chmod(0o640)
    path.replace(target)
    for directory in (target.parent, target.parent.parent):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return digest


def erase(digest: str) -> int:
    """Overwrites a file's bytes and removes it, and its serving copy, so that they are gone also where the file system
    keeps what was let go; returns how many the file had. On copy-on-write file systems and flash memory overwriting is
    no guarantee."""
    size = shred(path_of(digest))
    shred(copy_of(digest))
    return size


def kept() -> Iterator[tuple[str, Path]]:
    """All files of holdings: SHA-256, and where."""
    for path in home().glob("??/*.parquet"):
        if len(path.stem) == 64:
            yield path.stem, path


def unfinished() -> Iterator[Path]:
    """Files that are being written, or were left when their process was killed."""
    for pattern in ("new-*.parquet", "*.gpkg", "*.gpkg-*"):
        yield from home().glob(pattern)


def shred(path: Path) -> int:
    """Overwrites the bytes of any file and removes it; returns how many it had, 0 where there is none."""
    try:
        size = path.stat().st_size
        with path.open("r+b", buffering=0) as file:
            left = size
            while left > 0:
                left -= file.write(bytes(min(_PIECE, left)))
            os.fsync(file.fileno())
    except FileNotFoundError:
        return 0
    path.unlink(missing_ok=True)
    return size
