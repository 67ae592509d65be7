"""One rule for one value, made ready: finds it, turns it into a number, knows how its datastream is made."""

from math import isfinite
from typing import Any

from django.utils.translation import gettext_noop as _

from allmende.connectors.mapping.expressions import Expression, NotComputable, Scope, WrongExpression
from allmende.connectors.mapping.paths import NOTHING, Path
from allmende.connectors.mapping.rules import ValueRule
from allmende.connectors.mapping.templates import Template, filled
from allmende.connectors.readings import Reading, Unmapped, Wanted
from allmende.core.said import Said


class Skipped(Exception):
    """The rule does not apply to this record."""


class Absent(Unmapped):
    """There is no value; where the rule is optional that is no fault."""


class Value:
    """A ValueRule made ready. Raises Unmapped for one that cannot work. names: those that keys may use."""

    def __init__(self, rule: ValueRule, names: set[str]) -> None:
        self.rule, self.path, self.key = rule, Path(rule.path), Template(rule.key)
        if unknown := self.key.names - names:
            raise Unmapped(
                _("The key %(key)s uses %(unknown)s, which nothing names."),
                key=rule.key,
                unknown=", ".join(sorted(unknown)),
            )
        self.when = expression(rule.when)
        self.compute = expression(rule.expression)
        self._plain = not (rule.numbers or rule.expression or rule.decimal == ",")
        self._scaled = rule.factor != 1.0 or rule.offset != 0.0

    def number(self, record: Any, root: Any, scope: Scope) -> float | None:
        """The value; None where the source says «no value». Raises Skipped, Unmapped."""
        if self.when is not None and not self.when(scope):
            raise Skipped
        found = self.path.find(record, root)
        if found is NOTHING and (self.compute is None or self.rule.path):
            raise Absent(_("There is nothing at «%(path)s» in the payload."), path=self.rule.path)
        if not self._plain:
            found = self._read(found, scope)
        return self._number(found)

    def _read(self, found: Any, scope: Scope) -> Any:
        rule = self.rule
        if rule.numbers and found is not None:
            text = str(found).lower() if isinstance(found, bool) else str(found).strip()
            if text not in rule.numbers:
                known = ", ".join(sorted(rule.numbers))[:100]
                raise Unmapped(
                    _("At «%(path)s» there is “%(text)s”; the rule knows %(known)s."),
                    path=rule.path,
                    text=text[:40],
                    known=known,
                )
            found = rule.numbers[text]
        elif rule.decimal == "," and isinstance(found, str):
            found = found.replace(".", "").replace(",", ".")
        if self.compute is not None:
            return self.compute(scope._replace(value=found))
        return found

    def _number(self, found: Any) -> float | None:
        """A number, also one that came as text; true and false are 1 and 0; null and empty text are «no value»."""
        if found is None or (isinstance(found, str) and not found.strip()):
            return None
        rule = self.rule
        try:
            value = float(found)
        except (TypeError, ValueError, OverflowError):
            raise Unmapped(
                _("At «%(path)s» there is “%(found)s”, which is not a number."),
                path=rule.path,
                found=str(found)[:40],
            ) from None
        if self._scaled:
            value = value * rule.factor + rule.offset
        if not isfinite(value):
            raise Unmapped(
                _("At «%(path)s» there is “%(found)s”, which is not a finite number."),
                path=rule.path,
                found=str(found)[:40],
            )
        return value

    def wanted(self, reading: Reading) -> Wanted | None:
        """How the datastream of a reading is to be made."""
        how = self.rule.register
        if how is None:
            return None
        names = reading.names
        thing = filled(how.thing, names)
        name = {language: filled(text, names) for language, text in how.name.items()}
        return Wanted(
            thing_key=filled(how.thing_key, names) or thing,
            thing_name=thing,
            name=name,
            definition=how.property,
            property_name=dict(how.property_name) or name,
            unit=how.unit,
            holding=how.holding,
            minimum=how.minimum,
            maximum=how.maximum,
            sentinels=tuple(how.sentinels),
            expected_interval=how.expected_interval,
            point=reading.point,
        )


def expression(text: str) -> Expression | None:
    """The expression, None for an empty text. Raises Unmapped."""
    try:
        return Expression(text) if text.strip() else None
    except WrongExpression as error:
        raise Unmapped.of(error) from None


def readings_of(
    values: list[Value], record: Any, root: Any, scope: Scope, names: dict[str, str], time: int, point: Any = None
) -> tuple[list[Reading], list[Said]]:
    """(all values of one record that can be read, why others cannot)."""
    found: list[Reading] = []
    problems: list[Said] = []
    for value in values:
        try:
            number = value.number(record, root, scope)
        except Skipped:
            continue
        except (Absent, NotComputable) as error:
            if not value.rule.optional:
                problems.append(error.said)
        except Unmapped as error:
            problems.append(error.said)
        else:
            found.append(Reading(value.key.fill(names), time, number, value, names, point))
    return found, problems
