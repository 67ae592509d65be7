"""Numbers that stand for «no value», such as -9999: told from measurements by how far off the rest they lie."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

SUSPECTS = (
    -99999.0,
    -9999.0,
    -9999.9,
    -999.0,
    -999.9,
    -999.99,
    -99.0,
    -99.9,
    9999.0,
    99999.0,
    999999.0,
    -32768.0,
    32767.0,
)
_SUSPECTS = np.array(SUSPECTS)


@dataclass(slots=True)
class Range:
    """Seen of a value column so far: counts of each suspect, least and largest of the others."""

    least: float = np.inf
    largest: float = -np.inf
    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(_SUSPECTS), dtype=np.int64))

    def see(self, values: npt.NDArray[np.float64]) -> None:
        """Takes more values in, (n,)."""
        if not len(values):
            return
        if values.min() <= -99.0 or values.max() >= 9999.0:  # else there is nothing to suspect
            suspect = np.isin(values, _SUSPECTS)
            if suspect.any():
                self.counts += (values[suspect][:, None] == _SUSPECTS).sum(axis=0)
                values = values[~suspect]
        if len(values):
            self.least, self.largest = min(self.least, values.min()), max(self.largest, values.max())

    def sentinels(self) -> dict[float, int]:
        """The suspects that are none of the measurements, with their counts: each lies further off than the rest is
        wide, and at least 50 away."""
        if self.least > self.largest:
            return {}
        off = np.where(self.least > _SUSPECTS, self.least - _SUSPECTS, _SUSPECTS - self.largest)
        far = off > max(50.0, self.largest - self.least)
        return {
            float(number): int(count)
            for number, count, is_far in zip(_SUSPECTS, self.counts, far, strict=True)
            if count and is_far
        }
