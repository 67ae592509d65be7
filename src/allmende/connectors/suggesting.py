"""What a message is, and how it may be read: the first proposal when somebody sets a connector up."""

from typing import Any, NamedTuple

from allmende.connectors.mapping.formats import decode_json
from allmende.connectors.mapping.guessing import guess
from allmende.connectors.readings import Unmapped

_SENML = frozenset({"bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"})


class Suggestion(NamedTuple):
    """format: mapping, senml, chirpstack or ttn; rules: what to put under that name in a configuration."""

    format: str
    rules: dict[str, Any]


def suggest(payload: bytes, topic: str = "", pattern: str = "", *, alone: str = "sensor") -> Suggestion:
    """topic: where the message came; pattern: what was listened to, empty where nobody said; alone: the key of the one
    thing where nothing names devices. Raises Unmapped for a message in which nothing can be found."""
    form = format_of(payload)
    if form == "mapping":
        return Suggestion(form, guess(payload, topic, pattern, alone=alone))
    wide = pattern or _wide(topic)
    return Suggestion(form, {"topic": wide} if wide else {})


def format_of(payload: bytes) -> str:
    """Which of the formats a message is in; whatever is not recognised is for a mapping."""
    try:
        content = decode_json(payload)
    except Unmapped:
        return "mapping"
    if isinstance(content, dict):
        if isinstance(content.get("end_device_ids"), dict):
            return "ttn"
        about = content.get("deviceInfo")
        if (isinstance(about, dict) and "devEui" in about) or ("devEUI" in content and "applicationName" in content):
            return "chirpstack"
    if (
        isinstance(content, list)
        and content
        and all(isinstance(each, dict) and set(each) <= _SENML for each in content)
    ):
        named = any("n" in each or "bn" in each for each in content)
        valued = any({"v", "vb", "vs", "s"} & set(each) for each in content)
        return "senml" if named and valued else "mapping"
    return "mapping"


def _wide(topic: str) -> str:
    """A topic with its levels that look like ids left open: what network servers publish for each device."""
    return "/".join("+" if any(sign.isdecimal() for sign in level) else level for level in topic.split("/"))


__all__ = ["Suggestion", "Unmapped", "format_of", "suggest"]
