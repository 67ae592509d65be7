"""Keeping the index of the search: in the transaction of what changed, or anew for the whole catalogue."""

from collections.abc import Callable, Collection, Iterable, Sequence
from secrets import randbits
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from allmende.catalogue.models import Column, Dataset, Version
from allmende.catalogue.queries.versions import current_versions
from allmende.catalogue.search.keys import keys_of
from allmende.catalogue.search.tables import SearchEntry, SearchKey, SearchPosting, SearchTerm, SearchTurn
from allmende.catalogue.search.texts import about, shown_columns, weighed
from allmende.core.words import stem

REVISION = 1  # raised when datasets have to be indexed anew, because words are seen differently
_AT_ONCE = 200
_postings_of_term = SearchPosting.objects.filter(term=OuterRef("pk"))
_VALUES = 500  # in one statement; SQLite takes a limited number


def index_dataset(dataset: Dataset) -> None:
    """Brings what can be found of a dataset up to date. Call it in the transaction of the change."""
    index([dataset.pk])


@transaction.atomic
def index(datasets: Collection[int]) -> None:
    """The same for several (internal numbers)."""
    _wait_for_turn()
    made = _made(datasets)
    terms = _terms({word for words, _about in made.values() for word in words})
    before = set(_in_pieces(datasets, lambda some: SearchPosting.objects.filter(dataset__in=some).values_list("term")))
    SearchPosting.objects.filter(dataset__in=datasets).delete()
    SearchEntry.objects.filter(dataset__in=datasets).delete()
    SearchPosting.objects.bulk_create(
        (
            SearchPosting(term_id=terms[word], dataset_id=number, weight=weight, shown=shown)
            for number, (words, _about) in made.items()
            for word, (weight, shown) in words.items()
        ),
        batch_size=_VALUES,
    )
    SearchEntry.objects.bulk_create(
        SearchEntry(dataset_id=number, revision=REVISION, mark=randbits(40), about=said)
        for number, (_words, said) in made.items()
    )
    _forget({term for (term,) in before} - set(terms.values()))


def _wait_for_turn() -> None:
    """Until nobody else writes the index."""
    SearchTurn.objects.get_or_create(pk=1)
    SearchTurn.objects.select_for_update().get(pk=1)


def _made(datasets: Collection[int]) -> dict[int, tuple[dict[str, tuple[int, str]], dict[str, Any]]]:
    """Of each dataset its words, and what is said about it."""
    current: dict[int, Version] = current_versions(list(datasets))
    columns: dict[int, list[Column]] = {}
    for column in Column.objects.filter(table__dataset__in=datasets).select_related("table"):
        columns.setdefault(column.table.dataset_id, []).append(column)
    made = {}
    for dataset in Dataset.objects.select_related("owner").filter(pk__in=datasets):
        version = current.get(dataset.pk)
        shown = shown_columns(version, columns.get(dataset.pk, ()))
        made[dataset.pk] = (weighed(dataset, version, shown), about(dataset, version).to_json())
    return made


def _in_pieces(values: Iterable[Any], ask: Callable[[Sequence[Any]], Iterable[Any]]) -> Iterable[Any]:
    listed = list(values)
    for begin in range(0, len(listed), _VALUES):
        yield from ask(listed[begin : begin + _VALUES])


def _terms(words: set[str]) -> dict[str, int]:
    """The numbers of these words; new ones are added with their keys."""
    known = dict(_in_pieces(words, lambda some: SearchTerm.objects.filter(word__in=some).values_list("word", "pk")))
    new = SearchTerm.objects.bulk_create(
        (SearchTerm(word=word, stem=stem(word)) for word in sorted(words - known.keys())), batch_size=_VALUES
    )
    SearchKey.objects.bulk_create(
        (SearchKey(key=key, term_id=term.pk) for term in new for key in sorted(keys_of(term.word))), batch_size=_VALUES
    )
    return known | {term.word: term.pk for term in new}


def _forget(terms: set[int]) -> None:
    """Takes words out of the vocabulary that stand in no dataset any more."""
    used = {term for (term,) in _in_pieces(terms, lambda some: _postings(some).values_list("term").distinct())}
    for begin in range(0, len(gone := sorted(terms - used)), _VALUES):
        some = gone[begin : begin + _VALUES]
        SearchTerm.objects.filter(pk__in=some).delete()


def _postings(terms: Sequence[int]) -> Any:
    return SearchPosting.objects.filter(term__in=terms)


def catch_up(anew: bool = False, said: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Indexes the datasets that are not in the index, or were put there by another revision of this program; if anew,
    all of them. Words that stand nowhere any more go. May be broken off and called
    again. said: how many of how many are done. Returns how many they were."""
    waiting = Dataset.objects.order_by("pk").values_list("pk", flat=True)
    if not anew:
        waiting = waiting.filter(Q(search_entry=None) | ~Q(search_entry__revision=REVISION))
    numbers = list(waiting)
    for begin in range(0, len(numbers), _AT_ONCE):
        some = numbers[begin : begin + _AT_ONCE]
        index(some)
        said(begin + len(some), len(numbers))
    with transaction.atomic():
        _wait_for_turn()
        _forget(set(SearchTerm.objects.exclude(Exists(_postings_of_term)).values_list("pk", flat=True)))
    return len(numbers)
