"""Tags and filters of our templates."""

import json
from collections.abc import Mapping
from datetime import datetime

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from allmende.catalogue.licences import licence_name
from allmende.core import texts
from allmende.core.clock import from_us, town_zone
from allmende.web import formats
from allmende.web.assets import asset_url
from allmende.web.exports import summary
from allmende.web.overview import Place
from allmende.web.register_list import retention
from allmende.web.states import WORDS, State

register = template.Library()


@register.simple_tag
def asset(name: str) -> str:
    """The address of a file of the front-end bundle."""
    return asset_url(name)


@register.filter
def pick(text: Mapping[str, str] | str | None) -> str:
    """A text that people wrote, in the reader's language."""
    return texts.pick(text)


@register.filter
def moment(instant: datetime | int | None) -> str:
    """Date and time in the town's zone."""
    return formats.NO_VALUE if instant is None else formats.moment(instant)


@register.filter
def exact(instant: datetime) -> str:
    """The same with its seconds, where several things happen in one minute."""
    return f"{formats.moment(instant)}:{instant.second:02}"


@register.filter
def day(moment_of_day: datetime) -> str:
    """The date in the town's zone."""
    return formats.day(moment_of_day.astimezone(town_zone()).date())


@register.filter
def iso(instant: datetime) -> str:
    """For the datetime attribute of <time>."""
    return instant.isoformat(timespec="seconds")


@register.filter
def whole(value: int) -> str:
    """A counted number with its thousands apart."""
    return formats.whole(value)


@register.filter
def instant(us: int) -> datetime:
    """Microseconds UTC as a datetime."""
    return from_us(us)


@register.filter
def minus(whole_number: int, other: int) -> int:
    """The difference of two counts."""
    return whole_number - other


@register.filter
def degrees(value: float) -> str:
    """A coordinate with four decimals: some ten metres."""
    return formats.number(value, 4)


@register.filter
def measures(place: Place) -> str:
    """What a thing measures, with its newest values."""
    return summary(place)


@register.filter
def state_words(state: State) -> str:
    """The word for a state."""
    return str(WORDS[state])


@register.filter
def kept_for(days: int | None) -> str:
    """How long values are kept."""
    return retention(days)


@register.filter
def licence(uri: str) -> str:
    """A licence by its short name, or as it was given."""
    return licence_name(uri)


_CLASSES = {
    "checkbox": "kern-form-check__checkbox",
    "radioselect": "",
    "select": "kern-form-input__select",
    "selectmultiple": "kern-form-input__select",
}


@register.filter
def as_json(value: object) -> str:
    """For a hidden field."""
    return json.dumps(value)


@register.filter
def kern(field: BoundField) -> SafeString:
    """The field's widget in KERN's dress."""
    css = _CLASSES.get(field.widget_type, "kern-form-input__input")
    if field.errors and css:
        css += f" {css}--error"
    return field.as_widget(attrs={"class": css, "placeholder": False})  # the label above says it already
