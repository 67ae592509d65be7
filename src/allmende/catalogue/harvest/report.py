"""What a run brought, counted while it goes on."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

_MOST_NAMED = 50


@dataclass(slots=True)
class Report:
    """Counts of datasets; versions: that were loaded anew; problems: (which dataset, what), the first fifty; broken:
    why the run did not come to its end, empty where it did."""

    found: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    twice: int = 0
    versions: int = 0
    problems_total: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    broken: str = ""

    def problem(self, where: str, what: str) -> None:
        """Notes that something of one dataset could not be taken; the run goes on."""
        self.problems_total += 1
        if len(self.problems) < _MOST_NAMED:
            self.problems.append((where[:300], what[:300]))

    @property
    def nothing_new(self) -> bool:
        """Whether everything is as it was."""
        return not (self.added or self.changed or self.gone or self.versions)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        return cls(**{**plain, "problems": [(where, what) for where, what in plain.get("problems", ())]})
