"""The form of the loading workspace: what somebody says about a file, as hints for the loader, and back."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.tabling import TableProposal
from allmende.catalogue.loaders.tabular.recipe import Field, TableHints
from allmende.catalogue.loaders.tabular.systems import NAMES, NONE
from allmende.catalogue.loaders.words import TOPICS, shown, words

TYPES = {
    "text": _("text"),
    "integer": _("whole number"),
    "number": _("number"),
    "boolean": _("yes or no"),
    "date": _("date"),
    "datetime": _("date and time"),
    "json": _("JSON"),
}
_ENCODINGS = ("utf-8", "cp1252", "iso-8859-15", "utf-16-le", "cp850")
_DELIMITERS = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("upright stroke")}
_SAID_BELOW = frozenset({"type", "ignored", "sentinel", "header"})  # topics that stand at the columns themselves


def hints_of(sent: QueryDict) -> TableHints:
    """What the form says. Columns are numbered as they stand in it: `source-3`, `type-3`, `use-3`, `withhold-3`.

    Where the way of reading changed (`was` says what it was), the columns may be others, so what was said of them is
    let go.
    """
    header = {"yes": True, "no": False}.get(str(sent.get("header", "")))
    reading = TableHints(
        encoding=str(sent.get("encoding", "")),
        delimiter="\t" if sent.get("delimiter") == "tab" else str(sent.get("delimiter", "")),
        header=header,
        layer=str(sent.get("layer", "")),
        path=str(sent.get("path", "")),
        decimal=str(sent.get("decimal", "")),
    )
    if sent.get("was", "") != way_of(reading):
        return reading
    columns = [(key.partition("-")[2], str(value)) for key, value in sent.items() if key.startswith("source-")]
    said = {number: str(sent.get(f"type-{number}", "")) for number, _source in columns}
    return replace(
        reading,
        types={
            source: said[number]
            for number, source in columns
            if said[number] in TYPES and said[number] != sent.get(f"guess-{number}")
        },
        ignore=tuple(source for number, source in columns if f"use-{number}" not in sent),
        withhold=tuple(source for number, source in columns if f"withhold-{number}" in sent),
        where=_where([str(sent.get(name, "")) for name in ("where_east", "where_north")], str(sent.get("guess_where"))),
        crs=str(sent.get("crs", "")).strip(),
        key=tuple(str(name) for name in sent.getlist("key") if name and name != sent.get("guess_key")),
    )


def way_of(hints: TableHints) -> str:
    """What decides which columns there are, as one text."""
    return "|".join(str(part) for part in (hints.encoding, hints.delimiter, hints.header, hints.layer, hints.path))


def _where(names: list[str], guess: str) -> tuple[str, ...]:
    if NONE in names:
        return (NONE,)
    return () if "|".join(names) == guess else tuple(name for name in names if name)


class Workbench:
    """What the form shows. proposal: None where the file has several tables, whose columns are not edited at once."""

    def __init__(self, hints: TableHints, proposal: TableProposal | None, sent: QueryDict | None = None) -> None:
        self.hints, self.proposal, self._sent = hints, proposal, sent or QueryDict()
        self.types = TYPES.items()
        self.encodings = _ENCODINGS
        self.delimiters = _DELIMITERS.items()
        self.systems = NAMES.items()

    @property
    def was(self) -> str:
        """See hints_of."""
        return way_of(self.hints)

    @property
    def is_text(self) -> bool:
        """Whether encoding and delimiter matter."""
        return self.proposal is not None and self.proposal.recipe.format == "delimited"

    @property
    def fields(self) -> list[tuple[int, Field, str, str]]:
        """(number, column, what is told of it, the type that was guessed)."""
        if self.proposal is None:
            return []
        told: dict[str, list[str]] = {}
        for each in self.proposal.said:
            source = each.value.partition(": ")[0] if each.topic != "ignored" else each.value
            if each.topic in _SAID_BELOW and each.topic != "header":
                told.setdefault(source, []).append(words(each.why))
        fields = self.proposal.recipe.fields
        return [
            (number, each, "; ".join(told.get(each.source, ())), self._guess(number, each))
            for number, each in enumerate(fields)
        ]

    def _guess(self, number: int, each: Field) -> str:
        """What the loader guessed before anybody said otherwise; empty where that is not known any more."""
        return str(self._sent.get(f"guess-{number}") or ("" if each.source in self.hints.types else each.type))

    @property
    def guess_key(self) -> str:
        """The same for the key."""
        return str(self._sent.get("guess_key") or ("" if self.hints.key else "|".join(self.key) or NONE))

    @property
    def guess_where(self) -> str:
        """The same for the place."""
        return str(self._sent.get("guess_where") or ("" if self.hints.where else "|".join(self.where)))

    @property
    def where(self) -> tuple[str, str]:
        """The columns of the place, as they are chosen."""
        where = self.proposal.recipe.where if self.proposal else None
        if where is None or where.kind == "native":
            return "", ""
        return where.columns[0], where.columns[1] if len(where.columns) > 1 else ""

    @property
    def crs(self) -> str:
        """The coordinate system that is taken."""
        where = self.proposal.recipe.where if self.proposal else None
        return where.crs if where else self.hints.crs

    @property
    def key(self) -> list[str]:
        """Headings of the columns of the key."""
        if self.proposal is None:
            return []
        names = set(self.proposal.recipe.key)
        return [each.source for each in self.proposal.recipe.fields if each.use and each.name in names]


def said_rows(said: Iterable[Assumption]) -> Iterator[tuple[str, str, str]]:
    """(topic, what was taken, why and what else it could be) for what does not stand at a column."""
    for each in said:
        if each.topic not in _SAID_BELOW:
            yield str(TOPICS[each.topic]), shown(each), words(each.why)
