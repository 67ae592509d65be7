"""Texts with names in braces, such as `{station}/temperature`, and patterns of topics that give those names."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext_noop as _

from allmende.connectors.readings import Unmapped

NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Template:
    """A text made ready; braces that are no name stay as they are."""

    __slots__ = ("_parts", "names", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = NAME.split(text)  # text, name, text, name, …, text
        self.names = frozenset(self._parts[1::2])

    def fill(self, names: Mapping[str, str]) -> str:
        """The text with the names in it; one that is not known stays as it is."""
        parts = self._parts
        if len(parts) == 1:
            return self.text
        if len(parts) == 3:  # by far the commonest
            return parts[0] + names.get(parts[1], parts[1]) + parts[2]
        return "".join(names.get(part, part) if at % 2 else part for at, part in enumerate(parts))


def filled(text: str, names: Mapping[str, str]) -> str:
    """The text with `{name}` replaced; other braces stay as they are."""
    return NAME.sub(lambda name: names.get(name[1], name[0]), text)


class TopicPattern:
    """`town/{station}/weather`: a name takes one level, `+` any one level, `#` the rest."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.names = NAME.findall(pattern)
        if len(self.names) != len(set(self.names)):
            raise Unmapped(_("The pattern %(pattern)s uses a name twice."), pattern=pattern)
        parts = pattern.split("/")
        if "#" in parts[:-1]:
            raise Unmapped(_("In the pattern %(pattern)s the sign # may only stand at the end."), pattern=pattern)
        whole = "/".join(_part(part) for part in parts if part != "#")
        rest = "" if parts[-1] != "#" else "(?:/.*)?" if len(parts) > 1 else ".*"  # a/# is a as well (MQTT 5, 4.7.1.2)
        self._fits = re.compile(whole + rest, re.DOTALL)

    @property
    def subscription(self) -> str:
        """The MQTT topic filter that the pattern stands for."""
        return "/".join("+" if NAME.fullmatch(part) else part for part in self.pattern.split("/"))

    def read(self, topic: str) -> dict[str, str]:
        """The names in a topic. Raises Unmapped."""
        match = self._fits.fullmatch(topic)
        if match is None:
            raise Unmapped(
                _("The topic %(topic)s does not fit the pattern %(pattern)s."), topic=topic, pattern=self.pattern
            )
        return match.groupdict()


def _part(part: str) -> str:
    name = NAME.fullmatch(part)
    if name:
        return f"(?P<{name[1]}>[^/]+)"
    return "[^/]*" if part == "+" else re.escape(part)
