"""Every state has its word and its meaning, in both languages."""

import pytest
from django.utils import translation

from allmende.web.states import MEANINGS, WORDS, State


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("state", State)
def test_each_state_has_words(state, language):
    with translation.override(language):
        assert str(WORDS[state])
        assert str(MEANINGS[state]).endswith(".")


def test_the_words_are_german_for_germans(german):
    assert [str(WORDS[state]) for state in State] == ["meldet sich", "verspätet", "stumm", "unplausibel"]
