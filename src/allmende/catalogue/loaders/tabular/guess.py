"""What type each column of a sample has, with the evidence. A type is believed where nearly all filled cells fit it;
where all but a few do, those few are what will be set aside, and the proposal says so beforehand."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.assumption import Assumption, tokens
from allmende.catalogue.loaders.formats import Found
from allmende.catalogue.loaders.numbers import MISSING, read_numbers
from allmende.catalogue.loaders.said import Said
from allmende.catalogue.loaders.sentinels import Range
from allmende.catalogue.loaders.tabular.convert import ARROW, Years, convert, share_of_numbers
from allmende.catalogue.loaders.tabular.recipe import Field, TableHints, column_names
from allmende.catalogue.loaders.tabular.words import PLAIN_BOOLEANS
from allmende.catalogue.loaders.timecolumn import shared_suffix
from allmende.catalogue.loaders.times import FORMATS
from allmende.catalogue.loaders.zones import OWN_OFFSET

_ENOUGH = 0.98  # so many of the filled cells must fit a type
_NAMES = frozenset({"name", "names", "bezeichnung"})  # what is called so is text, whatever it looks like
_LONGEST_NUMBER = 15  # digits: what is longer is a number by looks only, such as an IBAN or a sensor's EUI
_COMMA, _POINT = r"^\s*[+-]?\d+,\d+\s*$", r"^\s*[+-]?\d+\.\d+\s*$"
_DATES = tuple(name for name in FORMATS if name not in ("packed", "seconds", "milliseconds"))


@dataclass(frozen=True, slots=True)
class Guessed:
    """fields: one for each column, in order; said: what is worth telling."""

    fields: tuple[Field, ...]
    decimal: str
    said: list[Assumption]


def guess(sample: pa.Table, hints: TableHints, town_zone: str, years: Years, found: Found | None = None) -> Guessed:
    """Types of all columns of the sample (text, or typed by the format). found: what the format knows of them."""
    found = found or Found("", {})
    decimal, said = _decimal(sample, hints)
    names = column_names(sample.column_names)
    fields = []
    for heading, name in zip(sample.column_names, names, strict=True):
        column = sample[heading].combine_chunks() if sample[heading].num_chunks != 1 else sample[heading].chunk(0)
        use, withheld = heading not in hints.ignore, heading in hints.withhold
        plain = Field(
            heading,
            name,
            found.types.get(heading, ""),
            decimal=decimal,
            use=use,
            withheld=withheld,
            nothing=found.nothing.get(heading, ()),
        )
        guessed, about = _column(column, plain, hints, town_zone, years)
        fields.append(guessed)
        said += about
    return Guessed(tuple(fields), decimal, said)


def _decimal(sample: pa.Table, hints: TableHints) -> tuple[str, list[Assumption]]:
    texts = [column for column in sample.columns if pa.types.is_string(column.type)]
    commas, points = (sum(_count(column, pattern) for column in texts) for pattern in (_COMMA, _POINT))
    mark = hints.decimal or ("," if commas > points else ".")
    if not (hints.decimal or commas or points):
        return mark, []
    why = Said.of("told") if hints.decimal else Said.of("decimal", commas=commas, points=points)
    other = ("," if mark == "." else ".",) if commas and points else ()
    return mark, [Assumption("decimal", mark, why, other)]


def _count(column: pa.ChunkedArray, pattern: str) -> int:
    return pc.sum(pc.match_substring_regex(column, pattern)).as_py() or 0


def _column(
    column: pa.Array, plain: Field, hints: TableHints, town_zone: str, years: Years
) -> tuple[Field, list[Assumption]]:
    if told := hints.types.get(plain.source):
        filled = _filled(column, plain) if pa.types.is_string(column.type) else None
        field = replace(plain, type=told)
        if told in ("date", "datetime") and filled is not None and len(filled):
            field = replace(field, format=_format(filled)[0] or "iso", zone=hints.zone or town_zone)
        return field, [Assumption("type", f"{plain.source}: {told}", Said.of("told"))]
    if plain.type:
        return plain, []
    plain = replace(plain, type="text")
    if not pa.types.is_string(column.type):
        return replace(plain, type=_of_arrow(column.type)), []
    filled = _filled(column, plain)
    if not len(filled):
        return replace(plain, use=False), [Assumption("ignored", plain.source, Said.of("column_empty"))]
    for attempt in (_boolean, _number, _time):
        guessed = attempt(filled, plain, hints, town_zone)
        if guessed is not None:
            return _checked(guessed, column, filled, years, len(plain.nothing))
    return plain, _text_said(plain, filled)


def _filled(column: pa.Array, plain: Field) -> pa.Array:
    text = pc.utf8_trim_whitespace(column.drop_null())
    return text.filter(pc.invert(pc.is_in(text, pa.array([*MISSING, *plain.nothing]))))


def _of_arrow(kind: pa.DataType) -> str:
    for name, arrow in ARROW.items():
        if kind == arrow:
            return name
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_date(kind):
        return "date"
    return "datetime" if pa.types.is_timestamp(kind) else "text"


def _boolean(filled: pa.Array, plain: Field, hints: TableHints, town_zone: str) -> Field | None:
    few = pc.unique(pc.utf8_lower(filled))
    if len(few) > 4:
        return None
    words = frozenset(few.to_pylist())
    plain_words = words - {"0", "1"}  # some systems write the two side by side: WAHR, FALSCH, 0
    fits = any(plain_words <= pair for pair in PLAIN_BOOLEANS) and max(map(len, words)) > 1
    return replace(plain, type="boolean") if fits or words in ({"j", "n"}, {"y", "n"}) else None


def _number(filled: pa.Array, plain: Field, hints: TableHints, town_zone: str) -> Field | None:
    """Numbers; but not what is a code: leading zeros, or more digits than a number holds."""
    if _packed_dates(filled, plain) or tokens(plain.source) & _NAMES:
        return None
    share = share_of_numbers(filled, plain.decimal)
    if share < _ENOUGH:
        return None
    if pc.any(pc.match_substring_regex(filled, r"^[+-]?0\d")).as_py():
        return None
    if (
        pc.max(pc.utf8_length(filled)).as_py() > _LONGEST_NUMBER
        and pc.any(pc.match_substring_regex(filled, rf"^\d{{{_LONGEST_NUMBER + 1},}}$")).as_py()
    ):
        return None
    numbers = read_numbers(filled, plain.decimal)
    good = numbers.values[~numbers.bad]
    whole = bool((np.floor(good) == good).all()) and not pc.any(pc.match_substring(filled, ",")).as_py()
    written = pc.any(pc.match_substring_regex(filled, r"[.,]\d+$")).as_py() and plain.decimal == "."
    seen = Range()
    seen.see(good)
    nothing = (*plain.nothing, *(_written(filled, number) for number in seen.sentinels()))
    return replace(plain, type="integer" if whole and not written else "number", nothing=nothing)


def _written(filled: pa.Array, number: float) -> str:
    """How the sentinel stands in the file."""
    matching = [cell for cell in pc.unique(filled).to_pylist() if _same(cell, number)]
    return matching[0] if matching else f"{number:g}"


def _same(cell: str, number: float) -> bool:
    try:
        return float(cell.replace(",", ".")) == number
    except ValueError:
        return False


def _packed_dates(filled: pa.Array, plain: Field) -> bool:
    named = not tokens(plain.source).isdisjoint({"datum", "date", "tag", "day", "zeit", "time"})
    return named and bool(pc.all(pc.match_substring_regex(filled, FORMATS["packed"].pattern)).as_py())


def _time(filled: pa.Array, plain: Field, hints: TableHints, town_zone: str) -> Field | None:
    name, dated = _format(filled)
    if _packed_dates(filled, plain):
        name, dated = "packed", bool(pc.all(pc.match_substring_regex(filled, r"^\s*\d{8}\s*$")).as_py())
    if not name:
        return None
    if dated:
        return replace(plain, type="date", format=name)
    zone = OWN_OFFSET if shared_suffix(filled) or _offsets(filled) else hints.zone or town_zone
    return replace(plain, type="datetime", format=name, zone=zone)


def _offsets(filled: pa.Array) -> bool:
    return bool(pc.mean(pc.match_substring_regex(filled, r"\d([Zz]|[+-]\d{2}:?\d{2})\s*$")).as_py() > 0.5)


def _format(filled: pa.Array) -> tuple[str, bool]:
    """(the way of writing dates that fits these cells, whether all are dates without a clock time); empty: none."""
    few = pc.unique(filled)
    few = few.take(pa.array(np.linspace(0, len(few) - 1, 2000).astype(np.int64))) if len(few) > 2000 else few
    best = ("", 0.0)
    for name in _DATES:
        share = float(pc.mean(pc.match_substring_regex(few, FORMATS[name].pattern)).as_py() or 0)
        if share > best[1]:
            best = (name, share)
    if best[1] < _ENOUGH:
        return "", False
    name = best[0]
    if name == "dmy/" and pc.any(pc.match_substring_regex(few, r"^\s*\d{1,2}/(1[3-9]|[23]\d)/")).as_py():
        name = "mdy/"
    dated = not pc.any(pc.match_substring_regex(few, r"\d:\d|T\d|\d\.\d\dh")).as_py()
    return name, dated


def _checked(
    field: Field, column: pa.Array, filled: pa.Array, years: Years, known: int
) -> tuple[Field, list[Assumption]]:
    """The field with what is to be told of it; back to text where its cells do not really fit. known: so many of its
    texts for «no value» the format has told of."""
    result = convert(column, field, years)
    bad = int(result.bad.sum())
    if bad > (1 - _ENOUGH) * len(filled) + 1 or (bad and _is_code(field.source)):
        return replace(field, type="text", format="", zone="", nothing=field.nothing[:known]), _text_said(field, filled)
    said = []
    if field.type in ("date", "datetime"):
        others = ("mdy/",) if field.format == "dmy/" else ()
        shows = FORMATS[field.format].shows
        shown = shows.split(" ")[0] if field.type == "date" else shows
        said.append(Assumption("type", f"{field.source}: {field.type}, {shown}", Said.of("format_fits"), others))
    if field.type == "datetime" and field.zone != OWN_OFFSET:
        said.append(Assumption("zone", f"{field.source}: {field.zone}", Said.of("zone_town"), ("UTC",)))
    if field.type == "boolean":
        words = " / ".join(pc.unique(filled).to_pylist()[:4])
        said.append(Assumption("type", f"{field.source}: {field.type}", Said.of("boolean_words", words=words)))
    for nothing in field.nothing[known:]:
        said.append(Assumption("sentinel", f"{field.source}: {nothing}", Said.of("sentinel_far")))
    if bad:
        where = int(np.flatnonzero(result.bad)[0])
        cell = column[where].as_py()
        why = Said.of("type_few_misfits", bad=bad, cell=cell[:60], rows=len(filled))
        said.append(Assumption("type", f"{field.source}: {field.type}", why, ("text",)))
    return field, said


def _is_code(heading: str) -> bool:
    """Whether the heading speaks of numbers that are names, so that one with a letter is as good as the others."""
    return bool(re.search(r"(nummer|nr\.?|no|id|code|key|kennung|schlüssel)$", heading.strip().lower()))


def _text_said(field: Field, filled: pa.Array) -> list[Assumption]:
    """Worth a word only where numbers stand among the texts, or a code looks like a number."""
    share = share_of_numbers(filled, field.decimal)
    if share == 1.0:
        return [
            Assumption("type", f"{field.source}: text", Said.of("type_code", cell=filled[0].as_py()[:40]), ("integer",))
        ]
    if share > 0.5:
        return [
            Assumption("type", f"{field.source}: text", Said.of("type_mixed", share=round(100 * share)), ("number",))
        ]
    return []
