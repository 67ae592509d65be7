"""By what a word of the vocabulary can be found. One column holds them all; the first letter tells them apart."""

from collections.abc import Iterable

from allmende.core.spelling import shortened, trigrams
from allmende.core.words import stem

STEM, TAIL, SHORTENED, TRIGRAM = "=", "~", "-", "3"
SHORTEST_TAIL = 3
_SHORT, _LONG = 9, 6  # words up to so many letters are found by leaving one out, from so many on by their trigrams


def keys_of(word: str) -> set[str]:
    """All keys of a word: its stems, its tails (so that it is found by what it ends with or has inside), and what is
    left of it after a typing error."""
    tails = (word[place:] for place in range(max(len(word) - SHORTEST_TAIL, 0) + 1))
    return {
        STEM + stem(word, "de"),
        STEM + stem(word, "en"),
        *(TAIL + tail for tail in tails),
        *mistyped(word),
    }


def mistyped(word: str) -> set[str]:
    """The keys by which words with typing errors meet."""
    found: set[str] = set()
    if not word.isalpha() or len(word) < 4:
        return found
    if len(word) <= _SHORT:
        found |= {SHORTENED + each for each in shortened(word)}
    if len(word) >= _LONG:
        found |= {TRIGRAM + each for each in trigrams(word)}
    return found


def by_stem(stems: Iterable[str]) -> set[str]:
    """The keys of words with one of these stems."""
    return {STEM + each for each in stems}
