"""The small line beside a live figure: the last day without axes, as decoration beside the number."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 200.0, 48.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Unbroken pieces of a line, as points of an SVG of 200 × 48."""

    pieces: tuple[str, ...]


def sparkline(values: Sequence[float | None]) -> Sparkline | None:
    """The line of equally spaced values; None values break it. None when there are fewer than two values."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    height = (high - low) or 1.0
    pieces: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            pieces.append([])
            continue
        x = place / (len(values) - 1) * WIDTH
        y = HEIGHT - 2 - (value - low) / height * (HEIGHT - 4) if high > low else HEIGHT / 2
        pieces[-1].append(f"{x:.1f},{y:.1f}")
    return Sparkline(tuple(" ".join(piece) for piece in pieces if len(piece) > 1))
