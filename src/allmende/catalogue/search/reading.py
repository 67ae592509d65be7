"""Reading the index, always inside what an actor may see.

A word that stands only in datasets that somebody may not read is not there for them: neither as a match, nor as the
other half of a compound, nor as what they may have meant.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from allmende.accounts.actors import Actor
from allmende.catalogue.models import Dataset
from allmende.catalogue.queries.datasets import visible_datasets
from allmende.catalogue.search.keys import SHORTENED, TRIGRAM

_VALUES = 900  # in one statement
_LAST = "\U0010ffff"


@lru_cache(maxsize=500)
def _seen(actor: Actor) -> tuple[str, tuple[object, ...]]:
    """A condition on a posting `p`: somebody sees its dataset. Making it takes Django longer than the database to
    answer; it depends on nothing but the actor. Asked for row by row, because SQLite otherwise begins with all datasets
    (160 ms against 4 ms measured)."""
    asked: QuerySet[Dataset] = visible_datasets(actor).select_related(None).order_by()
    own = asked.filter(pk=RawSQL("p.dataset_id", ())).values("pk")
    statement, values = own.query.sql_with_params()
    return f"EXISTS ({statement})", tuple(values)


def _rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def visible_numbers(actor: Actor) -> list[int]:
    """The datasets that somebody sees, by their internal numbers."""
    return list(visible_datasets(actor).select_related(None).order_by().values_list("pk", flat=True))


def _there(actor: Actor) -> tuple[str, tuple[object, ...]]:
    """A condition on a row `t` of the vocabulary: the word stands in something that the actor sees."""
    seen, values = _seen(actor)
    return f"EXISTS (SELECT 1 FROM catalogue_searchposting p WHERE p.term_id = t.id AND {seen})", values


def _begins(column: str, beginning: str) -> tuple[str, tuple[Any, ...]]:
    """A condition that an index answers: PostgreSQL has one for LIKE, SQLite one for ranges."""
    if connection.vendor == "postgresql":
        return f"{column} LIKE %s", (beginning.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%",)
    return f"({column} >= %s AND {column} < %s)", (beginning, beginning + _LAST)


def _among(column: str, values: Collection[int]) -> tuple[str, tuple[Any, ...]]:
    some = sorted(values)[:_VALUES]
    return (f"{column} IN ({', '.join(['%s'] * len(some))})" if some else "1 = 0"), tuple(some)


def terms_by_key(actor: Actor, keys: Iterable[str], beginnings: Iterable[str] = ()) -> list[tuple[str, int, str, str]]:
    """(key, number, word, stem) of the visible words with one of these keys, or with one that begins so."""
    there, seen = _there(actor)
    head = (
        "SELECT k.key, t.id, t.word, t.stem FROM catalogue_searchkey k JOIN catalogue_searchterm t ON t.id = k.term_id"
    )
    found = []
    listed = sorted(set(keys))
    for begin in range(0, len(listed), _VALUES):
        some = listed[begin : begin + _VALUES]
        marks = ", ".join(["%s"] * len(some))
        found += _rows(f"{head} WHERE k.key IN ({marks}) AND {there}", [*some, *seen])
    for each in sorted(set(beginnings)):
        condition, given = _begins("k.key", each)
        found += _rows(f"{head} WHERE {condition} AND {there}", [*given, *seen])
    return found


def similar_terms(actor: Actor, keys: Collection[str], enough: int) -> list[tuple[int, str, str]]:
    """(number, word, stem) of the visible words that have one letter less or more in common, or enough trigrams."""
    there, seen = _there(actor)
    shortened = [each for each in keys if each.startswith(SHORTENED)]
    trigrams = [each for each in keys if each.startswith(TRIGRAM)]
    found = []
    for some, least in ((shortened, 1), (trigrams, enough)):
        if some:
            marks = ", ".join(["%s"] * len(some))
            statement = (
                "SELECT t.id, t.word, t.stem FROM (SELECT term_id FROM catalogue_searchkey"
                f" WHERE key IN ({marks}) GROUP BY term_id HAVING COUNT(*) >= %s) k"
                f" JOIN catalogue_searchterm t ON t.id = k.term_id WHERE {there}"
            )
            found += _rows(statement, [*some, least, *seen])
    return list(dict.fromkeys(found))


def postings(actor: Actor, terms: Collection[int], within: Collection[int] = ()) -> list[tuple[int, int, int]]:
    """(dataset, term, weight) of these words in what the actor sees. within: only in these, if they are few."""
    seen, values = _seen(actor)
    found = []
    listed = sorted(terms)
    for begin in range(0, len(listed), _VALUES):
        some = listed[begin : begin + _VALUES]
        among, given = _among("p.term_id", some)
        held, numbers = _among("p.dataset_id", within) if 0 < len(within) <= _VALUES else ("1 = 1", ())
        statement = (
            "SELECT p.dataset_id, p.term_id, p.weight FROM catalogue_searchposting p"
            f" WHERE {among} AND {held} AND {seen}"
        )
        found += _rows(statement, [*given, *numbers, *values])
    return found


def spellings(actor: Actor, beginning: str = "", terms: Collection[int] = (), most: int = 20) -> list[tuple[str, int]]:
    """How visible words that begin so, or these, are written, with the number of datasets; the most frequent first."""
    seen, values = _seen(actor)
    condition, given = _begins("t.word", beginning) if beginning else _among("t.id", terms)
    statement = (
        "SELECT t.id, p.shown, COUNT(*) AS often FROM catalogue_searchterm t"
        " JOIN catalogue_searchposting p ON p.term_id = t.id"
        f" WHERE {condition} AND {seen} GROUP BY t.id, p.shown ORDER BY often DESC, p.shown LIMIT %s"
    )
    found: dict[int, tuple[str, int]] = {}
    for term, shown, often in _rows(statement, [*given, *values, most * 3]):
        best, before = found.get(term, (shown, 0))
        found[term] = (best, before + often)
    return sorted(found.values(), key=lambda pair: -pair[1])[:most]


def words_of(actor: Actor, terms: Collection[int]) -> set[str]:
    """These words of the vocabulary, folded, as far as the actor sees them anywhere."""
    there, seen = _there(actor)
    among, some = _among("t.id", terms)
    statement = f"SELECT t.word FROM catalogue_searchterm t WHERE {among} AND {there}"
    return {word for (word,) in _rows(statement, [*some, *seen])}
