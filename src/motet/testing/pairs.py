"""Paired comparisons with a known truth: what intervals are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from motet.evaluate import PairedDifference, Predictions, compare
from motet.schema import Number

LEVEL = 10.0
"""The twin's mean absolute error."""


@dataclass(frozen=True)
class World:
    """How joint and twin truly differ. Variances are of the mean over all users, so that they can be compared.

    effect: the true difference, in standard errors of the users. seeds: variance between seeds. luck: of users who fare
    better with one seed and worse with another. Both as multiples of the users' own variance, which is 1 / users.
    """

    users: int = 200
    effect: float = 0.0
    seeds: float = 0.0
    luck: float = 0.0

    @property
    def truth(self) -> float:
        """The true difference, positive where joint is better."""
        return self.effect / np.sqrt(self.users)

    def draw(self, rng: np.random.Generator, seeds: int) -> PairedDifference:
        """Return a comparison over so many seeds, judged by mae."""
        own_u = rng.normal(0, 1, self.users)
        seed_s = rng.normal(0, np.sqrt(self.seeds / self.users), seeds)
        luck_su = rng.normal(0, np.sqrt(self.luck), (seeds, self.users))
        difference_su = self.truth + own_u + seed_s[:, None] + luck_su
        twin = _errors(np.full((seeds, self.users), LEVEL))
        return compare(_errors(LEVEL - difference_su), twin)


def coverage(world: World, *, seeds: int, draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return how often the 95 % interval holds the truth, and its median width in standard errors of the users."""
    held, width = [], []
    for _ in range(draws):
        low, high = world.draw(rng, seeds).interval()
        held.append(low <= world.truth <= high)
        width.append((high - low) * np.sqrt(world.users))
    return float(np.mean(held)), float(np.median(width))


def _errors(error_su: np.ndarray) -> Sequence[Predictions]:
    """Predictions per seed that are off by these errors."""
    unit_n = np.arange(error_su.shape[1]).astype(str)
    blank = np.zeros(error_su.shape[1], np.float32)
    task = Number(name="number", column="number")
    return [Predictions(task, "number", unit_n, score=row.astype(np.float32), label=blank) for row in error_su]
