"""What a client of CKAN asks with: an action's parameters, from the query or a JSON body, and what may be wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allmende.accounts.actors import Actor
from allmende.catalogue import dcat

LARGEST_PAGE = 1000


class ActionFault(Exception):
    """An answer that is an error. kind: as CKAN names it; fields: faults by parameter."""

    def __init__(self, status: int, kind: str, message: str, fields: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.fields = status, kind, message, dict(fields or {})

    def to_json(self) -> dict[str, Any]:
        """CKAN's error object."""
        said = {"__type": self.kind} | self.fields
        return said if self.fields else said | {"message": self.message}


def not_found(message: str = "Not found") -> ActionFault:
    """404."""
    return ActionFault(404, "Not Found Error", message)


def invalid(name: str, message: str) -> ActionFault:
    """409: a parameter cannot be used."""
    return ActionFault(409, "Validation Error", message, {name: [message]})


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and with what."""

    actor: Actor
    given: Mapping[str, Any]
    town: dcat.TownFacts

    def text(self, name: str, otherwise: str = "") -> str:
        """A text; numbers are read as such."""
        value = self.given.get(name, otherwise)
        return value if isinstance(value, str) else otherwise if value is None else str(value)

    def required(self, *names: str) -> str:
        """The first of these that is given. Raises ActionFault."""
        for name in names:
            if value := self.text(name):
                return value
        raise invalid(names[0], "Missing value")

    def number(self, name: str, otherwise: int, most: int = 10**9) -> int:
        """A whole number from 0; more than the most counts as the most. Raises ActionFault."""
        value = self.given.get(name)
        if value is None or value == "":
            return otherwise
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise invalid(name, "Invalid integer") from None
        if number < 0:
            raise invalid(name, "Must be a natural number")
        return min(number, most)

    def flag(self, name: str, otherwise: bool = False) -> bool:
        """Yes or no."""
        value = self.given.get(name)
        if value is None or value == "":
            return otherwise
        return str(value).strip().lower() in ("true", "1", "yes", "on", "t", "y")

    def listed(self, name: str) -> list[str]:
        """A list, a JSON list in a text, or words with commas between."""
        value = self.given.get(name)
        if isinstance(value, str) and value.lstrip().startswith("["):
            value = _from_json(name, value)
        if isinstance(value, str):
            return [each.strip() for each in value.split(",") if each.strip()]
        return [str(each) for each in value] if isinstance(value, list) else []

    def mapping(self, name: str) -> dict[str, Any]:
        """An object, or one as JSON in a text. Raises ActionFault."""
        value = self.given.get(name)
        if isinstance(value, str) and value.strip():
            value = _from_json(name, value)
        if value in (None, ""):
            return {}
        if not isinstance(value, dict):
            raise invalid(name, "Must be a dictionary")
        return value


def _from_json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise invalid(name, "Cannot parse JSON") from None
