"""What the gate says: findings, each with its weight and what would help."""

from dataclasses import dataclass, field
from typing import Any, Self

STOP, WARN, NOTE = "stop", "warn", "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that speaks against publishing. weight: stop (not without a remedy or a second person), warn, or note;
    columns: names; count: cells or rows; remedies: kinds of `remedies` that would help."""

    weight: str
    code: str
    columns: tuple[str, ...] = ()
    count: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    remedies: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "weight": self.weight,
            "code": self.code,
            "columns": list(self.columns),
            "count": self.count,
            "params": self.params,
            "remedies": list(self.remedies),
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        return cls(
            plain["weight"],
            plain["code"],
            tuple(plain["columns"]),
            plain["count"],
            plain["params"],
            tuple(plain["remedies"]),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one table. people: whether its rows are taken to be about people, and why."""

    findings: tuple[Finding, ...] = ()
    people: bool = False
    people_why: str = ""

    @property
    def stops(self) -> bool:
        """Whether it must not be published as it is."""
        return any(each.weight == STOP for each in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "findings": [each.to_json() for each in self.findings],
            "people": self.people,
            "people_why": self.people_why,
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        findings = tuple(Finding.from_json(each) for each in plain.get("findings", ()))
        return cls(findings, plain.get("people", False), plain.get("people_why", ""))


__all__ = ["NOTE", "STOP", "WARN", "Finding", "Verdict"]
