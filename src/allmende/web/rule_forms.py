"""Forms for the quality rules of a datastream. Numbers may be written with a comma or a point."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allmende.core.units import symbol
from allmende.observations.care.flagging import StepRule, StuckRule
from allmende.observations.care.ruling import Held
from allmende.observations.care.trying import Limits
from allmende.observations.queries import Datastream

DAYS = [("7", gettext_lazy("a week")), ("30", gettext_lazy("30 days")), ("365", gettext_lazy("a year"))]


def parsed(text: str) -> float:
    """A number as people write it: 1,5 or 1.5 or −1.5. Raises ValidationError."""
    try:
        number = float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        raise forms.ValidationError(_("“%(text)s” is not a number.") % {"text": text.strip()[:30]}) from None
    if number != number or number in (float("inf"), float("-inf")):
        raise forms.ValidationError(_("“%(text)s” is not a number.") % {"text": text.strip()[:30]})
    return number


def shown(number: float | None) -> str:
    """A number for an input field, with the comma or point of the reader's language."""
    if number is None:
        return ""
    text = f"{number:.10g}"
    return text.replace(".", str(get_format("DECIMAL_SEPARATOR")))


class NumberField(forms.Field):
    """A number; empty is None."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 40})

    def to_python(self, value: Any) -> float | None:
        text = str(value or "").strip()
        return parsed(text) if text else None


class NumbersField(forms.Field):
    """Several numbers, separated by semicolons or blanks; empty is none."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": 400})

    def to_python(self, value: Any) -> tuple[float, ...]:
        return tuple(parsed(each) for each in str(value or "")[:400].replace(";", " ").split())


class RuleForm(forms.Form):
    """A rule to be tried over the last days, and then switched on. `name` is how address and page call it."""

    name = ""
    days = forms.ChoiceField(label=gettext_lazy("Try it on the last"), choices=DAYS, initial="30")

    def __init__(self, stream: Datastream, held: Held, data: QueryDict | None = None) -> None:
        if data is not None:
            data = data.copy()
            data.setdefault(f"{self.name}-days", "30")
        super().__init__(data, prefix=self.name, initial=self.of(held))
        self.order_fields([name for name in self.fields if name != "days"])
        self.unit = symbol(stream.unit)
        for field in self.fields.values():
            if "(%s)" in str(field.label):
                field.label = str(field.label).replace("(%s)", f"({self.unit})" if self.unit else "").strip()

    @staticmethod
    def of(held: Held) -> dict[str, Any]:
        """The form's values for what is switched on now."""
        raise NotImplementedError

    def span(self) -> int:
        """Days of history to try it on."""
        return int(self.cleaned_data["days"])


class LimitsForm(RuleForm):
    """The plausible range and the sentinels."""

    name = "limits"
    low = NumberField(label=gettext_lazy("Smallest plausible value (%s)"), required=False)
    high = NumberField(label=gettext_lazy("Largest plausible value (%s)"), required=False)
    sentinels = NumbersField(
        label=gettext_lazy("Numbers that mean “no value”"),
        required=False,
        help_text=gettext_lazy("Such as −9999; several are separated by a blank."),
    )

    @staticmethod
    def of(held: Held) -> dict[str, Any]:
        limits = held.limits
        several = " ".join(shown(number) for number in limits.sentinels)
        return {"low": shown(limits.low), "high": shown(limits.high), "sentinels": several}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        low, high = cleaned.get("low"), cleaned.get("high")
        if low is not None and high is not None and low > high:
            self.add_error("low", _("The smallest plausible value is larger than the largest."))
        return cleaned

    def limits(self) -> Limits:
        """What the form says."""
        return Limits(self.cleaned_data["low"], self.cleaned_data["high"], self.cleaned_data["sentinels"])


class StepForm(RuleForm):
    """Too large a jump."""

    name = "step"
    change = NumberField(label=gettext_lazy("Largest change (%s)"))
    minutes = NumberField(label=gettext_lazy("within minutes"))

    @staticmethod
    def of(held: Held) -> dict[str, Any]:
        rule = held.rules.step
        return {"change": shown(rule.change), "minutes": shown(rule.seconds / 60)} if rule else {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for field in ("change", "minutes"):
            if cleaned.get(field) is not None and cleaned[field] <= 0:
                self.add_error(field, _("Please give a number above zero."))
        return cleaned

    def rule(self) -> StepRule:
        """What the form says."""
        return StepRule(self.cleaned_data["change"], max(round(self.cleaned_data["minutes"] * 60), 1))


class StuckForm(RuleForm):
    """A value that stands still."""

    name = "stuck"
    count = NumberField(label=gettext_lazy("From so many equal values on"), required=False)
    hours = NumberField(label=gettext_lazy("Once equal for hours"), required=False)
    except_for = NumbersField(
        label=gettext_lazy("Except for the values"),
        required=False,
        help_text=gettext_lazy("What may stand still, such as 0 for rain."),
    )

    @staticmethod
    def of(held: Held) -> dict[str, Any]:
        rule = held.rules.stuck
        if rule is None:
            return {}
        hours = shown(rule.seconds / 3600) if rule.seconds is not None else ""
        several = " ".join(shown(number) for number in rule.except_for)
        return {"count": "" if rule.count is None else str(rule.count), "hours": hours, "except_for": several}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        count, hours = cleaned.get("count"), cleaned.get("hours")
        if count is not None and (count < 2 or count != int(count)):
            self.add_error("count", _("Please give a whole number from 2 on."))
        if hours is not None and hours <= 0:
            self.add_error("hours", _("Please give a number above zero."))
        if not self.errors and count is None and hours is None:
            self.add_error("count", _("Please say how many equal values, or for how long."))
        return cleaned

    def rule(self) -> StuckRule:
        """What the form says."""
        count, hours = self.cleaned_data["count"], self.cleaned_data["hours"]
        return StuckRule(
            None if count is None else int(count),
            None if hours is None else max(round(hours * 3600), 1),
            self.cleaned_data["except_for"],
        )


class GapForm(RuleForm):
    """When a datastream counts as late and as silent."""

    name = "gap"
    late = NumberField(label=gettext_lazy("Late after minutes"))
    silent = NumberField(label=gettext_lazy("Silent after hours"))

    @staticmethod
    def of(held: Held) -> dict[str, Any]:
        if held.late is None:
            return {}
        silent = shown(held.silent / 3600) if held.silent is not None else ""
        return {"late": shown(held.late / 60), "silent": silent}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        late, silent = cleaned.get("late"), cleaned.get("silent")
        if late is not None and late <= 0:
            self.add_error("late", _("Please give a number above zero."))
        elif late is not None and silent is not None and silent * 60 < late:
            self.add_error("silent", _("Silence begins later than lateness."))
        return cleaned

    def gap(self) -> tuple[int, int]:
        """(late, silent) in seconds."""
        return max(round(self.cleaned_data["late"] * 60), 1), round(self.cleaned_data["silent"] * 3600)


class IntervalForm(forms.Form):
    """How often values are expected."""

    name = "interval"
    minutes = NumberField(
        label=gettext_lazy("A value every … minutes"),
        required=False,
        help_text=gettext_lazy("Empty: it is learned from the values."),
    )

    def __init__(self, stream: Datastream, data: Any = None) -> None:
        seconds = stream.expected_interval
        super().__init__(data, prefix=self.name, initial={"minutes": shown(seconds / 60) if seconds else ""})

    def seconds(self) -> int | None:
        """What the form says."""
        minutes = self.cleaned_data["minutes"]
        return None if minutes is None else round(minutes * 60)


FORMS: tuple[type[RuleForm], ...] = (LimitsForm, StepForm, StuckForm, GapForm)
