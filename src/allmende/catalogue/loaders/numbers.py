"""Numbers as people and devices write them: decimal point or comma, marks for «no value»; a column at a time."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]

MISSING = (
    "",
    "-",
    "--",
    "---",
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "NaN",
    "nan",
    "NAN",
    "null",
    "NULL",
    "None",
    "k.A.",
    "k. A.",
)
_MISSING = pa.array(MISSING)
_POINT = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_COMMA = r"^[+-]?((\d{1,3}(\.\d{3})+|\d+)(,\d+)?|,\d+)([eE][+-]?\d+)?$"


class Numbers(NamedTuple):
    """values: (n,); missing: the source said «no value»; bad: no number, or none that is finite."""

    values: npt.NDArray[np.float64]
    missing: Mask
    bad: Mask


def read_numbers(text: pa.Array, decimal: str = ".") -> Numbers:
    """The numbers of a text column. decimal: `.` or `,` (then a point groups thousands)."""
    if decimal == ".":
        try:
            return _checked(pc.cast(text, pa.float64()))
        except pa.ArrowInvalid:
            pass  # something in this block is no plain number: look closer
    coded = text.dictionary_encode()
    if len(coded.dictionary) > len(text) // 2:
        return _closely(text, decimal)
    few = _closely(coded.dictionary, decimal)
    place = coded.indices.to_numpy()
    return Numbers(few.values[place], few.missing[place], few.bad[place])


def is_number(text: pa.Array, decimal: str) -> pa.Array:
    """Which (trimmed) cells are numbers in this way of writing."""
    matching = pc.match_substring_regex(text, _POINT if decimal == "." else _COMMA)
    return pc.and_(matching, pc.match_substring_regex(text, r"\d"))


def _closely(text: pa.Array, decimal: str) -> Numbers:
    text = pc.utf8_trim_whitespace(text)
    missing = pc.is_in(text, _MISSING)
    good = is_number(text, decimal)
    if decimal == ",":
        text = pc.replace_substring(pc.replace_substring(text, ".", ""), ",", ".")
    checked = _checked(pc.cast(pc.if_else(good, text, "0"), pa.float64()))
    gone = missing.to_numpy(zero_copy_only=False)
    return Numbers(checked.values, gone, (~good.to_numpy(zero_copy_only=False) & ~gone) | checked.bad)


def _checked(numbers: pa.Array) -> Numbers:
    values = numbers.to_numpy(zero_copy_only=False)
    missing = np.isnan(values)  # some write NaN for «no value»
    return Numbers(values, missing, np.isinf(values))
