"""Every text of the house has its German, and the catalogue holds nothing that is not used."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def messages():
    """scripts/messages.py, which collects the texts."""
    spec = importlib.util.spec_from_file_location("messages", ROOT / "scripts" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_collector_finds_texts_of_every_sort(messages):
    found = {text if isinstance(text, str) else text[0] for text, _context in messages.collect()}
    for known in (
        "Skip to the content",
        "Today",
        "just now",
        "%(count)s minute ago",
        "Replaced on %(time)s",
        "resident",
    ):
        assert known in found


def test_everything_is_translated(messages):
    assert messages.untranslated() == []


def test_nothing_is_translated_in_vain(messages):
    assert messages.unused() == []


def test_the_gaps_of_a_text_are_the_same_in_german(messages):
    def gaps(text: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)s", text))

    for entry in messages.german():
        if not entry.id:
            continue
        ids = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        for string in strings:
            assert gaps(string) <= gaps(" ".join(ids)), entry.id
        if len(ids) == 1:
            assert gaps(strings[0]) == gaps(ids[0]), entry.id


def test_the_voice(messages):
    """Sie, no exclamation marks, no English marketing words."""
    for entry in messages.german():
        for string in entry.string if isinstance(entry.string, tuple) else (entry.string,) if entry.id else ():
            assert "!" not in string, string
            assert not re.search(r"\b(du|dein|dich|dir)\b", string, re.IGNORECASE), string
            assert not re.search(r"\b(Dashboard|Insights|Community|Feedback|smart)\b", string), string
