"""From the parameters of a page of features to a question to the holding."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import fields

from allmende.api.ogc import boxes, moments
from allmende.api.ogc.asking import LAST
from allmende.api.ogc.crs import CRS84, Crs, crs_of
from allmende.api.ogc.filters import FilterError, read_filter
from allmende.api.ogc.filters.reading import LANGUAGES
from allmende.api.ogc.layers import Layer
from allmende.api.problems import Problem, bad_parameter
from allmende.api.v1.rows import conditions
from allmende.catalogue.holdings.reading import Question
from allmende.catalogue.holdings.terms import Term, every

LARGEST = 10_000


class ItemsQuery(Struct, forbid_unknown_fields=False):
    """Parameters of a page of features. Any other parameter must be called like a property."""

    limit: Annotated[int, Meta(ge=1, description=f"How many at once; {LARGEST} at most")] = 100
    bbox: Annotated[str, Meta(description="Four numbers: only features that meet this box")] = ""
    bbox_crs: Annotated[str, Meta(description="URI of the system of `bbox`; CRS84")] = field(
        name="bbox-crs", default=""
    )
    datetime: Annotated[str, Meta(description="A time, a day, or an interval a/b, ../b, a/..")] = ""
    crs: Annotated[str, Meta(description="URI of the coordinate reference system of the answer")] = ""
    filter: Annotated[str, Meta(description="A condition in CQL2")] = ""
    filter_lang: Annotated[str, Meta(description="cql2-text or cql2-json")] = field(name="filter-lang", default="")
    filter_crs: Annotated[str, Meta(description="URI of the system of geometries in `filter`; CRS84")] = field(
        name="filter-crs", default=""
    )
    sortby: Annotated[str, Meta(description="Properties, separated by commas; a minus before one turns it round")] = ""
    properties: Annotated[str, Meta(description="Only these properties, separated by commas")] = ""
    after: Annotated[
        Annotated[int, Meta(ge=-1, lt=2**62)] | None, Meta(description="As the link `next` of the page before says")
    ] = None
    offset: Annotated[int, Meta(ge=0, le=1_000_000, description="How many features to pass over")] = 0
    version: Annotated[
        Annotated[int, Meta(ge=1, le=LAST)] | None, Meta(description="Version; the newest published one")
    ] = None
    f: Annotated[str, Meta(description="json or html; else what Accept asks for")] = ""

    @property
    def page_size(self) -> int:
        """A limit beyond the largest is no error (part 1, § 7.15.2)."""
        return min(self.limit, LARGEST)


_NAMES = frozenset(each.encode_name for each in fields(ItemsQuery))


def question_of(found: Layer, query: ItemsQuery, given: Mapping[str, str]) -> Question:
    """One row more than the page has, so that it is known whether there is a next one. Raises Problem 400."""
    order = _order(found, query.sortby)
    return Question(
        where=where_of(found, query, given),
        order=order,
        columns=columns_of(found, query.properties),
        limit=query.page_size + 1,
        skip=query.offset,
        beyond=None if order else query.after,
    )


def where_of(found: Layer, query: ItemsQuery, given: Mapping[str, str]) -> Term | None:
    """The condition that all parameters make together."""
    terms = [_box(found, query), _moment(found, query), _filter(found, query), _properties(found, given)]
    some = [each for each in terms if each is not None]
    return every(*some) if some else None


def crs_parameter(name: str, text: str) -> Crs:
    """The system that a parameter names; CRS84 where it is not given. Raises Problem 400."""
    if not text:
        return CRS84
    try:
        return crs_of(text)
    except ValueError as error:
        raise bad_parameter(name, str(error)) from error


def columns_of(found: Layer, text: str) -> tuple[str, ...]:
    """The properties that are wanted: all, or those named. Raises Problem 400."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip() not in ("", "geometry")))
    return tuple(_known(found, "properties", name) for name in names) or found.holding.names


def _known(found: Layer, parameter: str, name: str) -> str:
    if name not in found.holding.types:
        known = ", ".join(found.holding.names)
        raise bad_parameter(parameter, f"There is no property “{name}”; there are: {known}.")
    return name


def _order(found: Layer, text: str) -> tuple[tuple[str, bool], ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    return tuple((_known(found, "sortby", name.lstrip("+-")), name.startswith("-")) for name in names)


def _box(found: Layer, query: ItemsQuery) -> Term | None:
    if not query.bbox:
        return None
    crs = crs_parameter("bbox-crs", query.bbox_crs)
    try:
        return boxes.within(query.bbox, crs, points=found.points)
    except ValueError as error:
        raise bad_parameter("bbox", str(error)) from error


def _moment(found: Layer, query: ItemsQuery) -> Term | None:
    """Features of a collection without times match any time (part 1, § 7.15.4)."""
    if not query.datetime:
        return None
    try:
        return moments.within(query.datetime, moments.moment_column(found.holding))
    except ValueError as error:
        raise bad_parameter("datetime", str(error)) from error


def _filter(found: Layer, query: ItemsQuery) -> Term | None:
    lang = query.filter_lang or ("cql2-json" if query.filter.lstrip().startswith("{") else "cql2-text")
    if lang not in LANGUAGES:
        raise bad_parameter("filter-lang", f"“{lang}” is not read here; known are {', '.join(LANGUAGES)}.")
    crs = crs_parameter("filter-crs", query.filter_crs)
    if not query.filter:
        return None
    try:
        return read_filter(query.filter, lang, found.holding, crs)
    except FilterError as error:
        raise _bad_filter(error) from error


def _bad_filter(error: FilterError) -> Problem:
    problem = Problem(400, "bad_query", "The query cannot be read", error.message)
    problem.body |= {"option": "filter", "position": error.position, "near": error.near}
    return problem


def _properties(found: Layer, given: Mapping[str, str]) -> Term | None:
    asked = {name: value for name, value in given.items() if name not in _NAMES}
    for name in asked:
        if name.partition(".")[0] not in found.holding.types:
            known = ", ".join([*sorted(_NAMES), *found.holding.names])
            raise bad_parameter(name, f"There is no parameter and no property “{name}”; known here: {known}.")
    return conditions(found.holding, asked) if asked else None
