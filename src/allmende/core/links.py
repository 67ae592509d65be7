"""Links: any two things of the house joined by a predicate; who stated it, since when, or which rule inferred it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Q

from allmende.core import kinds
from allmende.core.models import Link

_PREDICATE = re.compile(r"[a-z][a-z0-9_]{1,59}")


@dataclass(frozen=True, slots=True)
class Linked:
    """A link as one end sees it: the thing at the other end, which the reader may see.

    direction: `out` when the asked-for thing is the subject ("measure names indicator"), `in` when it is the object.
    """

    predicate: str
    direction: Literal["out", "in"]
    kind: str
    code: str
    title: str
    url: str
    stated: bool
    stated_by: str
    since: datetime


def link(
    a_kind: str, a_code: str, predicate: str, b_kind: str, b_code: str, *, stated_by: str, stated: bool = True
) -> None:
    """States (or, with stated=False, infers) that a stands in the relation to b; saying it twice changes nothing.

    stated_by: code of the person, token or rule. A statement replaces an inference, never the other way round.
    Raises UnknownKind, or ValueError for a predicate that is not lower_case_words.
    """
    for kind in (a_kind, b_kind):
        kinds.get(kind)
    if not _PREDICATE.fullmatch(predicate):
        raise ValueError(f"'{predicate}' is not a predicate; use lower-case words joined by underscores.")
    ends = {"a_kind": a_kind, "a_code": a_code, "predicate": predicate, "b_kind": b_kind, "b_code": b_code}
    found, fresh = Link.objects.get_or_create(**ends, defaults={"stated": stated, "stated_by": stated_by})
    if not fresh and stated and not found.stated:
        found.stated, found.stated_by = True, stated_by
        found.save(update_fields=["stated", "stated_by", "changed"])


def unlink(a_kind: str, a_code: str, predicate: str, b_kind: str, b_code: str) -> bool:
    """Takes a link away; returns whether there was one."""
    gone, _ = Link.objects.filter(
        a_kind=a_kind, a_code=a_code, predicate=predicate, b_kind=b_kind, b_code=b_code
    ).delete()
    return gone > 0


def links_of(kind: str, code: str, actor: Any) -> list[Linked]:
    """All links of a thing, in both directions, oldest first, whose other end the actor may see.

    Whether the thing itself may be seen is the caller's question; ends of kinds that nobody registered are left out.
    """
    known = {registered.name: registered for registered in kinds.all()}
    rows = Link.objects.filter(Q(a_kind=kind, a_code=code) | Q(b_kind=kind, b_code=code)).order_by("id")
    found: list[Linked] = []
    for row in rows:
        outward = (row.a_kind, row.a_code) == (kind, code)
        other_kind, other_code = (row.b_kind, row.b_code) if outward else (row.a_kind, row.a_code)
        other = known.get(other_kind)
        title = other.title(other_code, actor) if other else None
        if other is None or title is None:
            continue
        found.append(
            Linked(
                predicate=row.predicate,
                direction="out" if outward else "in",
                kind=other_kind,
                code=other_code,
                title=title,
                url=other.url(other_code),
                stated=row.stated,
                stated_by=row.stated_by,
                since=row.created,
            )
        )
    return found
