"""Bytes on their way: unpacked, guarded, as whole lines of UTF-8."""

import gzip
import io
import os
import zlib
from pathlib import Path

import pytest

from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.source import Caps, Unpacked, Utf8

LINES = b"".join(b"2024-01-01T00:00:00Z,place %d,%d\n" % (n % 7, n) for n in range(50_000))
BOTH = pytest.mark.parametrize("packed", [False, True])


def read(
    content: bytes, encoding: str = "utf-8", caps: Caps | None = None, size: int = 100_000, **options: bool
) -> Utf8:
    """The stream, with all that it gave as `.text`."""
    caps = caps or Caps()
    stream = Utf8(Unpacked(io.BytesIO(content), caps), encoding, caps, **options)
    pieces = []
    try:
        while piece := stream.read(size):
            assert len(piece) <= size
            pieces.append(piece)
    finally:
        stream.text = b"".join(pieces)
    return stream


def code_of(content: bytes, **options) -> str:
    with pytest.raises(Unreadable) as caught:
        read(content, **options)
    return caught.value.said.code


@BOTH
def test_all_of_it_comes_through(packed: bool):
    content = gzip.compress(LINES) if packed else LINES
    stream = read(content)
    assert stream.text == LINES
    assert (stream.unpacked.consumed, stream.unpacked.unpacked) == (len(content), len(LINES))


def test_several_members_and_padding():
    assert read(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n") + bytes(512)).text == b"a,b\n1,2\n"


def test_encodings_become_utf_8():
    text = "größe;1\n" * 1000
    for encoding in ("cp1252", "utf-16-le", "utf-16-be"):
        assert (
            read(("\ufeff" if "16" in encoding else "").encode(encoding) + text.encode(encoding), encoding).text
            == text.encode()
        )
    assert read(b"\xef\xbb\xbf" + text.encode()).text == text.encode()


def test_a_last_line_without_an_end_is_kept():
    assert read(b"a,b\n1,2").text == b"a,b\n1,2"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_packed_file_cut_off(share: float):
    content = gzip.compress(LINES)
    cut = content[: int(len(content) * share)]
    assert code_of(cut) == "truncated_gzip"
    stream = read(cut, partial=True)
    assert stream.broken and stream.broken.code == "truncated_gzip"
    assert LINES.startswith(stream.text) and stream.text.endswith(b"\n")


def test_only_the_checksum_missing_is_cut_off_too():
    assert code_of(gzip.compress(LINES)[:-4]) == "truncated_gzip"


def test_a_damaged_packed_file():
    content = bytearray(gzip.compress(LINES))
    content[len(content) // 2] ^= 0xFF
    assert code_of(bytes(content)) in ("damaged_gzip", "truncated_gzip")
    wrong_sum = gzip.compress(LINES)[:-8] + bytes(8)
    assert code_of(wrong_sum) == "damaged_gzip"


def test_rubbish_after_a_packed_file_is_not_passed_over():
    assert code_of(gzip.compress(b"a,b\n") + b"rubbish") == "damaged_gzip"


def test_a_bomb_is_noticed_long_before_it_is_unpacked():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"0,0\n" * 2**18) for _ in range(100)) + packer.flush()
    assert code_of(bomb) == "gzip_bomb"


def test_the_size_unpacked_is_capped_too():
    assert code_of(gzip.compress(LINES), caps=Caps(unpacked=100_000)) == "too_large"


@BOTH
def test_zero_bytes_are_told_with_their_place(packed: bool):
    content = LINES[: 3_000_000 % len(LINES)] + b"\0" + LINES
    where = content.index(b"\0")
    with pytest.raises(Unreadable) as caught:
        read(gzip.compress(content) if packed else content)
    assert (caught.value.said.code, caught.value.said.params) == ("nul_bytes", {"offset": where})


def test_a_row_without_an_end():
    assert code_of(b"a,b\n" + b"x" * (3 * 2**20)) == "row_too_long"
    assert code_of(gzip.compress(b"a,b\n" + b"x" * (30 * 2**20))) == "row_too_long"


def test_bytes_that_are_not_of_the_encoding():
    assert code_of(b"a,b\n\x81,1\n", encoding="cp1252") == "wrong_encoding"


@pytest.mark.parametrize(
    "head", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"%PDF-1.7", b"PAR1", b"BZh9", b"\xfd7zXZ\x00", b"\x89PNG\r\n"]
)
def test_other_formats_are_named(head: bytes):
    assert code_of(head) == "not_text"


def test_an_empty_file():
    assert code_of(b"") == "empty_file"
    assert read(gzip.compress(b"")).text == b""


def test_memory_stays_flat(tmp_path: Path):
    """A packed file of 200 MB goes through in pieces."""
    import resource

    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    path = tmp_path / "big.gz"
    with path.open("wb") as file:
        for _ in range(120):
            file.write(packer.compress(LINES))
        file.write(packer.flush())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with path.open("rb", buffering=0) as raw:
        stream = Utf8(Unpacked(raw, Caps()), "utf-8", Caps())
        total = sum(iter(lambda: len(stream.read(2**20)), 0))
    assert total == 120 * len(LINES)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB
    assert os.path.getsize(path) < total / 4
