"""The query options of 18-088 § 9.3.3 and what they become: `$filter`, `$orderby`, `$expand`, `$select`, `$top`, …"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from allmende.api.sensorthings.entities import SELF_LINK, EntityType, Navigation, Property
from allmende.api.sensorthings.language import checking, names
from allmende.api.sensorthings.language.faults import Fault, guess, shown
from allmende.api.sensorthings.language.parser import Reader
from allmende.api.sensorthings.language.tree import Node, without_positions

DEEPEST_EXPAND = 10
MOST_KEYS = 20  # of one order
MOST_EXPANDED = 100  # links named in one $expand, at all depths
MOST_LISTED = 100  # properties of one $select
RESULT_FORMATS = ("dataArray",)  # § 12.2


class Order(Struct, frozen=True):
    """One key of the order."""

    at: int
    expression: Node
    descending: bool = False


class Selection(Struct, frozen=True):
    """One member of `$select`: a property, perhaps with a path into its JSON, or a link."""

    at: int
    item: Property | Navigation
    below: names.Below = ()


class Expand(Struct, frozen=True):
    """A link that is answered inline, and the options for its entities."""

    at: int
    navigation: Navigation
    options: "Options"


class Options(Struct, frozen=True, kw_only=True):
    """All options of a request or of one expanded link; None or () where an option is not given.

    skiptoken is for the service's own next links. others: options without `$`, as they came.
    """

    filter: Node | None = None
    orderby: tuple[Order, ...] = ()
    expand: tuple[Expand, ...] = ()
    select: tuple[Selection, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool | None = None
    result_format: str | None = None
    skiptoken: str | None = None
    others: tuple[tuple[str, str], ...] = ()


def orderby(reader: Reader) -> tuple[Order, ...]:
    """`name desc,Thing/name`."""
    keys = listed(reader, _order)
    if len(keys) > MOST_KEYS:
        raise Fault(f"An order has at most {MOST_KEYS} keys.", keys[MOST_KEYS].at)
    return keys


def _order(reader: Reader) -> Order:
    at = reader.token.at
    expression = checking.sortable(reader.expression())
    direction = reader.token.text.lower() if reader.token.kind == "word" else ""
    if direction in ("asc", "desc"):
        reader.advance()
    return Order(at, expression, direction == "desc")


def select(reader: Reader) -> tuple[Selection, ...]:
    """`name,properties/owner,Datastreams`."""
    return listed(reader, _selection)


def _selection(reader: Reader) -> Selection:
    at, text = _word(reader, "the name of a property or link")
    segments = text.split("/")
    name = segments[0].partition("[")[0]
    found = SELF_LINK if name == SELF_LINK.name else names.property_of(reader.root, name)
    if found is None:
        link = reader.root.navigations.get(text)
        if link is None:
            raise names.unknown(reader.root, name, at)
        return Selection(at, link)
    steps = names.below(segments, at)
    names.kind_below(found, steps, at)
    return Selection(at, found, steps)


def expand(reader: Reader) -> tuple[Expand, ...]:
    """`Datastreams($top=1),Datastreams/Sensor,Locations`."""
    return merged(listed(reader, _expansion))


def _expansion(reader: Reader) -> Expand:
    """A path of links, each perhaps with options; becomes links inside each other."""
    root, around = reader.root, reader.expanded
    links: list[tuple[int, Navigation, Options]] = []
    while True:
        at, text = _word(reader, "the name of a link")
        for name in text.split("/"):
            link = reader.root.navigations.get(name)
            if link is None:
                raise names.unknown_link(reader.root, name, at)
            links.append((at, link, Options()))
            _count(reader, around + len(links), at)
            reader.root = link.target
            at += len(name) + 1
        if reader.accept("("):
            links[-1] = (*links[-1][:2], _nested(reader))
        if not reader.accept("/"):
            break
    reader.root, reader.expanded = root, around
    inner: tuple[Expand, ...] = ()
    for at, link, options in reversed(links):
        inner = (Expand(at, link, _joined(options, Options(expand=inner), at)),)
    return inner[0]


def _count(reader: Reader, depth: int, at: int) -> None:
    reader.expanded, reader.expansions = depth, reader.expansions + 1
    if depth > DEEPEST_EXPAND:
        raise Fault(f"Links are expanded at most {DEEPEST_EXPAND} deep.", at)
    if reader.expansions > MOST_EXPANDED:
        raise Fault(f"More than {MOST_EXPANDED} links are expanded.", at)


def _nested(reader: Reader) -> Options:
    """The options in the brackets behind an expanded link, without the bracket that opens."""
    reader.deeper(reader.token.at)
    given: dict[str, Any] = {}
    while not reader.accept(")"):
        if given:
            reader.expect(";")
        if reader.token.kind != "option":
            raise reader.unexpected("an option such as $select")
        name = reader.advance()
        read = _NESTED.get(name.text)
        if read is None:
            unsupported = name.text not in OPTIONS
            reason = f"There is no option {shown(name.text)} for an expanded link.{guess(name.text, _NESTED)}"
            raise Fault(reason, name.at, unsupported=unsupported)
        if name.text[1:] in given:
            raise Fault(f"{name.text} is given twice.", name.at)
        reader.expect("=")
        given[name.text[1:]] = read(reader)
    reader.depth -= 1
    return Options(**given)


def merged(found: Sequence[Expand]) -> tuple[Expand, ...]:
    """The same link named more than once becomes one, if its options agree; some clients write links that way."""
    by_name: dict[str, Expand] = {}
    for one in found:
        before = by_name.get(one.navigation.name)
        if before is not None:
            one = Expand(before.at, one.navigation, _joined(before.options, one.options, one.at))
        by_name[one.navigation.name] = one
    return tuple(by_name.values())


def _joined(first: Options, second: Options, at: int) -> Options:
    """Both options in one. Raises Fault at the position if both say something different of the same."""
    changes: dict[str, Any] = {}
    for name in Options.__struct_fields__:
        ours, theirs = getattr(first, name), getattr(second, name)
        if theirs in (None, ()) or name == "expand":
            continue
        if ours not in (None, ()) and without_positions(ours) != without_positions(theirs):
            raise Fault(f"The link is expanded twice, with different ${name}.", at)
        changes[name] = theirs
    if second.expand:
        changes["expand"] = merged((*first.expand, *second.expand))
    return msgspec.structs.replace(first, **changes) if changes else first


def top(reader: Reader) -> int:
    """A whole number, not negative."""
    token = reader.token
    if token.kind != "number" or not (token.text.isascii() and token.text.isdigit()):
        raise reader.unexpected("a whole number, not negative,")
    if len(token.text) > 18:
        raise Fault("The number is too large.", token.at)
    return int(reader.advance().text)


def count(reader: Reader) -> bool:
    """true or false."""
    answer = {"true": True, "false": False}.get(reader.token.text.lower())
    if answer is None or reader.token.kind != "word":
        raise reader.unexpected("true or false")
    reader.advance()
    return answer


def result_format(reader: Reader) -> str:
    """dataArray."""
    at, text = _word(reader, "the name of a format")
    if text not in RESULT_FORMATS:
        raise Fault(f"There is no result format {shown(text)}.{guess(text, RESULT_FORMATS)}", at)
    return text


T = TypeVar("T")


def listed(reader: Reader, member: Callable[[Reader], T]) -> tuple[T, ...]:
    """One or more, with commas between."""
    found = [member(reader)]
    while reader.accept(","):
        if len(found) == MOST_LISTED:
            raise Fault(f"The list has more than {MOST_LISTED} members.", reader.token.at)
        found.append(member(reader))
    return tuple(found)


def _word(reader: Reader, wanted: str) -> tuple[int, str]:
    if reader.token.kind != "word":
        raise reader.unexpected(wanted)
    token = reader.advance()
    return token.at, token.text


_NESTED: dict[str, Callable[[Reader], Any]] = {
    "$filter": Reader.condition,
    "$orderby": orderby,
    "$expand": expand,
    "$select": select,
    "$top": top,
    "$skip": top,
    "$count": count,
}
OPTIONS: dict[str, Callable[[Reader], Any]] = {**_NESTED, "$resultFormat": result_format}
FIELDS = {"$resultFormat": "result_format"}


def read(name: str, text: str, root: EntityType) -> Any:
    """The value of an option whose name is one of OPTIONS. Raises Fault."""
    reader = Reader(text, root)
    if reader.token.kind == "end":
        raise Fault(f"{name} is empty.", 0)
    value = OPTIONS[name](reader)
    reader.finish()
    return value
