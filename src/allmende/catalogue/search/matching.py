"""Which words of the vocabulary answer a word that somebody asks for, and how well.

German makes one word of several. A word asked for is therefore looked for inside others («Baum» in «Straßenbaum»), and
a compound is taken apart where its parts are known («Baumkataster» as «Kataster» and «Baum»). Parts are known only from
what the actor sees.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from allmende.accounts.actors import Actor
from allmende.catalogue.search.keys import SHORTEST_TAIL, STEM, TAIL, TRIGRAM, by_stem, mistyped
from allmende.catalogue.search.reading import similar_terms, terms_by_key
from allmende.catalogue.search.synonyms import synonyms
from allmende.core.spelling import distance, tolerated
from allmende.core.words import Word, stem, stems

EXACT, FORM, HEAD, MODIFIER, TYPED, INSIDE, SYNONYM, PARTS, MISTYPED = 1.0, 0.95, 0.75, 0.7, 0.65, 0.5, 0.5, 0.5, 0.6
_LINKS = ("", "s", "es", "n", "en", "e", "er", "ens")  # what German puts between the parts of a compound
_ENDINGS = frozenset(("", "e", "n", "en", "er", "es", "s", "em", "ern", "nen", "innen"))
_MOST = 500  # words of the vocabulary that answer one that is asked for
_VOWEL = frozenset("aeiouy")


@dataclass(slots=True)
class Asked:
    """A word that somebody asks for. terms: the words of the vocabulary that answer it, with how well (0 to 1); parts:
    pairs of such sets that answer it together; corrected: what they may have meant, if nothing answered as it stood."""

    word: Word
    terms: dict[int, float] = field(default_factory=dict)
    parts: list[tuple[dict[int, float], dict[int, float]]] = field(default_factory=list)
    corrected: frozenset[int] = frozenset()

    def all_terms(self) -> set[int]:
        """Every word of the vocabulary that it may have to do with."""
        return {*self.terms, *(term for pair in self.parts for half in pair for term in half)}

    def better(self, term: int, how_well: float) -> None:
        """Notes a match, unless a better one of the same word is known."""
        self.terms[term] = max(how_well, self.terms.get(term, 0.0))


@dataclass(frozen=True, slots=True)
class _Inside:
    """A word of the vocabulary that has the one asked for inside. left, right: what stands around it."""

    asked: Asked
    term: int
    left: str
    right: str
    core: str


def match(actor: Actor, asked_for: Iterable[Word]) -> list[Asked]:
    """The words that somebody asks for, each with what answers it. The last may be half typed, the others too."""
    asked = [Asked(word) for word in asked_for]
    keys: set[str] = set()
    beginnings: set[str] = set()
    for each in asked:
        folded = each.word.folded
        keys |= by_stem(stems(folded))
        keys |= {TAIL + folded} if len(folded) < SHORTEST_TAIL else set()
        for other in synonyms(folded):
            keys |= by_stem(stems(other))
        beginnings |= {TAIL + core for core in _cores(folded)}
    found = terms_by_key(actor, keys, beginnings)
    inside = [piece for each in asked for piece in _direct(each, found)]
    _take_apart(actor, asked, inside)
    for each in asked:
        if not each.terms and not each.parts:
            _mistyped(actor, each)
        each.terms = dict(sorted(each.terms.items(), key=lambda item: -item[1])[:_MOST])
    return asked


def _cores(folded: str) -> list[str]:
    """What of a word may stand inside another: its stem, or all of it where the stem is too short."""
    found = {each for each in stems(folded) if len(each) >= SHORTEST_TAIL and folded.startswith(each)}
    shortest = min(found, key=len, default="")
    return [shortest] if shortest else [folded] if len(folded) >= SHORTEST_TAIL else []


def _direct(asked: Asked, found: list[tuple[str, int, str, str]]) -> list[_Inside]:
    """Notes what is a form, a beginning or a synonym of the word asked for; returns what has it inside."""
    folded = asked.word.folded
    own = by_stem(stems(folded))
    others = {key for other in synonyms(folded) for key in by_stem(stems(other))}
    inside = []
    for key, term, word, _stem in found:
        if word == folded:
            asked.better(term, EXACT)
        elif key in own:
            asked.better(term, FORM)
        elif key in others:
            asked.better(term, SYNONYM)
        elif word.startswith(folded) and len(folded) >= SHORTEST_TAIL:
            asked.better(term, TYPED)
        if key.startswith(TAIL):
            for core in _cores(folded):
                if key.startswith(TAIL + core) and word != folded:
                    place = len(word) - len(key) + 1
                    inside.append(_Inside(asked, term, word[:place], word[place + len(core) :], core))
    return inside


def _take_apart(actor: Actor, asked: list[Asked], inside: list[_Inside]) -> None:
    """Judges compounds by whether what is left of them is a word, and takes compounds that were asked for apart."""
    splits = {each.word.folded: _splits(each.word.folded) for each in asked}
    wanted = {stem(half) for piece in inside for half in _without_links(piece.left)}
    wanted |= {stem(half) for piece in inside if piece.right not in _ENDINGS for half in _after_links(piece.right)}
    wanted |= {stem(half) for pairs in splits.values() for pair in pairs for half in pair}
    known: dict[str, set[int]] = defaultdict(set)
    for key, term, _word, _stem in terms_by_key(actor, by_stem(each for each in wanted if len(each) >= SHORTEST_TAIL)):
        known[key.removeprefix(STEM)].add(term)
    for piece in inside:
        how_well = _judged(piece, known)
        if how_well:
            piece.asked.better(piece.term, how_well)
    for each in asked:
        for left, right in splits[each.word.folded]:
            first, second = known.get(stem(left)), known.get(stem(right))
            if first and second:
                each.parts.append((dict.fromkeys(first, PARTS), dict.fromkeys(second, PARTS)))


def _judged(piece: _Inside, known: dict[str, set[int]]) -> float:
    """How well a compound answers for the word inside it; 0 where it is there by chance, as «rat» in «Kataster»."""
    before = any(stem(each) in known for each in _without_links(piece.left))
    after = piece.right in _ENDINGS or any(stem(each) in known for each in _after_links(piece.right))
    if not piece.left:
        sure = after or len(piece.core) >= 4
        return MODIFIER if sure and not _only_ending(piece.right, known) else 0.0
    if len(piece.left) < 3 or not _VOWEL & set(piece.left):
        return 0.0
    if piece.right in _ENDINGS:
        return HEAD if before or len(piece.core) >= 4 else 0.0
    if before and after:
        return INSIDE
    return INSIDE if len(piece.core) >= 5 and (before or after) else 0.0


def _only_ending(right: str, known: dict[str, set[int]]) -> bool:
    """«ung» after «Schul»: neither an ending of the same word nor a word."""
    return 0 < len(right) <= 3 and right not in _ENDINGS and stem(right) not in known


def _without_links(left: str) -> list[str]:
    """A left part with and without what links it to the next."""
    return [left.removesuffix(link) if link else left for link in _LINKS if left.endswith(link)] if left else []


def _after_links(right: str) -> list[str]:
    """A right part with and without what links it to the one before."""
    return [right[len(link) :] for link in _LINKS if right.startswith(link) and len(right) > len(link)]


def _splits(folded: str) -> list[tuple[str, str]]:
    """Where a word might be put together from two."""
    if len(folded) < 7 or not folded.isalpha():
        return []
    places = range(3, len(folded) - 2)
    return [(left, folded[place:]) for place in places for left in _without_links(folded[:place]) if len(left) >= 3]


def _mistyped(actor: Actor, asked: Asked) -> None:
    """Notes the words that it is written nearly like."""
    folded, most = asked.word.folded, tolerated(asked.word.folded)
    if not most:
        return
    keys = mistyped(folded)
    trigrams = sum(key.startswith(TRIGRAM) for key in keys)
    similar = similar_terms(actor, keys, max(trigrams - 4 * most, 2))
    apart = {
        term: min(distance(folded, word, most), distance(stem(folded), other, most) + (word != folded))
        for term, word, other in similar
    }
    nearest = min(apart.values(), default=most + 1)
    if nearest <= most:
        asked.corrected = frozenset(term for term, letters in apart.items() if letters == nearest)
        for term in asked.corrected:
            asked.better(term, MISTYPED)
