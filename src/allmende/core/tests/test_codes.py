"""Public identifiers: of one shape, hard to misread, hard to guess."""

import pytest

from allmende.core.codes import is_code, new_code
from allmende.core.models import Link


@pytest.mark.parametrize("prefix", ["dst", "ab", "abcd"])
def test_a_new_code_has_the_shape_of_codes(prefix: str):
    code = new_code(prefix)
    assert is_code(code)
    assert code.startswith(f"{prefix}-")
    assert not set(code.partition("-")[2]) & set("ilou")


def test_codes_do_not_repeat():
    assert len({new_code("dst") for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dst",
        "dst-",
        "dst-short",
        "d-7k3m9q2x4b",
        "DST-7k3m9q2x4b",
        "dst-7k3m9q2x4i",
        "dst-7k3m9q2x4b\n",
        "dst-7K3m9q2x4b",
    ],
)
def test_other_texts_are_no_codes(text: str):
    assert not is_code(text)


def test_a_record_gets_its_code_once(db: None):
    record = Link.objects.create(a_kind="a", a_code="1", predicate="is_near", b_kind="b", b_code="2", stated_by="x")
    code = record.code
    assert is_code(code)
    assert str(record) == code
    record.stated = False
    record.save()
    record.refresh_from_db()
    assert record.code == code
    assert record.changed >= record.created
