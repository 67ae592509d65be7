"""Quality rules of a datastream: what is switched on, switching, and looking at history again. Flags never delete."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.core import audit, outbox
from allmende.core.clock import now
from allmende.observations.care.flagging import NOTHING, Flags, Memory, Rules, StepRule, StuckRule, flag_series
from allmende.observations.care.live import live, memory_of
from allmende.observations.care.rules import State
from allmende.observations.care.tables import QualityRule, RuleKind, StreamCare
from allmende.observations.care.trying import Limits, judge
from allmende.observations.models import Datastream
from allmende.observations.quality import DOUBTFUL, UNUSABLE
from allmende.observations.store.rows import ROWS
from allmende.observations.stores import here

_AT_ONCE = 500_000  # rows written in one piece


class Held(NamedTuple):
    """What is switched on for a datastream. late, silent: its gap rule in seconds, None where there is none."""

    limits: Limits
    rules: Rules
    late: int | None
    silent: int | None


class Requalified(NamedTuple):
    """What a second look at history did: rows looked at, and rows whose flags changed."""

    seen: int
    changed: int


def held(stream: Datastream) -> Held:
    """The rules of a datastream that the reader may see."""
    rules = Rules()
    for row in QualityRule.objects.filter(datastream=stream):
        if row.kind == RuleKind.STEP:
            rules = rules._replace(step=msgspec.convert(row.parameters, StepRule))
        else:
            rules = rules._replace(stuck=msgspec.convert(row.parameters, StuckRule))
    care = StreamCare.objects.filter(pk=stream.pk).values_list("late_after", "silent_after").first()
    limits = Limits(stream.minimum, stream.maximum, tuple(float(number) for number in stream.sentinels))
    return Held(limits, rules, *(care or (None, None)))


def change_limits(actor: Actor, stream: Datastream, limits: Limits) -> Datastream:
    """Puts another plausible range and other sentinels in place, for values from now on (see requalify for history).

    Raises Denied, or ValidationError for a range upside down or numbers that are none.
    """
    _may(actor, stream)
    numbers = [each for each in (limits.low, limits.high, *limits.sentinels) if each is not None]
    if not all(np.isfinite(numbers)):
        raise ValidationError(_("Please give finite numbers."))
    if limits.low is not None and limits.high is not None and limits.low > limits.high:
        raise ValidationError({"minimum": _("The smallest plausible value is larger than the largest.")})
    with transaction.atomic():
        row = Datastream.objects.select_for_update().get(pk=stream.pk)
        was = Limits(row.minimum, row.maximum, tuple(float(number) for number in row.sentinels))
        if was != limits:
            row.minimum, row.maximum, row.sentinels = limits.low, limits.high, list(limits.sentinels)
            row.save(update_fields=["minimum", "maximum", "sentinels", "changed"])
            _tell(actor, row, "limits", {"from": was._asdict(), "to": limits._asdict()})
    stream.minimum, stream.maximum, stream.sentinels = row.minimum, row.maximum, row.sentinels
    return stream


def change_interval(actor: Actor, stream: Datastream, seconds: int | None) -> Datastream:
    """States how often values are expected; None: nobody knows, so it is learned. Raises Denied, ValidationError."""
    _may(actor, stream)
    if seconds is not None and not 1 <= seconds <= 366 * 86_400:
        raise ValidationError({"interval": _("An interval lies between a second and a year.")})
    with transaction.atomic():
        row = Datastream.objects.select_for_update().get(pk=stream.pk)
        if row.expected_interval != seconds:
            said = {"from": row.expected_interval, "to": seconds}
            row.expected_interval = seconds
            row.save(update_fields=["expected_interval", "changed"])
            _tell(actor, row, "interval", said)
    stream.expected_interval = seconds
    return stream


def switch_on(actor: Actor, stream: Datastream, rule: StepRule | StuckRule) -> None:
    """Switches a rule on, or puts it in place of the one of its kind, for values from now on.

    Raises Denied, or ValidationError for parameters that make no sense.
    """
    _may(actor, stream)
    _check(rule)
    kind = RuleKind.STEP if isinstance(rule, StepRule) else RuleKind.STUCK
    parameters = msgspec.to_builtins(rule)
    with transaction.atomic():
        QualityRule.objects.update_or_create(
            datastream=stream, kind=kind, defaults={"parameters": parameters, "by": actor.code}
        )
        _tell(actor, stream, kind.value, {"to": parameters})
        transaction.on_commit(live.refresh)


def switch_off(actor: Actor, stream: Datastream, kind: str) -> bool:
    """Switches a rule off; what it flagged stays flagged. Returns whether it was on. Raises Denied."""
    _may(actor, stream)
    with transaction.atomic():
        gone = QualityRule.objects.filter(datastream=stream, kind=RuleKind(kind)).delete()[0]
        if gone:
            _tell(actor, stream, kind, {"to": None})
            transaction.on_commit(live.refresh)
    return bool(gone)


def change_gap(actor: Actor, stream: Datastream, late: int | None, silent: int | None = None) -> None:
    """After how many seconds without a value the datastream is late, and silent; late None: as its interval says.

    The list follows within five minutes. Raises Denied, ValidationError.
    """
    _may(actor, stream)
    if late is None:
        silent = None
    elif late < 1 or (silent is not None and silent < late):
        raise ValidationError({"silent": _("Silence begins later than lateness.")})
    fields = {"late_after": late, "silent_after": silent}
    with transaction.atomic():
        first = {"state": State.LATE, "since": now(), **fields}  # the next look sets the state right
        StreamCare.objects.update_or_create(datastream=stream, defaults=fields, create_defaults=first)
        _tell(actor, stream, "gap", {"to": fields})


def requalify(actor: Actor, stream: Datastream, begin: int | None = None, end: int | None = None) -> Requalified:
    """Flags history (begin <= time < end, µs UTC) anew by the limits and rules of today.

    Values stay as they are, also those that are sentinels now; rows that hold no number keep their flags. Raises
    Denied, StoreError. Blocks: about a second per million values.
    """
    _may(actor, stream)
    if stream.multi:
        return Requalified(0, 0)
    today = held(stream)
    memory = NOTHING if begin is None else memory_of(stream.pk, today.rules, begin)
    seen, changed = 0, []
    for batch in here().series_batches(stream.pk, begin, end):
        quality, memory = flags_of(batch, today, memory)
        seen += batch.num_rows
        differs = quality != batch.column("quality").to_numpy()
        if differs.any():
            changed.append(_rows(stream.pk, batch, quality).filter(pa.array(differs)))
    table = pa.concat_tables(changed) if changed else ROWS.empty_table()
    # A value that is corrected or deleted while history is looked at stays as its sender last said.
    slices = [table.slice(start, _AT_ONCE) for start in range(0, table.num_rows, _AT_ONCE)]
    flagged = sum(here().append_table(part, standing=True).changed for part in slices)
    if flagged:
        with transaction.atomic():
            said = {"from": begin, "to": end, "changed": flagged}
            audit.record(actor.kind, actor.code, "observations.requalified", "datastream", stream.code, said)
            outbox.publish("observations.requalified", {"kind": "datastream", "code": stream.code})
    return Requalified(seen, flagged)


def flags_of(batch: pa.RecordBatch, today: Held, memory: Memory) -> tuple[Flags, Memory]:
    """(quality of each row of a series by these rules, memory for the next batch)."""
    values = batch.column("value").to_numpy(zero_copy_only=False).astype(np.float64)
    missing = np.isnan(values)
    quality = batch.column("quality").to_numpy()
    known = UNUSABLE | DOUBTFUL
    flags = np.where(missing, quality, (quality & ~known) | judge(values, missing, today.limits)).astype(np.int32)
    usable = (flags & UNUSABLE == 0) & ~missing
    times = batch.column("time").cast(pa.int64()).to_numpy()
    doubts, memory = flag_series(times[usable], values[usable], today.rules, memory)
    flags[usable] |= doubts
    return flags, memory


def _rows(stream: int, batch: pa.RecordBatch, quality: Flags) -> pa.Table:
    """A series with other flags as rows for the store."""
    columns: Mapping[str, Any] = {
        "ds": pa.array(np.full(batch.num_rows, stream, dtype=np.int32)),
        "t": batch.column("time").cast(pa.int64()),
        "v": batch.column("value"),
        "q": pa.array(quality),
        "x": batch.column("extra"),
        "k": batch.column("rank"),
    }
    return pa.Table.from_arrays([columns[field.name] for field in ROWS], schema=ROWS)


def _check(rule: StepRule | StuckRule) -> None:
    if isinstance(rule, StepRule):
        if not (np.isfinite(rule.change) and rule.change > 0 and rule.seconds >= 1):
            raise ValidationError({"change": _("A jump is a number above zero, within at least a second.")})
        return
    if rule.count is None and rule.seconds is None:
        raise ValidationError({"count": _("Please say how many equal values, or for how long.")})
    if (rule.count is not None and rule.count < 2) or (rule.seconds is not None and rule.seconds < 1):
        raise ValidationError({"count": _("At least two values, or at least a second.")})
    if not all(np.isfinite(rule.except_for)):
        raise ValidationError({"except_for": _("Please give finite numbers.")})


def _may(actor: Actor, stream: Datastream) -> None:
    require(actor, "observations:manage", stream.dataset)


def _tell(actor: Actor, stream: Datastream, what: str, details: dict[str, Any]) -> None:
    said = {"rule": what, **details}
    audit.record(actor.kind, actor.code, "observations.rule_changed", "datastream", stream.code, said)
    outbox.publish("observations.rule_changed", {"kind": "datastream", "code": stream.code})
