"""Rows of the table: what was measured, against what, and whether it is enough."""

from dataclasses import dataclass


@dataclass
class Row:
    """figure and against in words; ratio compared with the target: at least, or at most when `most` is set."""

    name: str
    figure: str
    against: str
    ratio: float
    target: float
    most: bool = False
    unit: str = ""

    @property
    def holds(self) -> bool:
        return self.ratio <= self.target if self.most else self.ratio >= self.target

    def line(self) -> str:
        sign = "≤" if self.most else "≥"
        verdict = "holds" if self.holds else "falls short"
        cells = (
            self.name,
            self.figure,
            self.against,
            f"{self.ratio:.2f}{self.unit}",
            f"{sign} {self.target:g}{self.unit}",
        )
        return f"| {' | '.join(cells)} | {verdict} |"


HEAD = "| what | figure | limit or peer | ratio | target | |\n| --- | --- | --- | --- | --- | --- |"


def si(number: float) -> str:
    """1234567 → 1.23 M."""
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(number) >= size:
            return f"{number / size:.3g}{letter}"
    return f"{number:.3g}"
