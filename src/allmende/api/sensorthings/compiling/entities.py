"""Filters of entities: what the relational database cannot say by itself is answered elsewhere and brought in as ids.

Conditions on observations (`Observations/result gt 5`) are put to the store; spatial ones to shapely.
"""

from typing import Any

from django.db.models import F, Q, QuerySet

from allmende.api.sensorthings.compiling import places
from allmende.api.sensorthings.compiling.columns import COLUMNS, Place
from allmende.api.sensorthings.compiling.compiler import Compiler
from allmende.api.sensorthings.compiling.operands import Expression
from allmende.api.sensorthings.compiling.rebasing import without_hops
from allmende.api.sensorthings.compiling.relating import DjangoDialect, matching
from allmende.api.sensorthings.entities import ID, EntityType, Kind, Navigation
from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.tree import Logic, Node, Not, Path, walk
from allmende.observations.queries.entities import rows_of
from allmende.observations.services.extents import keep_extents

_KEPT_TIMES = ("phenomenonTime", "resultTime")


class EntityDialect(DjangoDialect):
    """The relational dialect with both ways out."""

    def __init__(self, root: EntityType, datasets: list[int] | None, language: str) -> None:
        super().__init__(root, datasets, language)
        self.compiler = Compiler(self)

    def rows(self) -> QuerySet[Any]:
        """The rows that the actor may see."""
        return rows_of(self.root.name, self.datasets)

    def whole(self, node: Node) -> Expression | None:
        paths = [part for part in walk(node) if isinstance(part, Path)]
        ways = {way for path in paths if (way := _way_to_observations(path))}
        if ways:
            if len(ways) == 1 and all(_way_to_observations(path) for path in paths):
                return self._observed(node, ways.pop())
            return self._grouped(node)
        if not isinstance(node, Logic) and places.spatial(node):
            return self._placed(node)
        return None

    def _grouped(self, node: Node) -> Expression:
        """What is asked of observations by the same way is asked together, so that it holds of one observation."""
        if not isinstance(node, Logic):
            if isinstance(node, Not):
                return self.call("not", self.compiler.condition(node.operand))
            raise Fault("Properties of observations and others cannot be compared with each other.", node.at)
        groups: dict[Any, list[Node]] = {}
        for operand in node.operands:
            ways = {_way_to_observations(part) for part in walk(operand) if isinstance(part, Path)}
            key = ways.pop() if len(ways) == 1 else None
            groups.setdefault(key or id(operand), []).append(operand)
        parts = []
        for members in groups.values():
            together = members[0] if len(members) == 1 else Logic(node.at, node.operator, tuple(members))
            parts.append(self.compiler.condition(together))
        return self.call(node.operator, *parts) if len(parts) > 1 else parts[0]

    def _observed(self, node: Node, way: tuple[Navigation, ...]) -> Expression:
        """A condition on observations at the end of a way of links."""
        from allmende.api.sensorthings.compiling import observations  # noqa: PLC0415 - each needs the other

        owner = way[-2].target if len(way) > 1 else self.root
        prefix, guards = self.way(Path(node.at, Kind.ID, way[:-1], ID))
        inner = without_hops(node, len(way))
        ids = observations.matching_owners(inner, owner, self.datasets, self.language)
        condition = Q(**{f"{prefix}pk__in": ids})
        for guard in guards:
            condition &= guard
        return condition

    def _placed(self, node: Node) -> Expression:
        """A spatial condition: candidates by their boxes from the database, the rest by shapely."""
        paths = places.geometry_paths(node)
        if not paths:
            return self.value(places.Evaluator(node).holds({}))
        rows, box = self.rows(), places.box_of(node)
        columns, keys = [], []
        for path in paths:
            prefix, guards = self.way(path)
            column = COLUMNS[path.owner(self.root).name][path.leaf.name]
            assert isinstance(column, Place)
            for guard in guards:
                rows = rows.filter(guard)
            if box:
                rows = rows.filter(_near(prefix, box))
            names: tuple[str, ...] = ("west", "south", "east", "north") if column.box else (column.name,)
            columns.append(tuple(prefix + name for name in names))
            keys.append((path.hops, path.leaf.name))
        evaluator = places.Evaluator(node)
        found = set()
        for pk, *values in rows.values_list("pk", *(name for names in columns for name in names)).iterator():
            shapes, rest = {}, iter(values)
            for key, names in zip(keys, columns, strict=True):
                part = [next(rest) for _ in names]
                shapes[key] = part[0] if len(names) == 1 else box_geometry(*part)
            if evaluator.holds(shapes):
                found.add(pk)
        return Q(pk__in=found)


def filtered(
    rows: QuerySet[Any], node: Node | None, root: EntityType, datasets: list[int] | None, language: str
) -> QuerySet[Any]:
    """Those of the rows for which the filter is true. Raises Fault, TooCostly."""
    if node is None:
        return rows
    if any(isinstance(part, Path) and _is_kept_time(part, root) for part in walk(node)):
        keep_extents()
    condition = EntityDialect(root, datasets, language).compiler.condition(node)
    return matching(rows, condition, rows_of(root.name, datasets))


def ordered(
    rows: QuerySet[Any],
    keys: Any,
    root: EntityType,
    datasets: list[int] | None,
    language: str,
    usual: tuple[str, ...] = ("pk",),
) -> QuerySet[Any]:
    """The rows in this order; between equals, and where no order is asked for, in the usual one, mostly that in which
    they were made. Raises Fault."""
    dialect = EntityDialect(root, datasets, language)
    by = []
    for key in keys:
        if isinstance(key.expression, Path) and _is_kept_time(key.expression, root):
            keep_extents()
        operand = dialect.compiler.operand(key.expression)
        for value in _sortable(operand):
            by.append(value.desc(nulls_last=True) if key.descending else value.asc(nulls_first=True))
    return rows.order_by(*by, *usual)


def _sortable(operand: Any) -> list[Expression]:
    if hasattr(operand, "begin"):
        values = [operand.begin, operand.end]
    elif hasattr(operand, "number"):
        values = [operand.number, operand.text]
    else:
        values = [operand.value]
    return [F(value) if isinstance(value, str) else value for value in values]


def box_geometry(west: float | None, south: float | None, east: float | None, north: float | None) -> Any:
    """A box as GeoJSON: a polygon, or a point where it has no extent; None where there is none."""
    if west is None or south is None or east is None or north is None:
        return None
    if west == east and south == north:
        return {"type": "Point", "coordinates": [west, south]}
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _near(prefix: str, box: tuple[float, float, float, float]) -> Q:
    west, south, east, north = box
    return Q(
        **{
            f"{prefix}west__lte": east,
            f"{prefix}east__gte": west,
            f"{prefix}south__lte": north,
            f"{prefix}north__gte": south,
        }
    )


def _is_kept_time(path: Path, root: EntityType) -> bool:
    return path.leaf.name in _KEPT_TIMES and path.owner(root).name in ("Datastream", "MultiDatastream")


def _way_to_observations(path: Path) -> tuple[Navigation, ...]:
    """The links of a path up to the first that leads to Observations; empty where none does."""
    for place, hop in enumerate(path.hops):
        if hop.target.name == "Observation":
            return path.hops[: place + 1]
    return ()
