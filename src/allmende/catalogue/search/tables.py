"""Tables of the search: which words stand in which dataset, and by what a word can be found.

They hold nothing that is not in the datasets themselves and can be made anew at any time (`indexing.catch_up`). Only
what readers of a dataset see is in them: nothing of columns that are withheld, nor of versions that are not published.
"""

from django.db import models

from allmende.catalogue.models import Dataset


class SearchEntry(models.Model):
    """That a Dataset is in the index, and what facets need to know of it. revision: of the way it was indexed;
    mark: a random number, by which copies of the table see that a row is another."""

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="search_entry")
    revision = models.PositiveSmallIntegerField()
    mark = models.PositiveBigIntegerField(db_index=True)  # the sum of all is asked for with every list
    about = models.JSONField(help_text="See catalogue.search.texts.About")


class SearchTerm(models.Model):
    """A word that occurs in some dataset, folded."""

    word = models.CharField(max_length=40, unique=True)
    stem = models.CharField(max_length=40)


class SearchKey(models.Model):
    """By what a SearchTerm can be found; the first letter says how (`catalogue.search.keys`)."""

    key = models.CharField(max_length=44, db_index=True)
    term = models.ForeignKey(SearchTerm, on_delete=models.CASCADE, related_name="+")


class SearchPosting(models.Model):
    """A SearchTerm stands in a Dataset. weight: the more telling the place, the more; shown: as it is written there."""

    term = models.ForeignKey(SearchTerm, on_delete=models.CASCADE, related_name="+", db_index=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    weight = models.PositiveSmallIntegerField()
    shown = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(fields=["term", "dataset", "weight"], name="search_posting_by_term")
        ]  # a search reads the postings of its words; all that it needs of them is in the index


class SearchTurn(models.Model):
    """One row, locked by whoever writes the index: two who meet a new word at once would both add it."""
