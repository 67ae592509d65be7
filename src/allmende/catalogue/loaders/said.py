"""Things said about a file, as code and parameters, so that the child needs no translations; `words` has the texts."""

from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence to be: code names its text in `words.WORDS`, params fill it."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, code: str, **params: Any) -> Self:
        """`Said.of("gzip", unpacked=5)`."""
        return cls(code, params)

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "params": self.params}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        return cls(plain["code"], plain["params"])


class Unreadable(Exception):
    """The file cannot be read, or not safely. said: why, for people; nothing of the file was kept."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}")
        self.said = Said(code, params)
