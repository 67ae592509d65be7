"""Cells of text become values of a type, a column at a time. What does not fit is named, never guessed over."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.numbers import MISSING, is_number, read_numbers
from allmende.catalogue.loaders.tabular.recipe import Field
from allmende.catalogue.loaders.tabular.words import NO, YES
from allmende.catalogue.loaders.times import FINE, OUT_OF_YEARS, REASONS, TimeReader, clock_readings

Mask = npt.NDArray[np.bool_]

ARROW = {
    "text": pa.string(),
    "json": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
}
_DAY = 86_400_000_000
_LARGEST_EXACT = 2**53
_YES, _NO, _MISSING = pa.array(sorted(YES)), pa.array(sorted(NO)), pa.array(MISSING)


class Converted(NamedTuple):
    """values: Arrow array of the field's type, null where there is no value; bad: (n,) cells that do not fit; why: the
    code of what is wrong, (n,) or one for all; wider: the type that would have fitted, where one would."""

    values: pa.Array
    bad: Mask
    why: str | npt.NDArray[np.object_]
    wider: str = ""


@dataclass(frozen=True, slots=True)
class Years:
    """Times that can be, in µs UTC."""

    earliest: int
    latest: int


def convert(column: pa.Array, field: Field, years: Years) -> Converted:
    """A column of cells as values of the field's type. Cells that are blank, or say so in a field that is no text, have
    no value; so have those that the field lists under `nothing`."""
    if not pa.types.is_string(column.type):
        return _typed(column, field)
    text = pc.utf8_trim_whitespace(column)
    blank = _nothing(text, field)
    text = pc.if_else(blank, pa.scalar(None, pa.string()), text) if pc.any(blank).as_py() else text
    return _CONVERTERS[field.type](text, field, years)


def _nothing(text: pa.Array, field: Field) -> pa.Array:
    known = pa.array([*field.nothing, ""]) if field.type in ("text", "json") else pa.array([*field.nothing, *MISSING])
    return pc.fill_null(pc.is_in(text, known), False)


def _typed(column: pa.Array, field: Field) -> Converted:
    """A column that the format knows the type of. Raises nothing: what cannot be cast is bad."""
    wanted = ARROW[field.type]
    try:
        return Converted(pc.cast(column, wanted), _none(column), "")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        text = pa.array([None if cell is None else str(cell) for cell in column.to_pylist()], pa.string())
        return convert(text, field, Years(-(2**63), 2**63 - 1))


def _none(column: pa.Array) -> Mask:
    return np.zeros(len(column), dtype=np.bool_)


def _text(text: pa.Array, field: Field, years: Years) -> Converted:
    return Converted(text, _none(text), "")


def _integer(text: pa.Array, field: Field, years: Years) -> Converted:
    try:
        return Converted(pc.cast(text, pa.int64()), _none(text), "")
    except pa.ArrowInvalid:
        pass  # something in this block is no plain whole number: look closer
    numbers = read_numbers(pc.fill_null(text, ""), field.decimal)
    whole = numbers.missing | numbers.bad | (np.floor(numbers.values) == numbers.values)
    small = numbers.missing | numbers.bad | (np.abs(numbers.values) < _LARGEST_EXACT)
    good = ~numbers.bad & ~numbers.missing & whole & small
    values = pa.array(np.where(good, np.nan_to_num(numbers.values), 0).astype(np.int64), mask=~good)
    fits = not (~whole | ~small).any()
    return Converted(values, numbers.bad, "number_unknown", "" if fits else "number")


def _number(text: pa.Array, field: Field, years: Years) -> Converted:
    numbers = read_numbers(pc.fill_null(text, ""), field.decimal)
    return Converted(pa.array(numbers.values, mask=numbers.missing | numbers.bad), numbers.bad, "number_unknown")


def _boolean(text: pa.Array, field: Field, years: Years) -> Converted:
    lower = pc.utf8_lower(text)
    yes, no = pc.is_in(lower, _YES), pc.is_in(lower, _NO)
    known = pc.or_(yes, no)
    bad = pc.and_(pc.is_valid(text), pc.invert(known)).to_numpy(zero_copy_only=False)
    return Converted(pc.if_else(known, yes, pa.scalar(None, pa.bool_())), bad, "boolean_unknown")


def _date(text: pa.Array, field: Field, years: Years) -> Converted:
    coded = text.dictionary_encode()
    read = clock_readings(coded.dictionary, field.format or "iso")
    outside = read.good & ((read.micros < years.earliest) | (read.micros > years.latest))
    place = coded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    there = pc.is_valid(text).to_numpy(zero_copy_only=False)
    if not len(coded.dictionary):
        return Converted(pa.nulls(len(text), pa.date32()), _none(text), "")
    good = (read.good & ~outside)[place] & there
    days = np.floor_divide(read.micros, _DAY)[place].astype(np.int32)
    why = np.where(outside, REASONS[OUT_OF_YEARS], "date_unknown").astype(object)[place]
    return Converted(pa.array(days, pa.int32(), mask=~good).cast(pa.date32()), there & ~good, why)


def _datetime(text: pa.Array, field: Field, years: Years) -> Converted:
    reader = TimeReader(field.format or "iso", field.zone or "UTC", years.earliest, years.latest)
    there = pc.is_valid(text).to_numpy(zero_copy_only=False)
    times = reader.read(pc.fill_null(text, ""))
    good = (times.reason == FINE) & there
    values = pa.array(times.utc, pa.timestamp("us", tz="UTC"), mask=~good)
    why = np.array([REASONS.get(code, "") for code in range(max(REASONS) + 1)], dtype=object)[times.reason]
    return Converted(values, there & ~good, why)


_CONVERTERS = {
    "text": _text,
    "json": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}


def share_of_numbers(text: pa.Array, decimal: str) -> float:
    """Share of these (trimmed, filled) cells that are numbers written with this mark."""
    return float(pc.mean(is_number(text, decimal)).as_py() or 0.0) if len(text) else 0.0
