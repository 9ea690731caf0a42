"""What the paired statistic hands over; any object with these numbers will do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Difference(Protocol):
    """Joint against twin on one task and one set of questions, over S seeds."""

    @property
    def twin(self) -> float:
        """The metric of the twin, mean over seeds."""
        ...

    @property
    def joint(self) -> float:
        """The metric of the joint model, mean over seeds."""
        ...

    @property
    def difference(self) -> float:
        """Mean over seeds of joint − twin, signed so that positive is better."""
        ...

    @property
    def standard_error(self) -> float:
        """Of the difference: root of the sum of the two variances."""
        ...

    @property
    def degrees(self) -> float:
        """Degrees of freedom of its t interval."""
        ...

    @property
    def unit_variance(self) -> float:
        """Its variance over samples of units."""
        ...

    @property
    def seed_variance(self) -> float:
        """Its variance over draws of the seeds (that of one seed, divided by S)."""
        ...

    @property
    def units(self) -> int:
        """How many units were resampled."""
        ...

    @property
    def seeds(self) -> int:
        """S."""
        ...


@dataclass(frozen=True)
class Same:
    """The twin against itself: no difference, and no doubt about it."""

    twin: float
    units: int
    seeds: int
    difference: float = 0.0
    standard_error: float = 0.0
    degrees: float = float("inf")
    unit_variance: float = 0.0
    seed_variance: float = 0.0

    @property
    def joint(self) -> float:
        """What ships is the twin."""
        return self.twin
