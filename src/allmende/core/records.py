"""The base of every table whose rows have an address: a public code beside the internal number."""

from typing import Any, ClassVar

from django.db import models

from allmende.core.codes import new_code


class Record(models.Model):
    """A row with an internal number (`id`, for joins) and a public code (for URLs, APIs and links)."""

    PREFIX: ClassVar[str] = "rec"

    code = models.CharField(max_length=40, unique=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.code:
            self.code = new_code(self.PREFIX)
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.code
