"""Texts in several languages: the reader's first, German next, never nothing where there is something."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from allmende.core.texts import LocalTextField, check_variants, pick, same


@pytest.mark.parametrize(
    ("text", "language", "read"),
    [
        ({"de": "Bank", "en": "bench"}, "en", "bench"),
        ({"de": "Bank", "en": "bench"}, "en-gb", "bench"),
        ({"de": "Bank", "en": "bench"}, "fr", "Bank"),
        ({"de": "Bank", "en": ""}, "en", "Bank"),
        ({"en": "bench"}, "de", "bench"),
        ({"easy": "Sitz-Bank"}, "de", "Sitz-Bank"),
        ({"easy": "Sitz-Bank", "de": "Bank"}, "easy", "Sitz-Bank"),
        ({}, "de", ""),
        (None, "de", ""),
        ("", "de", ""),
        ("Bank", "en", "Bank"),
    ],
)
def test_pick(text: object, language: str, read: str):
    assert pick(text, language) == read


def test_pick_follows_the_page():
    for language, read in (("de", "Bank"), ("en", "bench")):
        with override(language):
            assert pick({"de": "Bank", "en": "bench"}) == read
    with override(None):
        assert pick({"de": "Bank", "en": "bench"}) == "Bank"


def test_same_reads_the_same():
    assert {pick(same("Saale"), language) for language in ("de", "en", "fr")} == {"Saale"}


@pytest.mark.parametrize("value", ["Bank", ["Bank"], {"fr": "banc"}, {"de": 5}, {"de": None}, None, 7])
def test_other_values_are_refused(value: object):
    with pytest.raises(ValidationError):
        check_variants(value)


def test_the_field_checks_and_begins_empty():
    field = LocalTextField(blank=True)
    assert field.get_default() == {}
    assert field.get_default() is not field.get_default()
    with pytest.raises(ValidationError):
        field.clean({"fr": "banc"}, None)
    assert field.clean({"de": "Bank"}, None) == {"de": "Bank"}
