"""What a source says of one of its datasets, before it becomes one of ours."""

from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Self

import msgspec

LocalText = dict[str, str]


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A way to the data. kind: a format such as csv, or `features` and `datastreams` for what comes in pages."""

    url: str
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A dataset elsewhere. remote: how the source names it, for ever; page: where people read of it."""

    remote: str
    title: LocalText
    description: LocalText = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    licence: str = ""
    attribution: str = ""
    contact_name: str = ""
    contact_email: str = ""
    place: str = ""
    place_uri: str = ""
    begins: str = ""
    ends: str = ""
    frequency: str = ""
    page: str = ""
    files: tuple[RemoteFile, ...] = ()

    @property
    def digest(self) -> str:
        """Changes exactly when what the source says changes."""
        return sha256(msgspec.json.encode(asdict(self), order="sorted")).hexdigest()

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()
        }
        given["files"] = tuple(RemoteFile(**each) for each in plain.get("files", ()))
        return cls(**given)
