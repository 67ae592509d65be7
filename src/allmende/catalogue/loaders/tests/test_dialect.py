"""Encoding, delimiter, beginning and header of a delimited text."""

import pytest

from allmende.catalogue.loaders.dialect import dialect_of, encoding_of
from allmende.catalogue.loaders.said import Unreadable


@pytest.mark.parametrize(
    ("head", "codec", "evidence"),
    [
        (b"\xef\xbb\xbfzeit;wert", "utf-8", "encoding_bom"),
        ("\ufeffzeit;wert".encode("utf-16-le"), "utf-16-le", "encoding_bom"),
        ("\ufeffzeit;wert".encode("utf-16-be"), "utf-16-be", "encoding_bom"),
        ("zeit;wert\n".encode("utf-16-le") * 9, "utf-16-le", "encoding_wide"),
        ("zeit;wert\n".encode("utf-16-be") * 9, "utf-16-be", "encoding_wide"),
        (b"zeit;wert", "utf-8", "encoding_ascii"),
        ("zeit;größe".encode(), "utf-8", "encoding_utf8"),
        ("zeit;größe".encode()[:-3], "utf-8", "encoding_utf8"),  # cut in the middle of a letter
        ("zeit;größe".encode("cp1252"), "cp1252", "encoding_cp1252"),
    ],
)
def test_encodings(head: bytes, codec: str, evidence: str):
    found, why = encoding_of(head)
    assert (found, why.code) == (codec, evidence)


def test_the_evidence_for_windows_1252_is_a_word_that_a_person_can_judge():
    _, why = encoding_of("ort;wert\nBrücke am Höhenweg;1".encode("cp1252"))
    assert why.params == {"byte": "FC", "word": "Brücke"}


@pytest.mark.parametrize("head", [b"a,b\n1,\x00\n", b"\x00" * 100, "a,b".encode("utf-32")])
def test_no_text(head: bytes):
    with pytest.raises(Unreadable):
        encoding_of(head)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str):
    text = "\n".join(delimiter.join(row) for row in [("zeit", "ort", "wert"), ("2024-01-01", "Steg", "1.5")] * 3)
    found = dialect_of(text)
    assert (found.delimiter, found.columns[:3]) == (delimiter, ("zeit", "ort", "wert"))


def test_a_decimal_comma_is_no_delimiter():
    text = "zeit;wert\n2024-01-01 00:00;1,5\n2024-01-01 01:00;2,5\n"
    assert dialect_of(text).delimiter == ";"


def test_a_comma_within_texts_is_no_delimiter():
    text = 'zeit;ort;wert\n2024-01-01;"Steg, Nord";1\n2024-01-02;"Steg, Süd";2\n'
    found = dialect_of(text)
    assert (found.delimiter, len(found.columns)) == (";", 3)


def test_lines_before_the_table_are_skipped():
    found = dialect_of("# logger 7\n\nzeit;wert\n2024-01-01;1\n2024-01-02;2\n")
    assert (found.skip, found.header, found.columns) == (2, True, ("zeit", "wert"))


def test_without_a_header_columns_get_numbers():
    found = dialect_of("2024-01-01;1\n2024-01-02;2\n")
    assert (found.header, found.columns) == (False, ("column 1", "column 2"))


def test_header_names_are_tidied():
    found = dialect_of(" zeit ;;wert;wert;\n2024-01-01;a;1;2;\n")
    assert found.columns == ("zeit", "column 2", "wert", "wert 2", "column 5")


@pytest.mark.parametrize(
    ("text", "delimiter", "code"),
    [
        ("", None, "empty_file"),
        (" \n\n \n", None, "empty_file"),
        ("zeit;wert\n", None, "header_only"),
        ("ein Satz ohne Zellen\nnoch einer\n", None, "no_columns"),
        ('{"zeit": 1, "wert": 2}', None, "not_delimited"),
        ("<html><body>404", None, "not_delimited"),
        ("zeit;wert\n2024-01-01;1\n", ",", "wrong_delimiter"),
        (",".join("x" * 3000), None, "too_many_columns"),
    ],
)
def test_no_table(text: str, delimiter: str | None, code: str):
    with pytest.raises(Unreadable) as caught:
        dialect_of(text, delimiter)
    assert caught.value.said.code == code


def test_a_wrong_delimiter_is_told_with_the_right_one():
    with pytest.raises(Unreadable) as caught:
        dialect_of("zeit;ort;wert\n2024-01-01;Steg;1\n", ",")
    assert caught.value.said.params == {"told": ",", "found": ";", "columns": 3, "line": "zeit;ort;wert"}
