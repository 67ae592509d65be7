"""Finding datasets by words: ranked, with what was understood."""

import math
from collections import defaultdict
from dataclasses import dataclass

from allmende.accounts.actors import Actor
from allmende.catalogue.queries.datasets import visible_datasets
from allmende.catalogue.search.matching import Asked, match
from allmende.catalogue.search.reading import postings, spellings
from allmende.core.codes import is_code
from allmende.core.words import Word, words

_MOST_WORDS = 8
_LONGEST = 200  # characters of a question


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. numbers: of the datasets (internal), the best first; scores: by number; terms: the words of
    the vocabulary that were looked for; loosely: no dataset has all the words, these have some; instead: the question
    as it was probably meant, where a word was only found in spite of a typing error."""

    numbers: tuple[int, ...]
    scores: dict[int, float]
    terms: frozenset[int] = frozenset()
    loosely: bool = False
    instead: str = ""


NOTHING = Found((), {})


def find(actor: Actor, text: str) -> Found:
    """The datasets that the actor may read and that speak of all these words; if none does, of some of them."""
    text = text.replace("\0", " ")[:_LONGEST].strip()
    if is_code(text):
        numbers = tuple(visible_datasets(actor).filter(code=text).values_list("pk", flat=True))
        if numbers:
            return Found(numbers, dict.fromkeys(numbers, 1.0))
    asked = match(actor, _distinct(words(text)))
    if not asked:
        return NOTHING
    scored = _scored(actor, asked)
    scores, loosely = _together(scored)
    numbers = tuple(sorted(scores, key=lambda number: (-scores[number], number)))
    terms = frozenset(term for each in asked for term in each.all_terms())
    return Found(numbers, scores, terms, loosely, _instead(actor, text, asked))


def _distinct(found: list[Word]) -> list[Word]:
    """Each word once."""
    return list({(each.folded, "-" in each.shown): each for each in found}.values())[:_MOST_WORDS]


def _rows_of(actor: Actor, asked: list[Asked]) -> dict[int, list[tuple[int, int]]]:
    """(dataset, weight) by word of the vocabulary. Of a compound that was taken apart the second half is only looked
    for where the first one is: «Stand» alone stands everywhere."""
    rows: dict[int, list[tuple[int, int]]] = defaultdict(list)
    lefts = {term for each in asked for left, _right in each.parts for term in left}
    rights = {term for each in asked for _left, right in each.parts for term in right}
    first = {term for each in asked for term in each.terms} | lefts
    for dataset, term, weight in postings(actor, first):
        rows[term].append((dataset, weight))
    within = {dataset for term in lefts for dataset, _weight in rows[term]}
    for dataset, term, weight in postings(actor, rights - first, within) if within else ():
        rows[term].append((dataset, weight))
    return rows


def _scored(actor: Actor, asked: list[Asked]) -> list[dict[int, float]]:
    """For each word that is asked for: how well the datasets answer it."""
    rows = _rows_of(actor, asked)
    answers = {id(each): _answers(each, rows) for each in asked}
    parts = {id(each): [other for other in asked if _part_of(other.word, each.word)] for each in asked}
    for each in asked:  # a word with hyphens is there when it is, or when all its parts are
        if parts[id(each)]:
            halves = [answers[id(part)] for part in parts[id(each)]]
            for dataset in set.intersection(*(set(half) for half in halves)):
                apart = sum(half[dataset] for half in halves) / len(halves)
                answers[id(each)][dataset] = max(apart, answers[id(each)].get(dataset, 0.0))
    inside = {id(part) for each in asked for part in parts[id(each)]}
    return [answers[id(each)] for each in asked if id(each) not in inside]


def _part_of(one: Word, other: Word) -> bool:
    return other.start <= one.start and one.end <= other.end and one.end - one.start < other.end - other.start


def _answers(asked: Asked, rows: dict[int, list[tuple[int, int]]]) -> dict[int, float]:
    best = _best(asked.terms, rows)
    for left, right in asked.parts:
        first, second = _best(left, rows), _best(right, rows)
        for dataset in first.keys() & second.keys():
            best[dataset] = max(best.get(dataset, 0.0), (first[dataset] + second[dataset]) / 2)
    return best


def _best(terms: dict[int, float], rows: dict[int, list[tuple[int, int]]]) -> dict[int, float]:
    best: dict[int, float] = {}
    for term, how_well in terms.items():
        for dataset, weight in rows.get(term, ()):
            score = how_well * weight
            if score > best.get(dataset, 0.0):
                best[dataset] = score
    return best


def _together(scored: list[dict[int, float]]) -> tuple[dict[int, float], bool]:
    """The scores of datasets that answer every word, rare words counting more; else of those that answer most."""
    most = max((len(each) for each in scored), default=0)
    rare = [1 + math.log((1 + most) / (1 + len(each))) for each in scored]
    common = set.intersection(*(set(each) for each in scored)) if scored else set()
    if common or len(scored) == 1:
        return {each: sum(by * words[each] for by, words in zip(rare, scored, strict=True)) for each in common}, False
    loose: dict[int, float] = defaultdict(float)
    for by, answers in zip(rare, scored, strict=True):
        for dataset, score in answers.items():
            loose[dataset] += 1_000 + by * score  # two words before one, however well that fits
    return dict(loose), True


def _instead(actor: Actor, text: str, asked: list[Asked]) -> str:
    """The question with what was probably meant, as that is written in the datasets."""
    meant = text
    for each in sorted(asked, key=lambda one: -one.word.start):
        if each.corrected:
            [(shown, _often), *_rest] = spellings(actor, terms=each.corrected)
            meant = meant[: each.word.start] + shown + meant[each.word.end :]
    return meant if meant != text else ""
