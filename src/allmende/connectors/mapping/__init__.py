"""From a message to observations, declared and not programmed: where the time is, where each value is, what it means.

A pattern such as `town/{station}/weather` names parts of the topic; keys such as `{station}/temperature` use the names.
"""

from allmende.connectors.mapping.mapper import Mapper
from allmende.connectors.mapping.rules import Mapping, Register, ValueRule

__all__ = ["Mapper", "Mapping", "Register", "ValueRule"]
