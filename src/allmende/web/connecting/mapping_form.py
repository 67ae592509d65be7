"""A form made from a message: where the time is, which device speaks, and one row for each number in it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from allmende.connectors.mapping.guessing import Shape, as_clock, clock_of, device_of, numbers_of, plain_values, rule_of
from allmende.connectors.mapping.leaves import Leaf
from allmende.connectors.mapping.meanings import meaning
from allmende.connectors.mapping.paths import NOTHING, Path
from allmende.connectors.mapping.templates import NAME
from allmende.core.texts import pick
from allmende.core.units import UNITS, UnknownUnit, symbol, unit

TIME_UNITS = (
    ("iso", _("Date and time with a zone (ISO 8601)")),
    ("local", _("What the clock on the wall showed")),
    ("s", _("Seconds since 1970")),
    ("ms", _("Milliseconds since 1970")),
    ("us", _("Microseconds since 1970")),
)
_MOST_ROWS = 60
_NAMED = {name.casefold(): each.code for each in UNITS for name in each.name.values()}


@dataclass(slots=True)
class Row:
    """One number of the message, and the rule for it. shown: as it stands in the message."""

    number: int
    path: str
    shown: str
    rule: dict[str, Any]
    chosen: bool
    form: "MappingForm"

    def _field(self, name: str) -> BoundField:
        return self.form[f"{name}_{self.number}"]

    @property
    def use(self) -> BoundField:
        return self._field("use")

    @property
    def fields(self) -> list[BoundField]:
        """What can be changed about the datastream."""
        return [self._field(name) for name in ("de", "en", "unit", "factor")]

    @property
    def title(self) -> str:
        """The datastream in short: its name and unit."""
        values = {name: str(self._field(name).value() or "") for name in ("de", "en", "unit")}
        name = pick({"de": values["de"], "en": values["en"]}) or str(_("without a name"))
        return f"{name}, {values['unit']}" if values["unit"] else name

    @property
    def errors(self) -> bool:
        return any(field.errors for field in self.fields)

    @property
    def particular(self) -> str:
        """What the rule holds beyond the fields of this form, in short."""
        kept = (self.rule.get(name) for name in ("expression", "when"))
        return " · ".join(str(each) for each in kept if each)


class MappingForm(forms.Form):
    """rules(): the mapping as it was filled in. What the form does not show of a rule stays as it was."""

    def __init__(self, data: Any, shape: Shape, mapping: dict[str, Any], *, topics: bool, alone: str) -> None:
        """topics: whether messages come on topics; alone: the key of the one thing, where nothing names devices."""
        super().__init__(data, auto_id="id_%s")
        self._shape, self._mapping, self._alone = shape, mapping, alone
        if topics:
            self.fields["topic"] = forms.CharField(
                label=_("Pattern of the topic"),
                max_length=200,
                initial=mapping.get("topic", ""),
                help_text=_("{device} marks the part that names the device; + stands for any part, # for the rest."),
            )
        self.fields["device"] = forms.ChoiceField(
            label=_("What identifies the device"),
            choices=self._devices(topics),
            required=False,
            initial=self._device(),
        )
        self.fields["thing"] = forms.CharField(
            label=_("Name of the place or device"),
            max_length=200,
            initial=self._thing(),
            help_text=_("“Station {device}”: what identifies the device takes the place of {device}."),
        )
        self.fields["time"] = forms.ChoiceField(
            label=_("Where the time is"), choices=self._clocks(), required=False, initial=mapping.get("time", "")
        )
        self.fields["time_unit"] = forms.ChoiceField(
            label=_("How it is written"), choices=TIME_UNITS, initial=mapping.get("time_unit", "iso")
        )
        self.rows = self._rows()
        for row in self.rows:
            self._add(row)

    def head(self) -> list[BoundField]:
        """The fields above the rows."""
        return [self[name] for name in ("topic", "device", "thing", "time", "time_unit") if name in self.fields]

    @property
    def place(self) -> str:
        """Where the position stands in the message; empty where there is none."""
        return ", ".join(str(self._mapping[name]) for name in ("latitude", "longitude") if self._mapping.get(name))

    # What there is to choose from

    def _devices(self, topics: bool) -> list[tuple[str, Any]]:
        nothing = _("the topic, or there is only one device") if topics else _("nothing: there is only one device")
        choices: list[tuple[str, Any]] = [("", nothing)]
        known = {path for path, _label in choices}
        for path, name, raw in plain_values(self._shape):
            if isinstance(raw, str | int) and not isinstance(raw, bool) and not as_clock(raw, name):
                choices.append((path, f"{path}: {_short(raw)}"))
        configured = self._device()
        if configured and configured not in {path for path, _label in choices} | known:
            choices.append((configured, configured))
        return choices

    def _clocks(self) -> list[tuple[str, Any]]:
        choices: list[tuple[str, Any]] = [("", _("nowhere: the time of arrival counts"))]
        found = [
            (path, f"{path}: {_short(raw)}") for path, name, raw in plain_values(self._shape) if as_clock(raw, name)
        ]
        configured = str(self._mapping.get("time", ""))
        if configured and configured not in {path for path, _label in found}:
            found.append((configured, configured))
        return choices + found

    def _device(self) -> str:
        names = self._mapping.get("names", {})
        return str(next(iter(names.values()), ""))

    def _thing(self) -> str:
        things = (rule.get("register", {}).get("thing") for rule in self._mapping.get("values", []))
        return str(next((thing for thing in things if thing), ""))

    def _rows(self) -> list[Row]:
        """The rules that there are, then the other numbers of the message."""
        shape, found = self._shape, []
        rules = self._mapping.get("values", [])
        for rule in rules:
            raw = Path(rule.get("path", "")).find(shape.record, shape.content)
            found.append((rule.get("path", ""), "–" if raw is NOTHING else _short(raw), rule, True))
        known = {rule.get("path", "") for rule in rules}
        for leaf in numbers_of(shape, clock_of(shape), self._device() or device_of(shape)):
            if leaf.path not in known:
                found.append((leaf.path, _short(leaf.raw), self._fresh(leaf), False))
        return [Row(number, *each, self) for number, each in enumerate(found[:_MOST_ROWS])]

    def _fresh(self, leaf: Leaf) -> dict[str, Any]:
        return rule_of(leaf, self._label(self._mapping.get("topic", ""), self._device()), alone=self._alone)

    def _add(self, row: Row) -> None:
        register = row.rule.get("register") or {}
        names = register.get("name") or meaning(row.path).name
        code = str(register.get("unit", ""))
        add = self.fields
        add[f"use_{row.number}"] = forms.BooleanField(
            label=row.path or _("the whole message"), required=False, initial=row.chosen
        )
        add[f"de_{row.number}"] = forms.CharField(
            label=_("Name (German)"), max_length=120, required=False, initial=names.get("de", "")
        )
        add[f"en_{row.number}"] = forms.CharField(
            label=_("Name (English)"), max_length=120, required=False, initial=names.get("en", "")
        )
        add[f"unit_{row.number}"] = UnitField(
            label=_("Unit"), required=False, initial=symbol(code) or code, before=code
        )
        add[f"factor_{row.number}"] = FactorField(
            label=_("Multiply by"), required=False, initial=_number(row.rule.get("factor", 1.0))
        )

    # What was filled in

    def clean(self) -> dict[str, Any]:
        """At least one number has to be kept, and each needs a name."""
        said = super().clean() or {}
        chosen = [row for row in self.rows if said.get(f"use_{row.number}")]
        if not chosen:
            raise forms.ValidationError(_("Choose at least one number that is to be kept."))
        for row in chosen:
            if not (said.get(f"de_{row.number}") or said.get(f"en_{row.number}")):
                self.add_error(f"de_{row.number}", _("Please give it a name."))
        return said

    def rules(self) -> dict[str, Any]:
        """The mapping, after is_valid()."""
        said, mapping = self.cleaned_data, dict(self._mapping)
        device = said["device"]
        topic = said.get("topic", mapping.get("topic", ""))
        label_before = self._label(self._mapping.get("topic", ""), self._device())
        label = self._label(topic, device)
        mapping["names"] = {"device": device} if device and "{device}" not in topic else {}
        if not device and len(self._mapping.get("names", {})) > 1:
            mapping["names"] = self._mapping["names"]  # several names were written by hand; the form shows one
        mapping |= {"topic": topic, "time": said["time"], "time_unit": said["time_unit"] if said["time"] else "iso"}
        mapping["values"] = [self._rule(row, label_before, label) for row in self.rows if said.get(f"use_{row.number}")]
        return {name: value for name, value in mapping.items() if value not in ("", {}) or name == "values"}

    def _rule(self, row: Row, label_before: str, label: str) -> dict[str, Any]:
        said, number = self.cleaned_data, row.number
        rule = dict(row.rule)
        key = str(rule["key"])
        prefix = label_before or self._alone
        if label != label_before and key.startswith(f"{prefix}/"):
            rule["key"] = (label or self._alone) + key[len(prefix) :]
        register = dict(rule.get("register") or {"property": meaning(row.path).definition})
        german, english = said[f"de_{number}"].strip(), said[f"en_{number}"].strip()
        register["name"] = {"de": german or english, "en": english or german}
        register["thing"] = said["thing"].strip()
        register["thing_key"] = label or self._alone
        if said[f"unit_{number}"] != register.get("unit", ""):  # what is plausible is so in the unit before
            register = {name: value for name, value in register.items() if name not in ("minimum", "maximum")}
        register["unit"] = said[f"unit_{number}"]
        rule["register"] = {name: value for name, value in register.items() if value != ""}
        rule["factor"] = said[f"factor_{number}"]
        return {name: value for name, value in rule.items() if not (name == "factor" and value == 1.0)}

    def _label(self, topic: str, device: str) -> str:
        """What stands for the device in keys, in braces; empty where nothing does."""
        named = NAME.findall(topic)
        if named:
            return f"{{{named[0]}}}"
        names = self._mapping.get("names", {})
        if device:
            return "{device}" if device not in names.values() else f"{{{next(n for n in names if names[n] == device)}}}"
        return ""


class UnitField(forms.CharField):
    """A unit by its symbol or code; the page offers those that are known. before: the one that the rule has, which also
    holds where it is none of the table, as with things that are counted."""

    def __init__(self, *, before: str = "", **options: Any) -> None:
        self._before = before
        super().__init__(
            max_length=40, widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}), **options
        )

    def clean(self, value: Any) -> str:
        """The UCUM code. Raises ValidationError for a unit that is not known."""
        text = str(super().clean(value) or "").strip()
        if text and text in (self._before, symbol(self._before)):
            return self._before
        try:
            return unit(_NAMED.get(text.casefold(), text)).code if text else ""
        except UnknownUnit:
            raise forms.ValidationError(_("This unit is not known. Choose one from the list.")) from None


class FactorField(forms.CharField):
    """A number with a decimal point or comma; left empty it is 1."""

    def clean(self, value: Any) -> float:
        """Raises ValidationError for what is no number but nought."""
        text = str(super().clean(value) or "").strip().replace(",", ".")
        try:
            number = float(text) if text else 1.0
        except ValueError:
            raise forms.ValidationError(_("This is no number.")) from None
        if number == 0.0 or abs(number) > 1e12:
            raise forms.ValidationError(_("This is no number that one can multiply by."))
        return number


def _number(value: float) -> str:
    return f"{value:.12g}"


def _short(raw: Any) -> str:
    text = str(raw)
    return text if len(text) <= 40 else text[:39] + "…"
