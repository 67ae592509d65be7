"""Filters of observations: terms for the store; what concerns datastreams or features is brought in as numbers."""

from typing import Any, NamedTuple

from django.db.models import QuerySet

from allmende.api.sensorthings.compiling.compiler import Compiler
from allmende.api.sensorthings.compiling.entities import EntityDialect, filtered
from allmende.api.sensorthings.compiling.operands import Open, Operand, Scalar, Span
from allmende.api.sensorthings.compiling.rebasing import without_hops
from allmende.api.sensorthings.compiling.storing import StoreDialect
from allmende.api.sensorthings.entities import ID, OBSERVATION, EntityType, Navigation
from allmende.api.sensorthings.ids import observation_key
from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.tree import (
    Call,
    Comparison,
    Interval,
    Literal,
    Logic,
    Membership,
    Node,
    Path,
    walk,
)
from allmende.observations.queries.entities import rows_of, stream_by_code, streams_of
from allmende.observations.queries.identity import found_at
from allmende.observations.queries.searching import (
    Among,
    Column,
    PerStream,
    Search,
    Term,
    Value,
    every,
    matching_features,
    matching_streams,
)
from allmende.observations.queries.searching import Call as StoreCall

_STREAM, _FEATURE = Column("stream"), Column("feature")
_STREAM_LINKS = ("Datastream", "MultiDatastream")
_OPEN_PARTS = ("number", "text", "boolean", "anything", "present")


class ObservationDialect(StoreDialect):
    """The store's dialect, with paths that lead to datastreams, features and beyond."""

    def __init__(self, datasets: list[int] | None, language: str) -> None:
        self.datasets, self.language = datasets, language
        self.compiler = Compiler(self)

    def path(self, path: Path) -> Operand:
        """A property of the observation, or, as a value per Datastream, one that its Datastream leads to."""
        if not path.hops:
            if path.leaf is ID:
                raise Fault("The id of an observation can only be equal or not equal to another.", path.at)
            return self.own(path)
        if path.hops[0].name not in _STREAM_LINKS or path.many:
            raise Fault(f"This cannot be compared with a property of {OBSERVATION.name}.", path.at)
        return self._per_stream(path)

    def whole(self, node: Node) -> Term | None:
        if isinstance(node, Comparison | Membership) and (found := self._ids(node)) is not None:
            return found
        paths = [part for part in walk(node) if isinstance(part, Path)]
        links = {path.hops[0] if path.hops else None for path in paths}
        if not paths or links == {None}:
            return None
        if len(links) == 1 and (link := links.pop()) is not None:
            return self._elsewhere(without_hops(node, 1), link)
        return self._grouped(node) if isinstance(node, Logic) else None

    def _grouped(self, node: Logic) -> Term | None:
        """What is asked of the same link is asked together, in one query."""
        groups: dict[Any, list[Node]] = {}
        for operand in node.operands:
            links = {part.hops[0] if part.hops else None for part in walk(operand) if isinstance(part, Path)}
            link = links.pop() if len(links) == 1 else None
            groups.setdefault(link.name if link else id(operand), []).append(operand)
        if len(groups) == len(node.operands):
            return None
        parts = [
            self.compiler.condition(several[0] if len(several) == 1 else Logic(node.at, node.operator, tuple(several)))
            for several in groups.values()
        ]
        return self.call(node.operator, *parts)

    def _elsewhere(self, node: Node, link: Navigation) -> Term:
        """A condition on what the link leads to, asked of the relational database."""
        target = link.target
        rows = filtered(rows_of(target.name, self.datasets), node, target, self.datasets, self.language)
        numbers = list(rows.values_list("pk", flat=True))
        if link.name in _STREAM_LINKS:
            return Among(_STREAM, numbers)
        own = list(streams_of(self.datasets).filter(feature__in=numbers).values_list("pk", flat=True))
        implied = every(self.call("is_null", _FEATURE), Among(_STREAM, own))
        return self.call("or", self.call("coalesce", Among(_FEATURE, numbers), Value(False)), implied)

    def _per_stream(self, path: Path) -> Operand:
        root = path.hops[0].target
        dialect = EntityDialect(root, self.datasets, self.language)
        operand = dialect.path(without_hops(path, 1))  # type: ignore[arg-type]
        rows = dialect.rows()
        if isinstance(operand, Scalar):
            return Scalar(operand.kind, _mapped(rows, operand.value))
        if isinstance(operand, Span):
            return Span(_mapped(rows, operand.begin), _mapped(rows, operand.end))
        assert isinstance(operand, Open)
        return Open(*(_mapped(rows, getattr(operand, part)) for part in _OPEN_PARTS))

    def _ids(self, node: Comparison | Membership) -> Term | None:
        """`@iot.id eq '…'`, and with ne and in."""
        if isinstance(node, Membership):
            item, texts = node.item, [member.value for member in node.members]
        else:
            item, other = (node.left, node.right) if isinstance(node.left, Path) else (node.right, node.left)
            texts = [other.value] if isinstance(other, Literal) else []
        if not isinstance(item, Path) or item.hops or item.leaf is not ID or not texts:
            return None
        same = [self._id(text) for text in texts]
        found = self.call("or", *same) if len(same) > 1 else same[0]
        if isinstance(node, Membership) or node.operator == "eq":
            return found
        if node.operator == "ne":
            return self.call("not", found)
        raise Fault("Ids of observations are not in an order.", node.at)

    def _id(self, text: Any) -> Term:
        key = observation_key(text)
        stream = key and stream_by_code(key.stream, self.datasets)
        if key is None or stream is None:
            return Value(False)
        time, rank = key.time, key.rank
        if stream.ids_upto is not None:  # an observation whose time was corrected has kept its id
            row = found_at(stream.id, time, rank, stream.ids_upto)
            if row is None:
                return Value(False)
            time, rank = row[1], row[5]
        return every(
            self.call("eq", _STREAM, Value(stream.id)),
            self.call("eq", Column("time"), Value(time)),
            self.call("eq", Column("rank"), Value(rank)),
        )


def _mapped(rows: QuerySet[Any], expression: Any) -> PerStream:
    pairs = list(rows.annotate(asked=expression).values_list("pk", "asked"))
    return PerStream([pk for pk, _ in pairs], [value for _, value in pairs])


class Asked(NamedTuple):
    """A filter as the store takes it."""

    streams: list[int] | None
    begin: int | None
    end: int | None
    where: Term | None

    def search(self, **more: Any) -> Search:
        """The search for it."""
        bounds: dict[str, Any] = {"begin": self.begin, "end": self.end}
        bounds = {name: value for name, value in bounds.items() if value is not None}
        return Search(streams=self.streams, where=self.where, **bounds, **more)


def asked(node: Node | None, streams: list[int] | None, datasets: list[int] | None, language: str) -> Asked:
    """The filter over these Datastreams (None: all). Times and Datastreams that it names narrow the search, so that the
    store need not look elsewhere. Raises Fault, TooCostly."""
    if node is None:
        return Asked(streams, None, None, None)
    where = ObservationDialect(datasets, language).compiler.condition(node)
    parts = list(where.terms) if isinstance(where, StoreCall) and where.name == "and" else [where]
    for part in list(parts):
        if isinstance(part, Among) and part.term == _STREAM:
            wanted = set(part.numbers)
            streams = sorted(wanted) if streams is None else [number for number in streams if number in wanted]
            parts.remove(part)
    begin, end = _bounds(node)
    return Asked(streams, begin, end, every(*parts) if parts else None)


def _bounds(node: Node) -> tuple[int | None, int | None]:
    """Between which times (end exclusive) phenomenon times must begin for the filter to hold; None leaves it open."""
    operands = node.operands if isinstance(node, Logic) and node.operator == "and" else (node,)
    begins, ends = [], []
    for operand in operands:
        low, high = _bound(operand)
        begins += [] if low is None else [low]
        ends += [] if high is None else [high]
    return max(begins, default=None), min(ends, default=None)


_MIRROR = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}


def _bound(node: Node) -> tuple[int | None, int | None]:
    operator, left, right = "", None, None
    if isinstance(node, Comparison):
        operator, left, right = node.operator, node.left, node.right
    elif isinstance(node, Call) and node.name in ("during", "before", "after"):
        operator, (left, right) = node.name, node.arguments
    if isinstance(right, Path) and isinstance(left, Literal) and operator in _MIRROR:
        operator, left, right = _MIRROR[operator], right, left
    if not (isinstance(left, Path) and not left.hops and left.leaf.name == "phenomenonTime"):
        return None, None
    if not isinstance(right, Literal):
        return None, None
    first, last = (right.value.start, right.value.end) if isinstance(right.value, Interval) else (right.value,) * 2
    if not isinstance(first, int) or not isinstance(last, int):
        return None, None
    match operator:
        case "eq":
            return first, first + 1
        case "gt" | "ge" | "after":
            return first, None
        case "lt" | "le" | "before":
            return None, last + 1
        case "during":
            return first, last + 1
        case _:
            return None, None


def matching_owners(node: Node, owner: EntityType, datasets: list[int] | None, language: str) -> set[int]:
    """Internal numbers of the Datastreams, MultiDatastreams or features whose observations match. Raises TooCostly."""
    found = asked(node, _numbers(datasets), datasets, language)
    search = found.search()
    if owner.name != "FeatureOfInterest":
        return set(matching_streams(search))
    pairs = matching_features(search)
    implied = {stream for stream, feature in pairs if feature is None}
    own = streams_of(datasets).filter(pk__in=implied, feature__isnull=False).values_list("feature_id", flat=True)
    return {feature for _, feature in pairs if feature is not None} | {int(number) for number in own if number}


def _numbers(datasets: list[int] | None) -> list[int] | None:
    return None if datasets is None else list(streams_of(datasets).values_list("pk", flat=True))
