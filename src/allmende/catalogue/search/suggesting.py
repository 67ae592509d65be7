"""What to offer while somebody types: words that begin so, and datasets; only of what they may read."""

from dataclasses import dataclass

from allmende.accounts.actors import Actor
from allmende.catalogue.queries.datasets import visible_datasets
from allmende.catalogue.search.finding import Found, find
from allmende.catalogue.search.reading import spellings
from allmende.core.texts import pick
from allmende.core.words import fold, words


@dataclass(frozen=True, slots=True)
class Suggestion:
    """text: what to search for, or a dataset's title; kind: word or dataset; count: how many datasets have the word;
    slug: of the dataset."""

    text: str
    kind: str
    count: int = 0
    slug: str = ""


def suggest(actor: Actor, text: str, most: int = 8, language: str | None = None) -> list[Suggestion]:
    """Half of them words, half datasets, as far as there are so many."""
    text = " ".join(text.replace("\0", " ").split())[:200]
    if len(text) < 2:
        return []
    found = find(actor, text)
    datasets = _datasets(actor, found, most, language)
    completed = _words(actor, text, most)
    kept = completed[: max(most // 2, most - len(datasets))]
    return [*kept, *datasets[: most - len(kept)]]


def _datasets(actor: Actor, found: Found, most: int, language: str | None) -> list[Suggestion]:
    numbers = found.numbers[:most]
    rows = visible_datasets(actor).in_bulk(numbers)
    return [Suggestion(pick(rows[n].title, language), "dataset", slug=rows[n].slug) for n in numbers if n in rows]


def _words(actor: Actor, text: str, most: int) -> list[Suggestion]:
    """Completions of the last word, behind those before it."""
    head, _space, last = text.rpartition(" ")
    beginning = fold(last)
    if len(beginning) < 2:
        return []
    before = f"{head} " if words(head) else ""
    found = spellings(actor, beginning, most=most)
    return [Suggestion(before + shown, "word", 0 if before else often) for shown, often in found]


def similar_words(actor: Actor, text: str, most: int = 6) -> list[Suggestion]:
    """Words to try where nothing was found: those that begin like the ones that were asked for."""
    found: dict[str, Suggestion] = {}
    for word in words(text)[:3]:
        tries = (spellings(actor, word.folded[:length], most=3) for length in (5, 4, 3) if len(word.folded) > length)
        for shown, often in next(filter(None, tries), []):
            found.setdefault(shown, Suggestion(shown, "word", often))
    return list(found.values())[:most]
