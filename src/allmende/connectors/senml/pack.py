"""SenML (RFC 8428) in JSON: from a pack to resolved records, whose names, times and values stand for themselves."""

from math import isfinite
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop as _

from allmende.connectors.readings import MOST_READINGS, Unmapped
from allmende.core.clock import MAX_US, MIN_US
from allmende.core.said import said_of

VERSION = 10  # the one of RFC 8428
_RELATIVE = 2**28  # smaller times count from now (section 4.5.3)
_NAME_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:./_")
_KNOWN = {"bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"}


class Record(NamedTuple):
    """A resolved record. base: the base name it was said under; value: of v or vb; sum: of s; None where absent."""

    name: str
    base: str
    unit: str
    time: int
    value: float | None
    sum: float | None


def resolve(pack: Any, arrival: int) -> list[Record]:
    """All records with numbers, in order. arrival: µs UTC, which relative times count from. Raises Unmapped."""
    if not isinstance(pack, list) or not pack:
        raise Unmapped(_("A SenML pack is an array of records."))
    if len(pack) > MOST_READINGS:
        raise Unmapped(_("The pack has more than %(most_readings)s records."), most_readings=MOST_READINGS)
    base: dict[str, Any] = {}
    found = []
    for number, record in enumerate(pack):
        if not isinstance(record, dict):
            raise Unmapped(_("Record %(number)s of the pack is no object."), number=number + 1)
        try:
            _check(record)
            base |= {field: record[field] for field in ("bn", "bt", "bu", "bv", "bs") if field in record}
            if {"v", "vb", "s"} & record.keys():
                found.append(_resolved(record, base, arrival))
        except (TypeError, ValueError, OverflowError) as error:
            raise Unmapped(
                _("Record %(number)s of the pack: %(problem)s"), number=number + 1, problem=said_of(error)
            ) from None
    return found


def _check(record: dict[str, Any]) -> None:
    """Section 4.4: whoever does not know a field that ends in an underscore must not read the pack."""
    if record.get("bver", VERSION) != VERSION:
        raise Unmapped(_("the version is %(given)s; %(version)s is read here."), given=record["bver"], version=VERSION)
    for field in record:
        if field.endswith("_") and field not in _KNOWN:
            raise Unmapped(_("the field «%(field)s» has to be understood and is not known here."), field=field)


def _resolved(record: dict[str, Any], base: dict[str, Any], arrival: int) -> Record:
    prefix = str(base.get("bn", ""))
    name = prefix + str(record.get("n", ""))
    if not name or not name[0].isalnum() or not set(name) <= _NAME_SIGNS:
        raise Unmapped(_("the name “%(name)s” is empty or has signs that RFC 8428 does not allow."), name=name[:60])
    return Record(
        name=name,
        base=prefix,
        unit=str(record.get("u", base.get("bu", ""))),
        time=_time(_number(base.get("bt", 0)) + _number(record.get("t", 0)), arrival),
        value=_value(record, base),
        sum=_sum(record, base),
    )


def _value(record: dict[str, Any], base: dict[str, Any]) -> float | None:
    if "vb" in record:
        if not isinstance(record["vb"], bool):
            raise Unmapped(_("«vb» is “%(record)s”, neither true nor false."), record=record["vb"])
        return float(record["vb"])
    if "v" in record:
        return _number(record["v"]) + _number(base.get("bv", 0))
    return None


def _sum(record: dict[str, Any], base: dict[str, Any]) -> float | None:
    return _number(record["s"]) + _number(base.get("bs", 0)) if "s" in record else None


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise Unmapped(_("“%(value)s” is no number."), value=str(value)[:40])
    return float(value)


def _time(seconds: float, arrival: int) -> int:
    time = round(seconds * 1e6) + (arrival if seconds < _RELATIVE else 0)
    if not MIN_US <= time <= MAX_US:
        raise Unmapped(_("the time %(seconds)s is outside the years 1700 to 2200."), seconds=seconds)
    return time
