"""Look-ahead affinities in a unit that all tasks share: what another task's step gives, in parts of one's own step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

MOST = 2.0
"""Larger gains and losses are cut here: beyond it a ratio says more about a small divisor than about the tasks."""
LEAST_OWN = 0.1
"""A task whose own step gains next to nothing is measured by this share of what is usual among the tasks, or by the
standard error of its own gain, if that is larger."""
CLEAR = 0.1
"""A harm that is smaller than this share of a task's own step is nobody's concern."""
ERRORS = 3.0
"""Standard errors that make a gain or loss clear: many pairs are looked at, a few times each."""


@dataclass(frozen=True)
class Gain:
    """What another task's step does to a task, in parts of what its own step does: 1 helps as much as that.

    error: standard error of the mean over looks; infinite where there were fewer than two. Both NaN: never measured.
    """

    value: float = math.nan
    error: float = math.nan

    @property
    def known(self) -> bool:
        """Whether it was measured."""
        return math.isfinite(self.value)

    @property
    def harms(self) -> bool:
        """Whether it is a clear loss: by more than three standard errors, and large enough to matter."""
        return self.known and self.value < -CLEAR and self.value + ERRORS * self.error < 0

    @property
    def helps(self) -> bool:
        """Whether it is a clear gain, by the same measure."""
        return self.known and self.value > CLEAR and self.value - ERRORS * self.error > 0


def relative_gains(looks: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[tuple[str, str], Gain]:
    """Return (source, target) → gain.

    looks: several measurements of source → target → look-ahead affinity, a task's affinity to itself among them.
    """
    seen: dict[tuple[str, str], list[float]] = {}
    for look in looks:
        for source, targets in look.items():
            for target, value in targets.items():
                seen.setdefault((source, target), []).append(value)
    own = {source: values for (source, target), values in seen.items() if source == target}
    usual = median(abs(fmean(values)) for values in own.values()) if own else 0.0
    unit = {task: max(abs(fmean(values)), LEAST_OWN * usual, _error(values)) for task, values in own.items()}
    return {
        (source, target): _gain(values, unit[target])
        for (source, target), values in seen.items()
        if source != target and unit.get(target, 0.0) > 0
    }


def _gain(values: Sequence[float], unit: float) -> Gain:
    error = _error(values) / unit if len(values) > 1 else math.inf
    return Gain(max(-MOST, min(MOST, fmean(values) / unit)), error)


def _error(values: Sequence[float]) -> float:
    return stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
