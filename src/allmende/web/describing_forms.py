"""What the catalogue says of a dataset and its columns, as forms."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allmende.accounts.actors import Actor
from allmende.accounts.queries import organisations
from allmende.catalogue.licences import licence, licences
from allmende.catalogue.queries import AccessClass, Column, Dataset, owners_for, shared_with
from allmende.catalogue.services import Changes
from allmende.catalogue.vocabulary import FREQUENCIES, HVD_CATEGORIES, THEMES, Term, geocoding
from allmende.core.texts import pick

_VARIANTS = (("de", gettext_lazy("German")), ("en", gettext_lazy("English")), ("easy", gettext_lazy("Easy language")))
_TEXTS = ("title", "description", "purpose")
_SECTIONS = (
    (
        "what",
        gettext_lazy("What it is"),
        ("title_de", "title_en", "description_de", "description_en", "description_easy"),
    ),
    (
        "find",
        gettext_lazy("How it is found"),
        ("themes", "keywords", "place", "place_uri", "begins", "ends", "frequency", "hvd"),
    ),
    ("use", gettext_lazy("What others may do with it"), ("licence", "attribution", "source_url")),
    ("who", gettext_lazy("Who answers for it"), ("owner", "contact_name", "contact_email")),
    (
        "law",
        gettext_lazy("Who may read it, and on which ground"),
        ("access_class", "shared_with", "legal_ground", "purpose_de", "purpose_en", "retention_days"),
    ),
)


def _options(table: dict[str, Term]) -> list[tuple[str, str]]:
    return [(key, pick(term.name)) for key, term in table.items()]


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class DatasetForm(forms.Form):
    """All that may be said about a dataset. `changes` gives what the services take."""

    themes = forms.MultipleChoiceField(
        label=gettext_lazy("Themes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    keywords = forms.CharField(
        label=gettext_lazy("Keywords"),
        help_text=gettext_lazy("Words that somebody would search for, with commas between them."),
        required=False,
        max_length=1_000,
    )
    place = forms.CharField(label=gettext_lazy("Area, in words"), required=False, max_length=200)
    place_uri = forms.CharField(
        label=gettext_lazy("Official key of the area"),
        help_text=gettext_lazy("Municipality (8 digits), district (5), state (2), or an address such as of GeoNames."),
        required=False,
        max_length=300,
    )
    begins = forms.DateField(
        label=gettext_lazy("First day that the data speak of"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    ends = forms.DateField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Empty: it goes on."),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    frequency = forms.ChoiceField(label=gettext_lazy("How often it is renewed"), required=False)
    hvd = forms.MultipleChoiceField(
        label=gettext_lazy("High-value data"),
        help_text=gettext_lazy("Only what regulation (EU) 2023/138 lists; it has to be open and free then."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    licence = forms.ChoiceField(label=gettext_lazy("Licence"), required=False)
    attribution = forms.CharField(
        label=gettext_lazy("Name to be stated"),
        help_text=gettext_lazy("How those who use the data shall name the source, where the licence asks for it."),
        required=False,
        max_length=300,
    )
    source_url = forms.URLField(
        label=gettext_lazy("Where it comes from"),
        help_text=gettext_lazy("The address of the original, if somebody else publishes it."),
        required=False,
        max_length=500,
        assume_scheme="https",
    )
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    contact_name = forms.CharField(
        label=gettext_lazy("Contact: office"),
        help_text=gettext_lazy("An office or a role rather than a person’s name."),
        required=False,
        max_length=200,
    )
    contact_email = forms.EmailField(label=gettext_lazy("Contact: e-mail"), required=False)
    access_class = forms.ChoiceField(label=gettext_lazy("Class"), choices=AccessClass.choices, widget=forms.RadioSelect)
    shared_with = forms.MultipleChoiceField(
        label=gettext_lazy("Shared with"),
        help_text=gettext_lazy("Only for the class “shared”."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    legal_ground = forms.CharField(
        label=gettext_lazy("Legal ground"),
        help_text=gettext_lazy("Needed where it is not open: the law and its paragraph. Readers of the page see it."),
        required=False,
        max_length=200,
    )
    retention_days = forms.IntegerField(
        label=gettext_lazy("Days until it is erased"),
        help_text=gettext_lazy("Empty: it is kept."),
        required=False,
        min_value=1,
        max_value=36_500,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, actor: Actor, dataset: Dataset | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(dataset) if dataset else {"access_class": AccessClass.OPEN})
        self._dataset = dataset
        for name, label, rows, most in (
            ("title", _("Title (%s)"), 0, 200),
            ("description", _("Description (%s)"), 4, 5_000),
            ("purpose", _("Purpose (%s)"), 2, 2_000),
        ):
            for variant, language in _VARIANTS:
                if variant == "easy" and name != "description":
                    continue
                self.fields[f"{name}_{variant}"] = forms.CharField(
                    label=label % language,
                    required=name == "title" and variant == "de",
                    max_length=most,
                    widget=_area(rows) if rows else None,
                )
        self._choices(actor)

    def _choices(self, actor: Actor) -> None:
        """What can be chosen, by this actor and with what is set already."""
        nothing = [("", _("not stated"))]
        self.fields["themes"].choices = _options(THEMES)  # type: ignore[attr-defined]
        self.fields["hvd"].choices = _options(HVD_CATEGORIES)  # type: ignore[attr-defined]
        self.fields["frequency"].choices = nothing + _options(FREQUENCIES)  # type: ignore[attr-defined]
        held = self._dataset.licence if self._dataset else ""
        known = [(each.uri, each.name) for each in licences()]
        other = [(held, held)] if held and licence(held) is None else []
        self.fields["licence"].choices = nothing + known + other  # type: ignore[attr-defined]
        offices, owned = organisations(), owners_for(actor)
        if self._dataset and self._dataset.owner and self._dataset.owner not in owned:
            owned.append(self._dataset.owner)
        self.fields["owner"].choices = nothing + [(each.code, pick(each.name)) for each in owned]  # type: ignore[attr-defined]
        self.fields["shared_with"].choices = [(each.code, pick(each.name)) for each in offices]  # type: ignore[attr-defined]
        if not offices:
            del self.fields["shared_with"]
        self._offices = {each.code: each.pk for each in offices}

    def sections(self) -> list[tuple[str, str, list[BoundField]]]:
        """The fields as the page groups them: (key, heading, fields)."""
        return [
            (key, str(title), [self[name] for name in names if name in self.fields]) for key, title, names in _SECTIONS
        ]

    def clean_keywords(self) -> list[str]:
        words = (" ".join(each.split()) for each in re.split(r"[,;\n]", self.cleaned_data["keywords"]))
        return list(dict.fromkeys(word[:60] for word in words if word))[:50]

    def clean_place_uri(self) -> str:
        text = self.cleaned_data["place_uri"].strip()
        if not text or text.startswith(("http://", "https://")):
            return str(text)
        found = geocoding(text)
        if not found:
            raise ValidationError(_("This is neither an official key nor an address."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("hvd") and cleaned.get("access_class") != AccessClass.OPEN:
            self.add_error("hvd", _("High-value data are open."))
        if self._dataset and cleaned.get("seen") not in ("", self._dataset.changed.isoformat()):
            self._overtaken()
            raise ValidationError(
                _("Somebody changed the description meanwhile. Look at their page, then save again to replace it.")
            )
        return cleaned

    def _overtaken(self) -> None:
        """The next time it is saved knowingly."""
        data = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        data["seen"] = self._dataset.changed.isoformat() if self._dataset else ""
        self.data = data

    def changes(self) -> Changes:
        """The cleaned values as `change_dataset` takes them."""
        cleaned = dict(self.cleaned_data)
        texts = {name: self._text(name, cleaned) for name in _TEXTS}
        del cleaned["seen"]
        cleaned["owner"] = self._offices.get(cleaned["owner"])
        if "shared_with" in cleaned:
            cleaned["shared_with"] = [self._offices[code] for code in cleaned["shared_with"]]
        return Changes(**texts, **cleaned)  # type: ignore[typeddict-item]

    def _text(self, name: str, cleaned: dict[str, Any]) -> dict[str, str]:
        """The variants of a text; one that has no field here stays."""
        held = getattr(self._dataset, name) if self._dataset else {}
        kept = {variant: text for variant, text in held.items() if f"{name}_{variant}" not in self.fields}
        given = {
            variant: cleaned.pop(f"{name}_{variant}").strip().replace("\r\n", "\n")
            for variant, _label in _VARIANTS
            if f"{name}_{variant}" in self.fields
        }
        return {variant: text for variant, text in given.items() if text} | kept

    def blame(self, problem: ValidationError) -> None:
        """Puts what a service objected to beside its field."""
        for name, errors in problem.message_dict.items():
            field = {"title": "title_de", "owner_id": "owner"}.get(name, name)
            self.add_error(field if field in self.fields else None, errors)


def _initial(dataset: Dataset) -> dict[str, Any]:
    held = licence(dataset.licence)
    kept = shared_with(dataset)
    return {
        **{
            f"{name}_{variant}": text
            for name in _TEXTS
            for variant, text in getattr(dataset, name).items()
            if isinstance(text, str)
        },
        "themes": dataset.themes,
        "keywords": ", ".join(map(str, dataset.keywords)),
        "place": dataset.place,
        "place_uri": dataset.place_uri,
        "begins": dataset.begins,
        "ends": dataset.ends,
        "frequency": dataset.frequency,
        "hvd": dataset.hvd,
        "licence": held.uri if held else dataset.licence,
        "attribution": dataset.attribution,
        "source_url": dataset.source_url,
        "owner": dataset.owner.code if dataset.owner else "",
        "contact_name": dataset.contact_name,
        "contact_email": dataset.contact_email,
        "access_class": dataset.access_class,
        "shared_with": [each.code for each in organisations() if each.pk in kept],
        "legal_ground": dataset.legal_ground,
        "retention_days": dataset.retention_days,
        "seen": dataset.changed.isoformat(),
    }


class ColumnForm(forms.Form):
    """An entry of the data dictionary."""

    title_de = forms.CharField(label=gettext_lazy("Name (German)"), required=False, max_length=200)
    title_en = forms.CharField(label=gettext_lazy("Name (English)"), required=False, max_length=200)
    description_de = forms.CharField(
        label=gettext_lazy("Meaning (German)"), required=False, max_length=2_000, widget=_area(2)
    )
    description_en = forms.CharField(
        label=gettext_lazy("Meaning (English)"), required=False, max_length=2_000, widget=_area(2)
    )
    unit = forms.CharField(label=gettext_lazy("Unit"), required=False, max_length=60)
    withheld = forms.BooleanField(
        label=gettext_lazy("Never publish this column"),
        help_text=gettext_lazy("Holds from the next version that is published."),
        required=False,
    )

    def __init__(self, column: Column, data: Any = None) -> None:
        texts = {
            f"{name}_{variant}": getattr(column, name).get(variant, "")
            for name in ("title", "description")
            for variant in ("de", "en")
        }
        initial = {**texts, "unit": column.unit, "withheld": column.withheld}
        super().__init__(data, prefix=f"c{column.pk}", initial=initial)
        self.column = column

    def changes(self) -> dict[str, Any]:
        """The cleaned values as `describe_column` takes them; a variant that has no field here stays."""
        cleaned = self.cleaned_data
        texts = {}
        for name in ("title", "description"):
            kept = {variant: text for variant, text in getattr(self.column, name).items() if variant == "easy"}
            given = {variant: cleaned[f"{name}_{variant}"].strip() for variant in ("de", "en")}
            texts[name] = {variant: text for variant, text in given.items() if text} | kept
        return {**texts, "unit": cleaned["unit"].strip(), "withheld": cleaned["withheld"]}


@dataclass(frozen=True, slots=True)
class ColumnEdit:
    """A column on the page. example: a cell of it; type: in words."""

    form: ColumnForm
    type: str
    example: str
