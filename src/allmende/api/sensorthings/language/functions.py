"""The functions of 18-088 § 9.3.3.5.2, with the temporal relations that other services offer beyond it.

`contains(text, part)` of OData 4 is read as `substringof(part, text)`.
"""

from msgspec import Struct

from allmende.api.sensorthings.entities import Kind


class Function(Struct, frozen=True):
    """What a function takes and gives. least: how many arguments are needed; the rest may be left out."""

    name: str
    arguments: tuple[frozenset[Kind], ...]
    result: Kind
    least: int


_TEXT = frozenset({Kind.STRING, Kind.ID, Kind.ANY})
_NUMBER = frozenset({Kind.NUMBER, Kind.ANY})
_GEOMETRY = frozenset({Kind.GEOMETRY})
_PERIOD = frozenset({Kind.INTERVAL, Kind.TIME})
_MOMENT = frozenset({Kind.INSTANT, Kind.INTERVAL, Kind.TIME, Kind.ANY})
_WITH_DATE = _MOMENT | {Kind.DATE}
_WITH_CLOCK = _MOMENT | {Kind.TIME_OF_DAY}
_PATTERN = frozenset({Kind.STRING})


def _functions(names: str, result: Kind, *arguments: frozenset[Kind], least: int | None = None) -> list[Function]:
    needed = len(arguments) if least is None else least
    return [Function(name, arguments, result, needed) for name in names.split()]


# Of an interval the functions of dates take its beginning.
FUNCTIONS = {
    function.name: function
    for function in [
        *_functions("substringof endswith startswith contains", Kind.BOOLEAN, _TEXT, _TEXT),
        *_functions("length", Kind.NUMBER, _TEXT),
        *_functions("indexof", Kind.NUMBER, _TEXT, _TEXT),
        *_functions("substring", Kind.STRING, _TEXT, _NUMBER, _NUMBER, least=2),
        *_functions("tolower toupper trim", Kind.STRING, _TEXT),
        *_functions("concat", Kind.STRING, _TEXT, _TEXT),
        *_functions("year month day", Kind.NUMBER, _WITH_DATE),
        *_functions("hour minute second fractionalseconds", Kind.NUMBER, _WITH_CLOCK),
        *_functions("date", Kind.DATE, _WITH_DATE),
        *_functions("time", Kind.TIME_OF_DAY, _WITH_CLOCK),
        *_functions("totaloffsetminutes", Kind.NUMBER, _MOMENT),
        *_functions("now mindatetime maxdatetime", Kind.INSTANT),
        *_functions("round floor ceiling", Kind.NUMBER, _NUMBER),
        *_functions("geo.distance", Kind.NUMBER, _GEOMETRY, _GEOMETRY),
        *_functions("geo.length", Kind.NUMBER, _GEOMETRY),
        *_functions("geo.intersects", Kind.BOOLEAN, _GEOMETRY, _GEOMETRY),
        *_functions("st_equals st_disjoint st_touches st_within", Kind.BOOLEAN, _GEOMETRY, _GEOMETRY),
        *_functions("st_overlaps st_crosses st_intersects st_contains", Kind.BOOLEAN, _GEOMETRY, _GEOMETRY),
        *_functions("st_relate", Kind.BOOLEAN, _GEOMETRY, _GEOMETRY, _PATTERN),
        *_functions("before after meets overlaps starts finishes", Kind.BOOLEAN, _MOMENT, _MOMENT),
        *_functions("during", Kind.BOOLEAN, _MOMENT, _PERIOD),
    ]
}
