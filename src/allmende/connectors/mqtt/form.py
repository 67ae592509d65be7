"""What is asked about a broker."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.connectors.forms import SourceForm, secret_field


class MqttForm(SourceForm):
    """Address, sign-in and topic; the topic belongs to the part that says how messages are read."""

    PLAIN = {"port": 1883, "tls": False}
    SECRETS = ("password",)

    host = forms.CharField(label=_("Address of the broker"), max_length=253, help_text=_("Such as mqtt.example.org"))
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, help_text=_("1883, encrypted 8883"))
    tls = forms.BooleanField(label=_("Encrypted (TLS)"), required=False)
    username = forms.CharField(label=_("User name"), max_length=200, required=False)
    password = secret_field(_("Password"))
    topic = forms.CharField(
        label=_("Topic"),
        max_length=200,
        help_text=_("town/+/weather: the sign + stands for one part, # at the end for all that follows."),
    )

    @classmethod
    def of(cls, config: dict[str, Any]) -> dict[str, Any]:
        """The topic stands with the format of the messages."""
        topic = next((rules["topic"] for rules in config.values() if isinstance(rules, dict) and "topic" in rules), "")
        return {**super().of(config), "topic": topic}

    def config(self, before: dict[str, Any]) -> dict[str, Any]:
        """As the base; the topic goes to where it belongs, and waits under `mapping` until a format is chosen."""
        merged = super().config(before)
        topic = merged.pop("topic", "")
        place = next((name for name, rules in merged.items() if isinstance(rules, dict)), "mapping")
        return {**merged, place: {**merged.get(place, {}), "topic": topic}}
