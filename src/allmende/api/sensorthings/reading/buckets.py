"""Beyond the standard: observations of one Datastream summed up per hour, day, month … of the town.

`Datastreams('…')/Observations?bucket=day&$filter=phenomenonTime ge … and phenomenonTime lt …`. A chart of a year needs
a few hundred such rows where the observations themselves would be megabytes.
"""

from typing import Any

from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.options import Options
from allmende.api.sensorthings.language.tree import Call, Comparison, Interval, Literal, Logic, Node, Path
from allmende.api.sensorthings.reading.context import Reader
from allmende.api.sensorthings.reading.scope import Observations
from allmende.api.sensorthings.reading.shapes import Object
from allmende.api.sensorthings.reading.times import interval
from allmende.core.clock import to_us, town_zone
from allmende.observations.queries import STEPS, buckets, extents
from allmende.observations.queries.entities import streams_of
from allmende.observations.steps import Step, TooManyBuckets, following

NAME = "bucket"
_FIGURES = ("count", "mean", "minimum", "maximum", "sum", "flagged")


def asked_for(options: Options) -> str | None:
    """The step of `bucket=…`; None where it is not asked for."""
    return dict(options.others).get(NAME)


def summed_up(reader: Reader, scope: Any, options: Options, step: str) -> Object:
    """value: one object a bucket that has values, oldest first. Raises Fault."""
    if step not in STEPS:
        raise Fault(f"There is no bucket of «{step[:20]}»; known are {', '.join(STEPS)}.", 0)
    if not isinstance(scope, Observations) or scope.streams is None or len(scope.streams) != 1 or scope.where:
        raise Fault("Buckets are of the observations of one Datastream.", 0)
    if options != Options(filter=options.filter, others=options.others):
        raise Fault("Beside bucket only $filter can stand.", 0)
    number = scope.streams[0]
    extent = extents([number]).get(number)
    if extent is None:
        return {"value": []}
    begin, end = (None, None) if options.filter is None else _span(options.filter)
    begin = extent.first if begin is None else max(begin, extent.first)
    end = extent.last + 1 if end is None else min(end, extent.last + 1)
    row = streams_of(reader.datasets).filter(pk=number).values_list("holding", flat=True).get()
    try:
        table = buckets(number, Step(step), begin, end, holding=row)
    except TooManyBuckets as error:
        raise Fault(str(error), 0) from error
    return {"value": [_object(found, Step(step)) for found in table.to_pylist()]}


def _object(row: dict[str, Any], step: Step) -> Object:
    start = to_us(row["start"])
    made: Object = {"phenomenonTime": interval(start, following(step, start, town_zone()))}
    made |= {name: row[name] for name in _FIGURES}
    if row["weighted_mean"] is not None:
        made["weightedMean"] = row["weighted_mean"]
    return made


def _span(node: Node) -> tuple[int | None, int | None]:
    """The times between which the filter holds, the second exclusive. Raises Fault where it says anything else."""
    parts = node.operands if isinstance(node, Logic) and node.operator == "and" else (node,)
    begins, ends = [], []
    for part in parts:
        low, high = _side(part)
        begins += [] if low is None else [low]
        ends += [] if high is None else [high]
    return max(begins, default=None), min(ends, default=None)


def _side(part: Node) -> tuple[int | None, int | None]:
    match part:
        case Comparison(operator=operator, left=Path(hops=(), leaf=leaf), right=Literal(value=int() as time)) if (
            leaf.name == "phenomenonTime" and operator in _SIDES
        ):
            low, high = _SIDES[operator]
            return (None if low is None else time + low), (None if high is None else time + high)
        case Call(
            name="during", arguments=(Path(hops=(), leaf=leaf), Literal(value=Interval(start=start, end=end)))
        ) if leaf.name == "phenomenonTime":
            return start, end
    raise Fault("Beside bucket a filter can only say between which phenomenonTime, as in phenomenonTime ge ….", part.at)


_SIDES: dict[str, tuple[int | None, int | None]] = {"ge": (0, None), "gt": (1, None), "lt": (None, 0), "le": (None, 1)}
